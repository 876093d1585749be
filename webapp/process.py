"""What every long-running process of the service does first: logs, the domain's handlers, the domain's settings."""

from __future__ import annotations

import handlers
from handlers.cases import settings
from webapp import logs
from webapp.config import Config


def prepare(config: Config) -> None:
    """Make this process able to execute diagrams. Calling it again changes nothing."""
    logs.configure(config.log_level)
    settings.configure(settings.Settings(uploads=config.var / "uploads", secret=config.secret_key))
    handlers.load()
