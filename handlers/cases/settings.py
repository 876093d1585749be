"""What the cases need to know of the installation: where photos lie, the letters of the city, the contact key.

Set once at start by `webapp` or a tool; the defaults read the same environment variables as `webapp.config`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    uploads: Path
    """Folder of the photo store. Not served by any static route."""
    secret: str
    """The installation's secret; the key of reporters' contacts is derived from it."""
    city_letters: str = "HZ"
    """How case numbers begin."""
    photo_bytes: int = 10 * 1024 * 1024
    case_photo_bytes: int = 50 * 1024 * 1024


_configured: list[Settings] = []


def configure(settings: Settings) -> None:
    """Use `settings` from now on, in this process."""
    _configured[:] = [settings]


def current() -> Settings:
    """The settings in use; from the environment when nobody configured any."""
    if _configured:
        return _configured[0]
    var = Path(os.environ.get("GRIDWHISTLE_VAR", "var"))
    return Settings(uploads=var.absolute() / "uploads", secret=_secret(var))


def _secret(var: Path) -> str:
    """The variable, else the secret that `webapp.config` keeps for this installation."""
    given, kept = os.environ.get("GRIDWHISTLE_SECRET_KEY"), var / "secret.key"
    if given:
        return given
    return kept.read_text("ascii").strip() if kept.is_file() else "development only"
