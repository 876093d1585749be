"""The application object for gunicorn: `gunicorn webapp.wsgi:app`. Settings come from the environment."""

from __future__ import annotations

from webapp import process
from webapp.app import create_app
from webapp.config import Config

config = Config.from_env()
process.prepare(config)
app = create_app(config)
