"""Keeps loaded calendars per database, and knows when they must be read again.

A session that changed a calendar reads past the shelf until it commits, so that nothing uncommitted is ever shared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, event
from sqlalchemy.orm import Session, SessionTransaction

from handlers.clocks.working_calendar import WorkingCalendar

Loaded = tuple[dict[str, WorkingCalendar], dict[str, str]]
Loader = Callable[[Session], Loaded]
Revisions = Callable[[Session], frozenset[str]]

CHECK_EVERY = 10.0
"""Seconds after which a kept calendar is compared with the database again."""
_CHANGED = "clocks.calendars_changed"
_WATCHED = "clocks.calendars_watched"


@dataclass(slots=True)
class _Kept:
    loaded: Loaded = ({}, {})
    revisions: frozenset[str] = field(default_factory=frozenset)
    checked: float = float("-inf")


_kept: WeakKeyDictionary[Pool, _Kept] = WeakKeyDictionary()
"""By connection pool: reading and writing engines of one process share it."""


def calendars(session: Session, loader: Loader, revisions: Revisions) -> dict[str, WorkingCalendar]:
    """All calendars by code."""
    return _current(session, loader, revisions)[0]


def uses(session: Session, loader: Loader, revisions: Revisions) -> dict[str, str]:
    """Calendar codes by unit code."""
    return _current(session, loader, revisions)[1]


def forget(session: Session) -> None:
    """Note that this session changed calendars: it reads the database from now on, others after its commit."""
    session.info[_CHANGED] = True
    if session.info.get(_WATCHED):
        return
    session.info[_WATCHED] = True
    pool = session.get_bind().engine.pool

    @event.listens_for(session, "after_commit")
    def committed(changed: Session) -> None:
        if changed.info.get(_CHANGED):
            _kept.pop(pool, None)

    @event.listens_for(session, "after_transaction_end")
    def ended(ending: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None:
            ending.info.pop(_CHANGED, None)


def _current(session: Session, loader: Loader, revisions: Revisions) -> Loaded:
    if session.info.get(_CHANGED):
        return loader(session)
    pool = session.get_bind().engine.pool
    kept = _kept.get(pool)
    if kept is not None and time.monotonic() - kept.checked < CHECK_EVERY:
        return kept.loaded
    with session.no_autoflush:
        newest = revisions(session)
        if kept is None or kept.revisions != newest:
            kept = _Kept(loader(session), newest)
    kept.checked = time.monotonic()
    _kept[pool] = kept
    return kept.loaded
