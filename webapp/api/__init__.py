"""The REST API, version 1: tasks, cases, external tasks, messages, deployments, incidents.

Resources only translate; the work is done by the services of `bpmn` and `handlers`. Every writing request may carry
an `Idempotency-Key`; errors are problem documents (RFC 9457).
"""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from webapp.api import cases, deployments, document, external, incidents, messages, tasks
from webapp.security import csrf

PARTS = (tasks, cases, external, messages, deployments, incidents)


class _Api(Api):
    """Errors are answered by `webapp.errors` for the whole site."""

    def _register_error_handlers(self) -> None:
        return


def init_app(app: Flask) -> None:
    """Register the resources and the OpenAPI document. The session cookie is guarded by the origin of the request."""
    app.config.update(API_TITLE="GridWhistle", API_VERSION="1", OPENAPI_VERSION="3.1.0", API_SPEC_OPTIONS=document.SPEC)
    api = _Api(app)
    for part in PARTS:
        api.register_blueprint(part.blueprint)
        csrf.exempt(part.blueprint)
    document.finish(api.spec)
    app.extensions["gridwhistle.openapi"] = api.spec
    app.register_blueprint(document.blueprint)
