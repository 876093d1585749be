"""The demo town for the tests of this folder."""

from __future__ import annotations

from tests.support.towns import town, town_database

__all__ = ["town", "town_database"]
