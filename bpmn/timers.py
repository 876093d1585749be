"""Waiting timers: claimed when due, fired under the instance's lock, moved when their clock moves.

Owns the rows' `queued_at` and what happens to missed occurrences. The ticker decides when to look, `bpmn.dues` what
a text means, `bpmn.mirror` makes and removes the rows of an instance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from bpmn import clockrows, dues, execution, hotsql, mirror, notify, transactions, worker
from bpmn.dues import Anchor
from bpmn.engine.contract import FireTimer
from bpmn.tables import ProcessDefinition, Timer
from bpmn.values import TICKER, Actor

GRACE = timedelta(seconds=60)
"""A timer whose job has not fired it by then gets another one: the job may be lost, and firing twice is harmless."""

_CLAIM = text("""
UPDATE timer SET queued_at = :now WHERE id IN (
  SELECT id FROM timer WHERE queued_at IS NULL AND due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING id""")
_CLAIM_LOST = text("""
UPDATE timer SET queued_at = :now WHERE id IN (
  SELECT id FROM timer WHERE queued_at < :before ORDER BY queued_at LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING id""")
_LOCK = hotsql.prepare(f"""
SELECT {execution.COLUMNS}, t.wait_key, t.element_id, t.kind, t.value, t.occurrence, t.catch_up, t.due_at
FROM process_instance i JOIN timer t ON t.instance_id = i.id WHERE t.id = :id FOR UPDATE OF i, t""")


@dataclass(frozen=True, slots=True)
class Due:
    """A locked timer that is to fire."""

    instance: mirror.Instance
    wait_key: str
    element_id: str
    kind: str
    value: str
    occurrence: int
    catch_up: str
    due_at: datetime | None

    @classmethod
    def read(cls, row: tuple[Any, ...]) -> Due:
        return cls(execution.read(row), *row[10:])


def reschedule(session: Session, instance_id: str, reference: str, due_for: clockrows.DueFor) -> None:
    """A clock has moved: give every timer and task of the instance that refers to it its new moment.

    `reference` is `clock:NAME`; `due_for` answers for each reference found, `clock:NAME@80` among them, with None
    while the clock does not run. Called inside a step of this instance it takes effect when the step is saved.
    """
    active = session.info.get(execution.STEPPING, {})
    if instance_id in active:
        active[instance_id].append((reference, due_for))
        return
    waits = session.scalar(text("SELECT waits FROM process_instance WHERE id = :id FOR UPDATE"), {"id": instance_id})
    clocks = frozenset(wait[2] for wait in (waits or {}).values() if wait[2])
    clockrows.follow(session, instance_id, clocks, reference, due_for)


def claim_due(session: Session, now: datetime, limit: int = 500) -> int:
    """Defer one job for each timer that is due and not yet queued, oldest first; how many.

    Rows and jobs commit together. Several tickers never claim the same row.
    """
    return _defer(session, session.scalars(_CLAIM, {"now": now, "limit": limit}).all())


def claim_lost(session: Session, now: datetime, limit: int = 500) -> int:
    """Defer again what was queued long ago and has not fired."""
    return _defer(session, session.scalars(_CLAIM_LOST, {"now": now, "before": now - GRACE, "limit": limit}).all())


def next_due(session: Session) -> datetime | None:
    """The earliest due moment of the timers that are not queued."""
    found: datetime | None = session.scalar(
        select(Timer.due_at).where(Timer.queued_at.is_(None), Timer.due_at.is_not(None)).order_by(Timer.due_at).limit(1)
    )
    return found


def fire(session: Session, timer_id: int, now: datetime, *, actor: Actor = TICKER) -> bool:
    """Fire a timer if it is still there and due; whether it was. Called again it does nothing.

    Missed occurrences of a cycle are made up by its catch-up policy: `all` one after the other, `once` together,
    `skip` not at all.
    """
    rows = hotsql.execute(session, _LOCK, {"id": timer_id})
    if not rows:
        return fire_start(session, timer_id, now, actor=actor)
    due = Due.read(rows[0])
    if due.due_at is None or due.due_at > now or due.instance.status != "running":
        return False
    if _is_skipped(due, now):
        _postpone(session, timer_id, due, now)
        return False
    anchor = Anchor(due.element_id, due.occurrence, due.due_at)
    last = _is_last(due, now)
    execution.advance_locked(
        session,
        due.instance,
        FireTimer(due.wait_key, last),
        actor=actor,
        now=now,
        detail={"due": due.due_at.isoformat()},
        anchor=anchor,
    )
    return True


def fire_start(session: Session, timer_id: int, now: datetime, *, actor: Actor = TICKER) -> bool:
    """Start an instance for the timer start event of an active definition, and set its next moment."""
    timer = session.scalars(select(Timer).where(Timer.id == timer_id).with_for_update(skip_locked=True)).first()
    if timer is None or timer.definition_id is None or timer.due_at is None or timer.due_at > now:
        return False
    definition = session.get_one(ProcessDefinition, timer.definition_id)
    execution.start_version(
        session,
        definition.id,
        definition.key,
        business_key=f"{definition.key}:{timer.due_at:%Y%m%dT%H%M%SZ}",
        variables={},
        actor=actor,
        now=now,
        start_element=timer.element_id,
    )
    due_at = dues.next_after(timer.kind, timer.value, timer.occurrence, timer.catch_up, now=now, before=timer.due_at)
    if due_at is None:
        session.delete(timer)
    else:
        timer.due_at, timer.queued_at, timer.occurrence = due_at, None, timer.occurrence + 1
        notify.wake_ticker(session, due_at)
    session.flush()
    return True


def run_due(factory: sessionmaker[Session], now: datetime, *, limit: int = 100_000) -> int:
    """Fire everything that is due at `now`, in the order of due moments, without worker; how many fired.

    For a simulated clock (rehearsal, demo data, tests); each firing is a transaction of its own.
    """
    fired = 0
    refused: set[int] = set()
    while fired < limit:
        with factory() as session:
            query = select(Timer.id).where(Timer.due_at <= now).order_by(Timer.due_at, Timer.id).limit(100)
            waiting = [timer_id for timer_id in session.scalars(query) if timer_id not in refused]
        if not waiting:
            return fired
        for timer_id in waiting:
            if transactions.run(factory, lambda session, chosen=timer_id: fire(session, chosen, now)):  # type: ignore[misc]
                fired += 1
            else:
                refused.add(timer_id)
    return fired


def _is_skipped(due: Due, now: datetime) -> bool:
    """Whether `skip` drops this occurrence: the one after it is due as well."""
    if due.catch_up != "skip" or due.kind not in ("cycle", "cron"):
        return False
    after = dues.following(due.kind, due.value, due.occurrence + 1, "all", now=now, before=due.due_at)
    return after <= now


def _is_last(due: Due, now: datetime) -> bool:
    if due.kind != "cycle":
        return False
    after = dues.following(due.kind, due.value, due.occurrence + 1, due.catch_up, now=now, before=due.due_at)
    return dues.has_ended(due.kind, due.value, after)


def _postpone(session: Session, timer_id: int, due: Due, now: datetime) -> None:
    due_at = dues.following(due.kind, due.value, due.occurrence + 1, "skip", now=now, before=due.due_at)
    session.execute(
        text("UPDATE timer SET due_at = :due_at, queued_at = NULL WHERE id = :id"), {"due_at": due_at, "id": timer_id}
    )
    notify.wake_ticker(session, due_at)


def _defer(session: Session, timer_ids: Iterable[int]) -> int:
    found = list(timer_ids)
    worker.defer_timers(session, found)
    return len(found)
