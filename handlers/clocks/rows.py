"""Reads clock rows: locked and kept for one step, or plain for pages; and what a row says in lengths and moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bpmn import execution
from handlers.clocks import arithmetic, states
from handlers.clocks.limits import Limit, Reading, Unit
from handlers.clocks.tables import CaseClock, CaseClockEvent
from handlers.clocks.working_calendar import WorkingCalendar

_STEP = "clocks.step"
_LOCK_INSTANCES = text("SELECT 1 FROM process_instance WHERE business_key = :key ORDER BY id FOR UPDATE")


def clocks_in_step(session: Session, case_number: str) -> dict[str, CaseClock]:
    """The clocks of a case by name, locked and read once per transaction, new ones included.

    The clock that a listener starts is what the resolver of the same step finds, without another statement.
    Outside a step the instances of the case are locked first, so that everybody locks in the same order.
    """
    transaction = session.get_transaction() or session.begin()
    kept = session.info.get(_STEP)
    if kept is None or kept[0] is not transaction:
        kept = session.info[_STEP] = (transaction, {})
    cases: dict[str, dict[str, CaseClock]] = kept[1]
    if case_number not in cases:
        if not session.info.get(execution.STEPPING):
            session.execute(_LOCK_INSTANCES, {"key": case_number})
        query = select(CaseClock).where(CaseClock.case_number == case_number).with_for_update()
        with session.no_autoflush:
            found = session.scalars(query, execution_options={"populate_existing": True})
            cases[case_number] = {clock.name: clock for clock in found}
    return cases[case_number]


def clocks_of(session: Session, case_number: str) -> dict[str, CaseClock]:
    """The clocks of one case by name, in the order they were first started."""
    query = select(CaseClock).where(CaseClock.case_number == case_number).order_by(CaseClock.id)
    return {clock.name: clock for clock in session.scalars(query)}


def clocks_of_cases(session: Session, case_numbers: Iterable[str]) -> Mapping[tuple[str, str], CaseClock]:
    """The clocks of many cases by (case number, name), in one statement: what a list shows."""
    query = select(CaseClock).where(CaseClock.case_number.in_(sorted(set(case_numbers))))
    return {(clock.case_number, clock.name): clock for clock in session.scalars(query)}


def events_of(session: Session, case_number: str) -> list[CaseClockEvent]:
    """Everything that happened to the clocks of a case, oldest first."""
    query = select(CaseClockEvent).where(CaseClockEvent.case_number == case_number).order_by(CaseClockEvent.id)
    return list(session.scalars(query))


def limit_of(clock: CaseClock) -> Limit:
    """The limit the clock was started with."""
    return Limit(clock.limit_value, cast(Unit, clock.limit_unit), cast(Reading, clock.limit_reading))


def remaining_at(clock: CaseClock, now: datetime, calendar: WorkingCalendar) -> timedelta:
    """What is left in the clock's own time, negative when overdue; of a paused or stopped clock what was left."""
    if clock.status != states.RUNNING:
        return timedelta(microseconds=clock.remaining_us or 0)
    return arithmetic.elapsed(now, clock.due_at, limit_of(clock), calendar)


def share_at(clock: CaseClock, share: float, calendar: WorkingCalendar) -> datetime:
    """When `share` of a running clock's whole limit is used."""
    if share == 1.0:
        return clock.due_at
    total = timedelta(microseconds=clock.total_us)
    return arithmetic.share_moment(clock.due_at, total, share, limit_of(clock), calendar)


def microseconds(length: timedelta) -> int:
    """A length as stored."""
    return length // timedelta(microseconds=1)
