"""What every change of a clock shares: finding it, its event, and moving what waits for it through `bpmn.timers`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from bpmn import timers
from bpmn.values import Actor
from handlers.clocks import calendars, limits, states
from handlers.clocks.rows import clocks_in_step, share_at
from handlers.clocks.tables import CaseClock, CaseClockEvent
from handlers.errors import ClockNotFoundError


def find(session: Session, case_number: str, name: str, action: str) -> tuple[CaseClock, datetime | None]:
    """The clock and its due moment before the change, checked against the table of moves."""
    clock = clocks_in_step(session, case_number).get(name)
    if clock is None:
        rule = limits.rule_of(name)
        raise ClockNotFoundError(what=name, case_number=case_number, name_zh=rule.zh, name_en=rule.en)
    states.require(clock, action, facts(clock))
    return clock, clock.due_at if clock.status == states.RUNNING else None


def facts(clock: CaseClock) -> dict[str, str]:
    """What refusals about a clock name."""
    rule = limits.rule_of(clock.name)
    return {"case_number": clock.case_number, "name_zh": rule.zh, "name_en": rule.en, "why_zh": "", "why_en": ""}


def record(
    session: Session,
    clock: CaseClock,
    action: str,
    due_before: datetime | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the event, and move the timers and tasks that wait for this clock when its due moment changed."""
    due_after = clock.due_at if clock.status == states.RUNNING else None
    session.add(
        CaseClockEvent(
            case_number=clock.case_number,
            name=clock.name,
            at=now,
            action=action,
            actor=actor.user_id,
            actor_name=actor.name,
            reason=reason,
            due_before=due_before,
            due_after=due_after,
            remaining_us=clock.remaining_us,
            provisional=clock.provisional,
        )
    )
    if clock.instance_id is not None and due_before != due_after:
        timers.reschedule(session, clock.instance_id, f"clock:{clock.name}", due_for(session, clock))


def due_for(session: Session, clock: CaseClock) -> Callable[[str], datetime | None]:
    """What `clock:NAME` and `clock:NAME@percent` mean for this clock now; None while it does not run."""

    def moment(reference: str) -> datetime | None:
        if clock.status != states.RUNNING:
            return None
        _, _, percent = reference.partition("@")
        share = float(percent) / 100 if percent else 1.0
        return share_at(clock, share, calendars.load(session, clock.calendar_code))

    return moment
