"""The topics by which diagrams move clocks, and the resolver of `clock:NAME` timers.

A listener never fails a step because a clock is already where the diagram wants it: pausing a paused clock,
resuming a running one or stopping one that was never started changes nothing. The case number is the business key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bpmn.registry import HandlerContext, clock_resolver, handler, listener
from handlers.clocks import calendars, limits, operations, states
from handlers.clocks.rows import clocks_in_step, share_at


def _topic(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function for service tasks and for listeners alike."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        return handler(name)(listener(name)(function))

    return register


@_topic("clock.start")
def start_clock(clock: str, clock_limit: str | None = None, clock_reason: str = "", *, context: HandlerContext) -> None:
    """Start `clock`, or go on with it, by the limit given (`4WH`) or by the rules; for the owner the rules name."""
    owner = _owner(clock, context)
    operations.start(
        context.session,
        context.business_key,
        clock,
        limits.parse(clock_limit) if clock_limit else None,
        calendar=calendars.code_for(context.session, owner or _text(context, "street_code")),
        instance_id=context.instance_id,
        owner=owner,
        reason=clock_reason,
        actor=context.actor,
        now=context.now,
    )


@_topic("clock.restart")
def restart_clock(
    clock: str, clock_limit: str | None = None, clock_reason: str = "", *, context: HandlerContext
) -> None:
    """A new round with the full limit; started when there was none."""
    if _status(context, clock) is None:
        start_clock(clock, clock_limit, clock_reason, context=context)
        return
    limit = limits.parse(clock_limit) if clock_limit else None
    operations.restart(
        context.session, context.business_key, clock, limit, reason=clock_reason, actor=context.actor, now=context.now
    )


@_topic("clock.pause")
def pause_clock(clock: str, clock_reason: str = "", *, context: HandlerContext) -> None:
    """Pause a running clock."""
    if _status(context, clock) == states.RUNNING:
        operations.pause(
            context.session, context.business_key, clock, reason=clock_reason, actor=context.actor, now=context.now
        )


@_topic("clock.resume")
def resume_clock(clock: str, clock_reason: str = "", *, context: HandlerContext) -> None:
    """Let a paused clock go on; when the owner has changed meanwhile it begins anew."""
    if _status(context, clock) != states.PAUSED:
        return
    owner = _owner(clock, context)
    if owner is not None and owner != clocks_in_step(context.session, context.business_key)[clock].owner:
        start_clock(clock, clock_reason=clock_reason, context=context)
    else:
        operations.resume(
            context.session, context.business_key, clock, reason=clock_reason, actor=context.actor, now=context.now
        )


@_topic("clock.stop")
def stop_clock(clock: str, clock_reason: str = "", *, context: HandlerContext) -> None:
    """Stop a clock that runs or is paused."""
    if _status(context, clock) in (states.RUNNING, states.PAUSED):
        operations.stop(
            context.session, context.business_key, clock, reason=clock_reason, actor=context.actor, now=context.now
        )


@_topic("clock.mark_warning")
def mark_warning(clock: str, *, context: HandlerContext) -> None:
    """Note the warning share, unless the clock was moved meanwhile."""
    operations.mark_warning(context.session, context.business_key, clock, actor=context.actor, now=context.now)


@_topic("clock.mark_overdue")
def mark_overdue(clock: str, *, context: HandlerContext) -> None:
    """Note that the due moment has passed, unless the clock was moved meanwhile."""
    operations.mark_overdue(context.session, context.business_key, clock, actor=context.actor, now=context.now)


@clock_resolver
def clock_moment(
    session: Session, business_key: str, instance_id: str, name: str, fraction: float, now: datetime
) -> datetime | None:
    """When a share of the clock's limit is used. None: it does not run (yet); it is asked again when it does."""
    clock = clocks_in_step(session, business_key).get(name)
    if clock is None or clock.status != states.RUNNING:
        return None
    return share_at(clock, fraction, calendars.load(session, clock.calendar_code))


def _status(context: HandlerContext, clock: str) -> str | None:
    found = clocks_in_step(context.session, context.business_key).get(clock)
    return None if found is None else found.status


def _owner(clock: str, context: HandlerContext) -> str | None:
    variable = limits.rule_of(clock).owner
    return None if variable is None else _text(context, variable)


def _text(context: HandlerContext, variable: str) -> str | None:
    value: Any = context.variables.get(variable)
    return value if isinstance(value, str) and value else None
