"""Where a list begins: the ordered ids of open tasks of one scope, never more than a window of them.

A department's queue is one lateral look-up per candidate group into the index (candidate, sort_at, task_id): each
gives its first rows, the merge keeps the first of all. Narrower conditions look at one window after the other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, column, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import CTE

from bpmn.database import Moment
from bpmn.tables import TaskCandidate, UserTask
from handlers.worklist.values import Cursor, Scope

BEGINNING = Cursor(datetime(1, 1, 1, tzinfo=UTC), 0)
WINDOW = 2000
"""How many tasks one statement looks at when a list is narrowed."""


def candidates_of(person_id: str, groups: Collection[str]) -> list[str]:
    """The candidate keys of a person: every group, and the person."""
    return sorted([f"g:{group}" for group in groups] + [f"u:{person_id}"])


def found(
    scope: Scope,
    *,
    person_id: str,
    groups: Collection[str],
    after: Cursor = BEGINNING,
    until: datetime | None = None,
    window: int,
) -> CTE:
    """The next `window` tasks of a scope after a position, as a CTE with sort_at and task_id.

    `until`: only those sorted at or before that moment (what is overdue).
    """
    if scope == "queue":
        statement = _of_candidates(candidates_of(person_id, groups), after, until, window)
    else:
        statement = _of_tasks(person_id if scope == "mine" else None, after, until, window)
    return statement.cte("found")


def _of_tasks(assignee: str | None, after: Cursor, until: datetime | None, window: int) -> Select[Any]:
    statement = (
        select(UserTask.sort_at.label("sort_at"), UserTask.id.label("task_id"))
        .where(tuple_(UserTask.sort_at, UserTask.id) > _position(after))
        .order_by(UserTask.sort_at, UserTask.id)
        .limit(window)
    )
    if assignee is not None:
        statement = statement.where(UserTask.assignee == assignee)
    return statement if until is None else statement.where(UserTask.sort_at <= until)


def _of_candidates(keys: list[str], after: Cursor, until: datetime | None, window: int) -> Select[Any]:
    given = func.unnest(literal(keys, ARRAY(Text()))).table_valued(column("candidate", Text()))
    mine = given.render_derived(name="mine")
    each = (
        select(TaskCandidate.sort_at, TaskCandidate.task_id)
        .where(
            TaskCandidate.candidate == mine.c.candidate,
            tuple_(TaskCandidate.sort_at, TaskCandidate.task_id) > _position(after),
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


def _position(cursor: Cursor) -> Any:
    return tuple_(literal(cursor.sort_at, Moment()), literal(cursor.task_id, BigInteger()))


def task_literal(task_id: int) -> ColumnElement[int]:
    """A task id as the column `task_id`."""
    return literal(task_id, BigInteger()).label("task_id")


def moment_literal() -> ColumnElement[datetime]:
    """Any moment as the column `sort_at`, for a source of one task."""
    return literal(BEGINNING.sort_at, Moment()).label("sort_at")
