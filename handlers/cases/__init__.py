"""Cases: from a reported problem to its closing.

The functions other packages call most are re-exported; photos, links, lists and contacts are modules of their own.
What happens at each step of the diagram is `handlers.cases.steps`, registered by `handlers.load`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handlers.cases.duplicates import Nearby, nearby
    from handlers.cases.events import record, timeline
    from handlers.cases.queries import by_numbers, get
    from handlers.cases.reports import report
    from handlers.cases.validation import Report

_HOMES = {
    "Nearby": "duplicates",
    "Report": "validation",
    "by_numbers": "queries",
    "get": "queries",
    "nearby": "duplicates",
    "record": "events",
    "report": "reports",
    "timeline": "events",
}


def __getattr__(name: str) -> Any:
    """Load a function's module when it is first used: the tables alone must not need catalogue and engine."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = ["Nearby", "Report", "by_numbers", "get", "nearby", "record", "report", "timeline"]
