"""Waiting for something observable, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], *, within: float = 30.0, every: float = 0.02) -> T:
    """Ask `condition` until it answers something true, and return that.

    :raises AssertionError: it did not within `within` seconds.
    """
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {getattr(condition, '__qualname__', condition)}")
        time.sleep(every)  # poll
