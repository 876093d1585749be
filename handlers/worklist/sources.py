"""Where a list begins: the ordered ids of open tasks of one scope, never more than a window of them.

A department's queue is one lateral look-up per candidate group into the index (candidate, sort_at, task_id): each
gives its first rows, the merge keeps the first of all. Narrower conditions look at one window after the other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, column, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from bpmn.database import Moment
from bpmn.tables import FAR_FUTURE, TaskCandidate, UserTask
from handlers.org import Viewer
from handlers.worklist.values import Scope

Ordered = Select[datetime, int]
Value = datetime | ColumnElement[datetime]
Count = int | ColumnElement[int]


class Position(NamedTuple):
    """Where a list goes on: after this moment and task; either may be a parameter."""

    sort_at: Value
    task_id: int | ColumnElement[int]


BEGINNING = Position(datetime(1, 1, 1, tzinfo=UTC), 0)
STANDING = Position(datetime.fromisoformat(FAR_FUTURE), 0)
"""Where the tasks begin that have no due moment now: their clock stands still, or they never had one."""
WINDOW = 2000
"""How many tasks one statement looks at when a list is narrowed."""


def candidates_of(viewer: Viewer) -> list[str]:
    """The candidate keys of a person: every group, and the person."""
    return sorted([f"g:{group}" for group in viewer.groups] + [f"u:{viewer.person_id}"])


def found(scope: Scope, *, after: Position = BEGINNING, until: Value | None = None, window: Count) -> Ordered:
    """The next `window` tasks of a scope after a position, with the columns sort_at and task_id.

    `until`: only those sorted at or before that moment (what is overdue). The statement takes the parameters of
    `parameters`, so that it can be built once.
    """
    if scope == "queue":
        return _of_candidates(after, until, window)
    return _of_tasks(scope == "mine", after, until, window)


def parameters(viewer: Viewer) -> dict[str, Any]:
    """The parameters of every statement made of `found`."""
    return {"person_id": viewer.person_id, "candidates": candidates_of(viewer)}


def _of_tasks(is_mine: bool, after: Position, until: Value | None, window: Count) -> Ordered:
    statement = (
        select(UserTask.sort_at.label("sort_at"), UserTask.id.label("task_id"))
        .where(tuple_(UserTask.sort_at, UserTask.id) > _place(after))
        .order_by(UserTask.sort_at, UserTask.id)
        .limit(window)
    )
    if is_mine:
        statement = statement.where(UserTask.assignee == bindparam("person_id", type_=Text()))
    return statement if until is None else statement.where(UserTask.sort_at <= until)


def _of_candidates(after: Position, until: Value | None, window: Count) -> Ordered:
    given = func.unnest(bindparam("candidates", type_=ARRAY(Text()))).table_valued(column("candidate", Text()))
    mine = given.render_derived(name="mine")
    each = (
        select(TaskCandidate.sort_at, TaskCandidate.task_id)
        .where(
            TaskCandidate.candidate == mine.c.candidate,
            tuple_(TaskCandidate.sort_at, TaskCandidate.task_id) > _place(after),
        )
        .order_by(TaskCandidate.sort_at, TaskCandidate.task_id)
        .limit(window)
    )
    if until is not None:
        each = each.where(TaskCandidate.sort_at <= until)
    first = each.lateral("first")
    return (
        select(first.c.sort_at, first.c.task_id)
        .select_from(mine)
        .join(first, literal(True))
        .distinct()
        .order_by(first.c.sort_at, first.c.task_id)
        .limit(window)
    )


def _place(after: Position) -> Any:
    task_id = after.task_id
    number = literal(task_id, BigInteger()) if isinstance(task_id, int) else task_id
    return tuple_(_moment(after.sort_at), number)


def _moment(value: Value) -> ColumnElement[datetime]:
    return literal(value, Moment()) if isinstance(value, datetime) else value


def task_literal(task_id: int) -> ColumnElement[int]:
    """A task id as the column `task_id`."""
    return literal(task_id, BigInteger()).label("task_id")


def moment_literal() -> ColumnElement[datetime]:
    """Any moment as the column `sort_at`, for a source of one task."""
    return literal(datetime(1, 1, 1, tzinfo=UTC), Moment()).label("sort_at")
