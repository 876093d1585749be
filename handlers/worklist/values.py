"""What goes into and comes out of the task list: scope, filters, cursor, rows. No database."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bpmn.errors import InvalidInputError

Scope = Literal["mine", "queue", "all"]
"""My tasks; the queues of my positions; every open task of the cases that I may see."""
State = Literal["over", "soon", "paused"]
Holder = Literal["free", "me", "others"]

SOON = 0.8
"""The share of a limit from which on a task is due soon."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrows a list; an empty field narrows nothing. `text` is a case number or part of a place or category."""

    steps: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    holder: Holder | None = None
    state: State | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """True when nothing is narrowed."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the sort moment and the task id, both part of the order."""

    sort_at: datetime
    task_id: int

    def encode(self) -> str:
        """Text for an address; not secret, not stable over versions."""
        plain = f"{self.sort_at.isoformat()}|{self.task_id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read it back.

        :raises InvalidInputError: it was not made by `encode`.
        """
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            at, task_id = plain.split("|")
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None or not 0 <= int(task_id) < 2**63:
                raise ValueError
            return cls(moment, int(task_id))
        except (ValueError, binascii.Error) as error:
            sentences = ("翻页位置无效，请从第一页开始。", "The page position is not valid; start from the first page.")
            raise InvalidInputError(fields={"after": [sentences]}) from error


@dataclass(frozen=True, slots=True)
class ClockRow:
    """The clock that the task runs against, as stored."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One open task with what a list shows of its case. Fields of the case are empty where there is none."""

    task_id: int
    wait_key: str
    instance_id: str
    business_key: str
    process_key: str
    element_id: str
    scope_id: str
    name: str
    status: str
    assignee: str | None
    assignee_name: str
    assignee_name_en: str
    claimed_at: datetime | None
    due_at: datetime | None
    due_ref: str | None
    sort_at: datetime
    created_at: datetime
    priority: int
    case_number: str | None
    category_code: str
    category_name: str
    title: str
    address: str
    community_code: str | None
    community_name: str
    community_name_en: str
    urgency: str
    case_status: str
    clock: Any = None
    """The row of `handlers.clocks` that the task follows, or None."""

    @property
    def cursor(self) -> Cursor:
        """The position of this row."""
        return Cursor(self.sort_at, self.task_id)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order. `next` leads on; `is_partial`: the search stopped early and `next` goes on searching."""

    rows: tuple[Row, ...]
    next: Cursor | None
    is_partial: bool = False
