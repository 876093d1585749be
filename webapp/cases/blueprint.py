"""The blueprint of case pages; its views stand in `views`, `photo_views` and `map_views`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cases", __name__)
