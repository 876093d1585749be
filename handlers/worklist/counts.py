"""How many: the numbers beside the views, each counted up to a cap, so that a long queue costs no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, and_, func, literal_column, select
from sqlalchemy.orm import Session

from bpmn.tables import UserTask
from handlers import permissions
from handlers.cases.tables import Case
from handlers.org import Viewer
from handlers.worklist import rows, sources
from handlers.worklist.values import Scope

CAP = 1000
"""A count that reaches this is shown as 999+."""
LOOK_AT = 5000
"""How many tasks the counts of a state look at."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Open tasks by view; a number equal to `CAP` means that many or more."""

    mine: int
    queue: int
    all: int
    over: int
    soon: int
    paused: int


def counts(session: Session, *, viewer: Viewer, now: datetime, scope: Scope) -> Counts:
    """All numbers of the page in one statement; over, soon and paused are those of `scope`."""
    row = session.execute(
        select(
            _plain("mine", viewer, None).label("mine"),
            _plain("queue", viewer, None).label("queue"),
            _all(viewer).label("all"),
            (_plain(scope, viewer, now) if scope != "all" else _of_state(scope, viewer, "over", now)).label("over"),
            _of_state(scope, viewer, "soon", now).label("soon"),
            _of_state(scope, viewer, "paused", now).label("paused"),
        )
    ).one()
    return Counts(row.mine, row.queue, row.all, row.over, row.soon, row.paused)


def _plain(scope: Scope, viewer: Viewer, until: datetime | None) -> ScalarSelect[int]:
    source = sources.found(scope, person_id=viewer.person_id, groups=viewer.groups, until=until, window=CAP)
    return select(func.count()).select_from(source.element.subquery()).scalar_subquery()


def _all(viewer: Viewer) -> ScalarSelect[int]:
    window = sources.found("all", person_id=viewer.person_id, groups=viewer.groups, window=LOOK_AT)
    source = window.element.subquery()
    capped = (
        select(literal_column("1").label("one"))
        .select_from(source)
        .join(UserTask, UserTask.id == source.c.task_id)
        .join(Case, and_(Case.number == UserTask.business_key, permissions.case_filter(viewer)))
        .limit(CAP)
        .subquery()
    )
    return select(func.count()).select_from(capped).scalar_subquery()


def _of_state(scope: Scope, viewer: Viewer, state: str, now: datetime) -> ScalarSelect[int]:
    window = sources.found(scope, person_id=viewer.person_id, groups=viewer.groups, window=LOOK_AT)
    source = window.element.subquery()
    statement = rows.with_case(select(literal_column("1").label("one")), source)
    if scope == "all":
        statement = statement.where(permissions.case_filter(viewer))
    capped = statement.where(rows.state_condition(state, now)).limit(CAP).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()
