"""One page of a list, by keyset: what is due first stands first, and a page costs the same wherever it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, func, select
from sqlalchemy.orm import Session

from bpmn.database import Moment
from bpmn.errors import NotFoundError
from bpmn.tables import UserTask
from handlers import permissions
from handlers.org import Viewer
from handlers.worklist import rows, sources
from handlers.worklist.values import Cursor, Filters, Page, Row, Scope

ROUNDS = 3
"""How many windows a narrowed list looks through before it answers with what it has."""
NOTHING_NARROWED = Filters()
FIRST = Cursor(datetime(1, 1, 1, tzinfo=UTC), 0)


def page(
    session: Session,
    scope: Scope,
    *,
    viewer: Viewer,
    now: datetime,
    filters: Filters = NOTHING_NARROWED,
    after: Cursor | None = None,
    limit: int = 50,
) -> Page:
    """The next rows after `after`. One statement for a plain list.

    A narrowed list may stop before the end (`is_partial`): the page then leads on from where it looked last.
    """
    parameters = sources.parameters(viewer)
    if filters.is_empty and scope != "all":
        start = after or FIRST
        parameters |= {"after_at": start.sort_at, "after_id": start.task_id, "limit": limit + 1}
        found = [rows.row_from(result) for result in session.execute(_plain(scope), parameters)]
        return Page(tuple(found[:limit]), found[limit - 1].cursor if len(found) > limit else None)
    position = sources.Position(after.sort_at, after.task_id) if after else _beginning(filters, now)
    until = now if filters.state == "over" else None
    wanted = rows.conditions(filters, scope, viewer, now)
    collected: list[Row] = []
    end: Cursor | None = None
    for _ in range(ROUNDS):
        window = sources.found(scope, after=position, until=until, window=sources.WINDOW)
        source = window.cte("found")
        statement = rows.joined(source).where(*wanted).order_by(source.c.sort_at, source.c.task_id)
        results = session.execute(statement.limit(limit + 1 - len(collected)), parameters)
        collected += [rows.row_from(result) for result in results]
        if len(collected) > limit:
            return Page(tuple(collected[:limit]), collected[limit - 1].cursor)
        end = _end_of(session, window, parameters, sources.WINDOW)
        if end is None:
            return Page(tuple(collected), None)
        position = sources.Position(end.sort_at, end.task_id)
    return Page(tuple(collected), end, is_partial=True)


@cache
def _plain(scope: Scope) -> rows.Statement:
    """The page of a list that nothing narrows, built once: it is what people look at all day."""
    after = sources.Position(bindparam("after_at", type_=Moment()), bindparam("after_id", type_=BigInteger()))
    source = sources.found(scope, after=after, window=bindparam("limit", type_=Integer())).cte("found")
    return rows.joined(source).order_by(source.c.sort_at, source.c.task_id)


def _beginning(filters: Filters, now: datetime) -> sources.Position:
    """Where the first task of a state can stand."""
    if filters.state == "paused":
        return sources.STANDING
    return sources.Position(now, 0) if filters.state == "soon" else sources.BEGINNING


def _end_of(session: Session, found: sources.Ordered, parameters: dict[str, Any], window: int) -> Cursor | None:
    """Where the window ended, or None when it was the last."""
    source = found.cte("found")
    counted = select(func.count()).select_from(source).scalar_subquery()
    last = session.execute(
        select(source.c.sort_at, source.c.task_id, counted.label("n"))
        .order_by(source.c.sort_at.desc(), source.c.task_id.desc())
        .limit(1),
        parameters,
    ).one_or_none()
    return None if last is None or last.n < window else Cursor(last.sort_at, last.task_id)


def row_of(session: Session, task_id: int, viewer: Viewer) -> Row:
    """One open task as a row.

    :raises NotFoundError: there is no such open task, or the viewer may not know of it.
    """
    task = session.get(UserTask, task_id)
    if task is None or not permissions.sees(viewer, task):
        raise NotFoundError(what="task", task_id=task_id)
    source = select(sources.moment_literal(), sources.task_literal(task_id)).cte("found")
    return rows.row_from(session.execute(rows.joined(source), sources.parameters(viewer)).one())
