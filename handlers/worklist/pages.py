"""One page of a list, by keyset: what is due first stands first, and a page costs the same wherever it stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.errors import NotFoundError
from handlers import permissions
from handlers.org import Viewer
from handlers.worklist import rows, sources
from handlers.worklist.values import Cursor, Filters, Page, Row, Scope

ROUNDS = 5
"""How many windows a narrowed list looks through before it answers with what it has."""


def page(
    session: Session,
    scope: Scope,
    *,
    viewer: Viewer,
    now: datetime,
    filters: Filters = Filters(),
    after: Cursor | None = None,
    limit: int = 50,
) -> Page:
    """The next rows after `after`. One statement for a plain list.

    A narrowed list may stop before the end (`is_partial`): the page then leads on from where it looked last.
    """
    position = after or sources.BEGINNING
    is_plain = filters.is_empty and scope != "all"
    window = limit + 1 if is_plain else sources.WINDOW
    until = now if filters.state == "over" else None
    wanted = rows.conditions(filters, scope, viewer, now)
    collected: list[Row] = []
    for _ in range(1 if is_plain else ROUNDS):
        source = sources.found(
            scope, person_id=viewer.person_id, groups=viewer.groups, after=position, until=until, window=window
        )
        statement = (
            rows.joined(source)
            .where(*wanted)
            .order_by(source.c.sort_at, source.c.task_id)
            .limit(limit + 1 - len(collected))
        )
        collected += [rows.row_from(result) for result in session.execute(statement)]
        if len(collected) > limit:
            return Page(tuple(collected[:limit]), collected[limit - 1].cursor)
        if is_plain:
            return Page(tuple(collected), None)
        end = _end_of_window(session, scope, viewer, position, until, window)
        if end is None:
            return Page(tuple(collected), None)
        position = end
    return Page(tuple(collected), position, is_partial=True)


def _end_of_window(
    session: Session, scope: Scope, viewer: Viewer, after: Cursor, until: datetime | None, window: int
) -> Cursor | None:
    """Where the window ended, or None when it was the last."""
    source = sources.found(
        scope, person_id=viewer.person_id, groups=viewer.groups, after=after, until=until, window=window
    )
    counted = select(func.count()).select_from(source).scalar_subquery()
    last = session.execute(
        select(source.c.sort_at, source.c.task_id, counted.label("n"))
        .order_by(source.c.sort_at.desc(), source.c.task_id.desc())
        .limit(1)
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
