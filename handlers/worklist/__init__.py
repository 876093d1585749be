"""The task list: which open tasks a person sees, in what order, with case and clock beside each.

Reads only, never the engine; cost follows the page and not the number of open tasks. Claiming and completing
are `bpmn.tasks`; what a case may show is `handlers.permissions`.
"""

from __future__ import annotations

from handlers.worklist.counts import CAP, Own, Seen, own, seen
from handlers.worklist.facets import Facets, facets
from handlers.worklist.pages import page, row_of
from handlers.worklist.values import Cursor, Filters, Page, Row, Scope

__all__ = [
    "CAP",
    "Cursor",
    "Facets",
    "Filters",
    "Own",
    "Page",
    "Row",
    "Scope",
    "Seen",
    "facets",
    "own",
    "page",
    "row_of",
    "seen",
]
