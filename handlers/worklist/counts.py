"""How many: the numbers beside the views, each counted up to a cap, so that a long queue costs no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from bpmn.database import Moment
from handlers import permissions
from handlers.org import Viewer
from handlers.worklist import rows, sources
from handlers.worklist.values import Scope

CAP = 1000
"""A count that reaches this is shown as 999+."""
SOON_AMONG = 500
LOOK_AT = 1000
"""Among how many tasks those of visible cases are counted."""


@dataclass(frozen=True, slots=True)
class Own:
    """Open tasks of one's own views; a number equal to `CAP` means that many or more.

    `soon` counts among the first `SOON_AMONG` tasks that are not overdue.
    """

    mine: int
    queue: int
    over: int
    soon: int
    paused: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Open tasks of the cases that a person may see. `is_a_part`: there are more tasks in the town than the
    `LOOK_AT` that were looked at, so that the numbers are lower bounds."""

    all: int
    over: int
    soon: int
    paused: int
    is_a_part: bool


def own(session: Session, *, viewer: Viewer, now: datetime, scope: Scope) -> Own:
    """The numbers of `mine` and `queue`, and the states within `scope` (for `all`: within the queue). One statement."""
    parameters = sources.parameters(viewer) | {"now": now}
    row = session.execute(_own("queue" if scope == "all" else scope), parameters).one()
    return Own(row.mine, row.queue, row.over, row.soon, row.paused)


def seen(session: Session, *, viewer: Viewer, now: datetime) -> Seen:
    """The numbers of the scope `all`. One statement."""
    row = session.execute(_seen(viewer), sources.parameters(viewer) | {"now": now}).one()
    is_part = row.everything >= LOOK_AT and row.all < CAP
    return Seen(row.all, row.over, row.soon, row.paused, is_part)


NOW = bindparam("now", type_=Moment())


@cache
def _own(scope: Scope) -> Select[int, int, int, int, int]:
    """Numbers that need no question about cases: index look-ups, each up to the cap. Built once."""
    soon = rows.with_case(
        select(literal_column("1").label("one")),
        sources.found(scope, after=sources.Position(NOW, 0), window=SOON_AMONG).subquery(),
    ).where(rows.state_condition("soon", NOW))
    return select(
        _number(sources.found("mine", window=CAP)).label("mine"),
        _number(sources.found("queue", window=CAP)).label("queue"),
        _number(sources.found(scope, until=NOW, window=CAP)).label("over"),
        _number(soon).label("soon"),
        _number(sources.found(scope, after=sources.STANDING, window=CAP)).label("paused"),
    )


def _seen(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    whole = sources.found("all", window=LOOK_AT)
    later = sources.found("all", after=sources.Position(NOW, 0), window=SOON_AMONG)
    return select(
        _number(whole).label("everything"),
        _number(_visible(viewer, whole)).label("all"),
        _number(_visible(viewer, sources.found("all", until=NOW, window=LOOK_AT))).label("over"),
        _number(_visible(viewer, later).where(rows.state_condition("soon", NOW))).label("soon"),
        _number(_visible(viewer, sources.found("all", after=sources.STANDING, window=LOOK_AT))).label("paused"),
    )


def _visible(viewer: Viewer, found: sources.Ordered) -> Select[*tuple[Any, ...]]:
    statement = rows.with_case(select(literal_column("1").label("one")), found.subquery())
    return statement.where(permissions.case_filter(viewer)).limit(CAP)


def _number(found: Select[*tuple[Any, ...]]) -> ScalarSelect[int]:
    return select(func.count()).select_from(found.subquery()).scalar_subquery()
