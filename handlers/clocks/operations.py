"""The life of a case's clocks: start, pause, resume, restart, extend, stop and the marks, each with its event.

The only writer of `case_clock`. Changed rows and events are flushed with the step's transaction, many at once.
What a limit amounts to is `arithmetic`'s, which moves are legal `states`', what follows from a change `changes`'.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers.clocks import arithmetic, calendars, changes, limits, states
from handlers.clocks.limits import Limit
from handlers.clocks.rows import clocks_in_step, limit_of, microseconds, remaining_at, share_at
from handlers.clocks.tables import CaseClock
from handlers.clocks.working_calendar import DueMoment, WorkingCalendar
from handlers.errors import (
    ClockOverdueError,
    ExtensionLimitError,
    InvalidLimitError,
    SuspensionLimitError,
)


def start(
    session: Session,
    case_number: str,
    name: str,
    limit: Limit | None = None,
    *,
    calendar: str = calendars.STANDARD,
    instance_id: str | None = None,
    owner: str | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> CaseClock:
    """Start the clock, or go on with it. Without `limit` the rules are asked.

    Starting a running clock again changes nothing; a stopped one begins a new round; a paused one goes on with
    what was left. Another owner than before begins anew in any case.

    :raises InvalidLimitError: no limit is given or known; LimitTooLongError: it would never end.
    """
    clock = clocks_in_step(session, case_number).get(name)
    if clock is not None and clock.status != states.STOPPED and clock.owner == owner:
        if clock.status == states.PAUSED:
            return resume(session, case_number, name, reason=reason, actor=actor, now=now)
        return clock
    chosen = limit or limits.limit_for(session, case_number, name)
    if chosen is None:
        raise InvalidLimitError(name, why_zh="没有可用的时限。", why_en="no limit is known.")
    if clock is not None:
        clock.owner = owner
        return restart(session, case_number, name, chosen, calendar=calendar, reason=reason, actor=actor, now=now)
    clock = CaseClock(
        case_number=case_number,
        name=name,
        instance_id=instance_id,
        owner=owner,
        round=1,
        extensions=0,
        suspensions=0,
        overdue_rounds=0,
    )
    _begin(clock, chosen, calendars.load(session, calendar), now)
    session.add(clock)
    clocks_in_step(session, case_number)[name] = clock
    changes.record(session, clock, "start", None, reason=reason, actor=actor, now=now)
    return clock


def restart(
    session: Session,
    case_number: str,
    name: str,
    limit: Limit | None = None,
    *,
    calendar: str | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> CaseClock:
    """Begin a new round with the full limit, the same one unless another is given. An overdue round stays counted.

    :raises ClockNotFoundError: the case has no such clock.
    """
    clock, before = changes.find(session, case_number, name, "restart")
    clock.round += 1
    clock.extensions = clock.suspensions = 0
    _begin(clock, limit or limit_of(clock), calendars.load(session, calendar or clock.calendar_code), now)
    changes.record(session, clock, "restart", before, reason=reason, actor=actor, now=now)
    return clock


def pause(
    session: Session,
    case_number: str,
    name: str,
    *,
    kind: str = "wait",
    until: datetime | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> CaseClock:
    """Stop counting and keep what is left. `kind` is wait, or suspension (挂账), which the rules limit.

    :raises ClockStateError: it is not running; SuspensionLimitError: suspended before, or for too long.
    """
    clock, before = changes.find(session, case_number, name, "pause")
    if kind == "suspension":
        rule = limits.rule_of(name)
        if clock.suspensions >= rule.suspensions or until is None or until - now > rule.longest_suspension:
            raise SuspensionLimitError(
                allowed=rule.suspensions, days=rule.longest_suspension.days, **changes.facts(clock)
            )
        clock.suspensions += 1
    clock.remaining_us = microseconds(remaining_at(clock, now, calendars.load(session, clock.calendar_code)))
    if now > clock.due_at:  # the timer that marks it may come later, and finds the clock paused
        _set_overdue(clock)
    states.transition(clock, "pause", changes.facts(clock))
    clock.paused_at, clock.paused_until, clock.pause_kind = now, until, kind
    changes.record(session, clock, "pause", before, reason=reason, actor=actor, now=now)
    return clock


def resume(
    session: Session, case_number: str, name: str, *, reason: str = "", actor: Actor, now: datetime
) -> CaseClock:
    """Go on with what was left when the clock was paused; an overdue clock stays overdue by as much.

    :raises ClockStateError: it is not paused.
    """
    clock, before = changes.find(session, case_number, name, "resume")
    calendar = calendars.load(session, clock.calendar_code)
    remaining = timedelta(microseconds=clock.remaining_us or 0)
    if remaining > timedelta(0):
        clock.anchor_at, clock.anchor_us = now, microseconds(remaining)
        _set_due(clock, arithmetic.due_after(now, remaining, limit_of(clock), calendar))
    else:
        clock.due_at = calendar.back(arithmetic.kind_of(limit_of(clock)), now, -remaining)
        clock.anchor_at, clock.anchor_us = clock.due_at, 0
    states.transition(clock, "resume", changes.facts(clock))
    _unpause(clock)
    changes.record(session, clock, "resume", before, reason=reason, actor=actor, now=now)
    return clock


def extend(
    session: Session,
    case_number: str,
    name: str,
    *,
    requested_at: datetime | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> CaseClock:
    """Add one original limit to the current due moment (DOMAIN 1.8).

    What counts is when the extension was requested: asked for in time and approved after the due moment, it still
    holds, and the overdue mark of the time between is taken back. A refusal never comes here and uses up nothing.

    :raises ClockOverdueError: requested after the due moment; ExtensionLimitError: no turn left.
    """
    clock, before = changes.find(session, case_number, name, "extend")
    allowed = limits.rule_of(name).extensions
    if clock.extensions >= allowed:
        raise ExtensionLimitError(allowed=allowed, **changes.facts(clock))
    calendar = calendars.load(session, clock.calendar_code)
    if (requested_at or now) > clock.due_at:
        raise ClockOverdueError(due_at=clock.due_at.astimezone(calendar.zone), **changes.facts(clock))
    base, limit = timedelta(microseconds=clock.base_us), limit_of(clock)
    moment = arithmetic.due_after(clock.due_at, base, limit, calendar)
    if limit.reading == "rolling":
        clock.anchor_us += clock.base_us
    else:
        clock.anchor_at, clock.anchor_us = clock.due_at, clock.base_us
    _set_due(clock, moment)
    clock.total_us += clock.base_us
    clock.extensions += 1
    _withdraw_marks(clock, now, calendar)
    changes.record(session, clock, "extend", before, reason=reason, actor=actor, now=now)
    return clock


def stop(session: Session, case_number: str, name: str, *, reason: str = "", actor: Actor, now: datetime) -> CaseClock:
    """End the clock. Stopped exactly at the due moment it was on time.

    :raises ClockStateError: it is stopped already.
    """
    clock, before = changes.find(session, case_number, name, "stop")
    if clock.status == states.RUNNING:
        clock.remaining_us = microseconds(remaining_at(clock, now, calendars.load(session, clock.calendar_code)))
        if now > clock.due_at:
            _set_overdue(clock)
    states.transition(clock, "stop", changes.facts(clock))
    clock.stopped_at = now
    clock.paused_at = clock.paused_until = clock.pause_kind = None
    changes.record(session, clock, "stop", before, reason=reason, actor=actor, now=now)
    return clock


def mark_warning(session: Session, case_number: str, name: str, *, actor: Actor, now: datetime) -> bool:
    """Note that the clock's warning share is used. False: too early (it was moved), marked before or not running."""
    clock = clocks_in_step(session, case_number).get(name)
    if clock is None or clock.status != states.RUNNING or clock.warned_at is not None:
        return False
    if now < share_at(clock, limits.rule_of(name).warn_share, calendars.load(session, clock.calendar_code)):
        return False
    clock.warned_at = now
    changes.record(session, clock, "warn", clock.due_at, reason="", actor=actor, now=now)
    return True


def mark_overdue(session: Session, case_number: str, name: str, *, actor: Actor, now: datetime) -> bool:
    """Note that the due moment has passed. False: it has not, or it is marked before, or not running."""
    clock = clocks_in_step(session, case_number).get(name)
    if clock is None or clock.status != states.RUNNING or clock.overdue_at is not None or now < clock.due_at:
        return False
    _set_overdue(clock)
    changes.record(session, clock, "overdue", clock.due_at, reason="", actor=actor, now=now)
    return True


def replan(session: Session, clock: CaseClock, *, reason: str = "", actor: Actor, now: datetime) -> bool:
    """Compute a running clock's due moment by the calendar of today. True: it moved or is no longer provisional."""
    if clock.status != states.RUNNING or clock.anchor_us <= 0:
        return False
    before, was_provisional = clock.due_at, clock.provisional
    calendar = calendars.load(session, clock.calendar_code)
    remaining = timedelta(microseconds=clock.anchor_us)
    _set_due(clock, arithmetic.due_after(clock.anchor_at, remaining, limit_of(clock), calendar))
    if clock.due_at == before and clock.provisional == was_provisional:
        return False
    _withdraw_marks(clock, now, calendar)
    changes.record(session, clock, "replan", before, reason=reason, actor=actor, now=now)
    return True


# --- the parts --------------------------------------------------------------------------------------------------


def _begin(clock: CaseClock, limit: Limit, calendar: WorkingCalendar, now: datetime) -> None:
    states.transition(clock, "restart" if clock.status else "start", changes.facts(clock))
    clock.limit_value, clock.limit_unit, clock.limit_reading = limit.value, limit.unit, limit.reading
    clock.calendar_code, clock.rule_version = calendar.code, limits.rule_of(clock.name).version
    clock.started_at = now
    amount = microseconds(arithmetic.amount_of(limit, calendar, now))
    clock.base_us = clock.total_us = clock.anchor_us = amount
    clock.anchor_at = arithmetic.anchor_of(now, limit, calendar)
    _set_due(clock, arithmetic.due(now, limit, calendar))
    _unpause(clock)
    clock.stopped_at = clock.warned_at = clock.overdue_at = None


def _set_due(clock: CaseClock, moment: DueMoment) -> None:
    clock.due_at, clock.provisional = moment.at, moment.provisional


def _unpause(clock: CaseClock) -> None:
    clock.remaining_us = clock.paused_at = clock.paused_until = clock.pause_kind = None


def _set_overdue(clock: CaseClock) -> None:
    if clock.overdue_at is None:
        clock.overdue_at = clock.due_at
        clock.overdue_rounds += 1


def _withdraw_marks(clock: CaseClock, now: datetime, calendar: WorkingCalendar) -> None:
    """After the due moment moved: a mark that is no longer true goes; its event stays."""
    if clock.overdue_at is not None and clock.due_at >= now:
        clock.overdue_at = None
        clock.overdue_rounds -= 1
    if clock.warned_at is not None and now < share_at(clock, limits.rule_of(clock.name).warn_share, calendar):
        clock.warned_at = None
