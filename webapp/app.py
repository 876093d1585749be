"""The Flask application: puts the parts together and refuses to start when a route declares no rule.

Owns no behaviour of its own. Processes that serve it are `webapp.wsgi` (gunicorn) and `gridwhistle serve`.
"""

from __future__ import annotations

from flask import Flask, Response, send_from_directory

from webapp import access, assets, bodies, clock, db, errors, i18n, logs, metrics, navigation, parts, security, units
from webapp.access import PUBLIC, may
from webapp.config import Config


def create_app(config: Config) -> Flask:
    """A ready application. Opens no database connection and starts no thread.

    :raises RuntimeError: a route has no rule.
    """
    app = Flask(__name__, static_folder=None)
    app.secret_key = config.secret_key
    app.extensions["gridwhistle.config"] = config
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    logs.init_app(app)
    metrics.init_app(app)
    db.init_app(app, config.database_url, config.pool_size)
    i18n.init_app(app)
    clock.init_app(app)
    security.init_app(app, config)
    assets.init_app(app)
    access.init_app(app)
    navigation.init_app(app)
    units.init_app(app)
    errors.init_app(app)
    bodies.init_app(app)
    app.add_url_rule("/static/<path:filename>", "static", _static)
    parts.register(app)
    access.refuse_routes_without_rule(app)
    return app


@may(PUBLIC)
def _static(filename: str) -> Response:
    """Built files carry their hash in the name and never change; everything else is asked for again."""
    response = send_from_directory(assets.STATIC, filename, conditional=True)
    is_hashed = filename.startswith("dist/assets/")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
    return response
