"""What goes into and comes out of the task list: scope, filters, cursor, rows. No database."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from bpmn.errors import InvalidInputError

Scope = Literal["mine", "queue", "all"]
"""My tasks; the queues of my positions; every open task of the cases that I may see."""
State = Literal["over", "soon", "paused"]
Holder = Literal["free", "me", "others"]


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


class ClockRow(NamedTuple):
    """What a list needs of the clock that a task runs against (`handlers.clocks.tables.CaseClock`)."""

    status: str
    limit_value: int
    limit_unit: str
    limit_reading: str
    calendar_code: str
    total_us: int
    due_at: datetime
    remaining_us: int | None
    provisional: bool
    pause_kind: str | None
    paused_until: datetime | None


class Row(NamedTuple):
    """One open task with what a list shows of its case, in the order of `rows.COLUMNS`.

    Fields of the case and of the holder are None where there is none.
    """

    task_id: int
    instance_id: str
    business_key: str
    process_key: str
    element_id: str
    name: str
    status: str
    assignee: str | None
    claimed_at: datetime | None
    due_at: datetime | None
    sort_at: datetime
    created_at: datetime
    priority: int
    case_number: str | None
    category_code: str | None
    category_name: str | None
    title: str | None
    address: str | None
    community_code: str | None
    community_name: str | None
    community_name_en: str | None
    assignee_name: str | None
    assignee_name_en: str | None
    is_candidate: bool
    """It waits in one of the viewer's queues, or for the viewer by name."""
    is_excluded: bool
    """The viewer did an earlier step and may not do this one (separation of duties)."""
    clock: ClockRow | None = None

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
