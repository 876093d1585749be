"""Remembers what a page may show a few seconds late: the choices of filters and the number of the widest list.

Ages by the service's clock. Nothing that a person has just changed themselves belongs here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import current_app

T = TypeVar("T")

KEPT_FOR = timedelta(seconds=15)
MOST = 2000


def remembered(key: Hashable, now: datetime, read: Callable[[], T]) -> T:
    """What `read` answered for `key` within the last seconds, else its answer now."""
    kept: dict[Hashable, tuple[datetime, Any]] = current_app.extensions.setdefault("gridwhistle.recent", {})
    found = kept.get(key)
    if found is not None and timedelta(0) <= now - found[0] < KEPT_FOR:
        value: T = found[1]
        return value
    fresh = read()
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = (now, fresh)
    return fresh
