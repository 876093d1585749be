"""One page of a list, by keyset: what is due first stands first, and a page costs the same wherever it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.errors import NotFoundError
from handlers import permissions
from handlers.org import Viewer
from handlers.worklist import rows, sources
from handlers.worklist.values import Cursor, Filters, Page, Row, Scope

ROUNDS = 3
"""How many windows a narrowed list looks through before it answers with what it has."""
NOTHING_NARROWED = Filters()


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
    position = sources.Position(after.sort_at, after.task_id) if after else _beginning(filters, now)
    parameters = sources.parameters(viewer)
    end: Cursor | None = None
    is_plain = filters.is_empty and scope != "all"
    window = limit + 1 if is_plain else sources.WINDOW
    until = now if filters.state == "over" else None
    wanted = rows.conditions(filters, scope, viewer, now)
    collected: list[Row] = []
    for _ in range(1 if is_plain else ROUNDS):
        found = sources.found(scope, after=position, until=until, window=window)
        source = found.cte("found")
        statement = rows.joined(source).where(*wanted).order_by(source.c.sort_at, source.c.task_id)
        results = session.execute(statement.limit(limit + 1 - len(collected)), parameters)
        collected += [rows.row_from(result) for result in results]
        if len(collected) > limit:
            return Page(tuple(collected[:limit]), collected[limit - 1].cursor)
        end = None if is_plain else _end_of(session, found, parameters, window)
        if end is None:
            return Page(tuple(collected), None)
        position = sources.Position(end.sort_at, end.task_id)
    return Page(tuple(collected), end, is_partial=True)


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
    source = select(sources.moment_literal(), sources.task_literal(task_id)).cte("found")
    found = session.execute(rows.joined(source)).one_or_none()
    if found is None or not permissions.sees(viewer, found.UserTask):
        raise NotFoundError(what="task", task_id=task_id)
    return rows.row_from(found)
