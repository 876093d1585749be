"""Reading cases: one by number, lists by page, what is related. Never touches the engine, never writes.

What a person may see is a condition made by `handlers.permissions` and handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, false, func, or_, select, tuple_
from sqlalchemy.orm import Session

from bpmn.errors import NotFoundError
from handlers.cases import states
from handlers.cases.duplicates import Nearby, nearby
from handlers.cases.tables import Case, CaseLink

PAGE: Final = 50
MOST: Final = 200
RELATED_RADIUS_M: Final = 300.0
RELATED_WITHIN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Page:
    """Cases newest first; `after` is where the next page begins, None at the end."""

    cases: Sequence[Case]
    after: tuple[datetime, str] | None


def get(session: Session, number: str) -> Case:
    """:raises NotFoundError: there is no such case."""
    case = session.get(Case, number)
    if case is None:
        raise NotFoundError(what="case")
    return case


def by_numbers(session: Session, numbers: Collection[str]) -> Mapping[str, Case]:
    """The cases of a page of tasks, in one statement."""
    if not numbers:
        return {}
    return {case.number: case for case in session.scalars(select(Case).where(Case.number.in_(numbers)))}


def page(
    session: Session,
    visible: ColumnElement[bool],
    *,
    statuses: Collection[str] = (),
    text: str = "",
    community_code: str | None = None,
    lead_unit: str | None = None,
    reporter_id: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of the cases that `visible` (a condition of `permissions.case_filter`) lets through."""
    query = select(Case).where(visible)
    if statuses:
        query = query.where(Case.status.in_(statuses))
    if text.strip():
        query = query.where(_matches(text.strip()[:100]))
    for column, value in (
        (Case.community_code, community_code),
        (Case.lead_unit, lead_unit),
        (Case.reporter_id, reporter_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(tuple_(Case.reported_at, Case.number) < after)
    limit = max(1, min(limit, MOST))
    rows = list(session.scalars(query.order_by(Case.reported_at.desc(), Case.number.desc()).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, (rows[-1].reported_at, rows[-1].number) if more else None)


def counts(session: Session, visible: ColumnElement[bool]) -> Mapping[str, int]:
    """How many cases there are in each status; every status is named."""
    found = session.execute(select(Case.status, func.count()).where(visible).group_by(Case.status))
    return dict.fromkeys(states.NAMES, 0) | {row[0]: row[1] for row in found}


def related(session: Session, case: Case, *, now: datetime, limit: int = 6) -> Sequence[Nearby]:
    """Other cases near in place and time, and those it is linked to, nearest first."""
    linked = set(
        session.scalars(select(CaseLink.target).where(CaseLink.case_number == case.number, CaseLink.kind == "case"))
    )
    linked |= set(
        session.scalars(select(CaseLink.case_number).where(CaseLink.kind == "case", CaseLink.target == case.number))
    )
    near = nearby(
        session,
        case.lon,
        case.lat,
        None,
        now,
        radius_m=RELATED_RADIUS_M,
        within=max(RELATED_WITHIN, now - case.reported_at + RELATED_WITHIN),
        except_number=case.number,
        limit=limit,
    )
    missing = linked - {item.case.number for item in near}
    return [*(Nearby(other, 0.0) for other in by_numbers(session, missing).values()), *near][:limit]


def _matches(text: str) -> ColumnElement[bool]:
    """Number (or its end), title, address and category; wildcards in `text` mean themselves."""
    if not text:
        return false()
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(*(column.ilike(pattern) for column in (Case.number, Case.title, Case.address, Case.category_name)))
