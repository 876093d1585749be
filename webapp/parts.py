"""The list of blueprints. A new part of the site is one line here."""

from __future__ import annotations

from flask import Flask

from webapp import api
from webapp.admin.views import blueprint as admin
from webapp.auth.views import blueprint as auth
from webapp.cases.views import blueprint as cases
from webapp.live.views import blueprint as live
from webapp.ops.views import blueprint as ops
from webapp.report.views import blueprint as report
from webapp.tasklist.views import blueprint as tasklist
from webapp.tasks.views import blueprint as tasks

BLUEPRINTS = (auth, tasklist, tasks, cases, report, admin, live, ops)


def register(app: Flask) -> None:
    """Register every part of the site and the API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.init_app(app)
