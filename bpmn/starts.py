"""Start events of active definitions that something outside triggers: message and signal subscriptions, timers.

Owns the rows without an instance. They exist exactly as long as their version is the active one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bpmn import moments, notify
from bpmn.engine import Bundle, StartInfo
from bpmn.tables import ProcessDefinition, Subscription, Timer


def subscribe(session: Session, definition: ProcessDefinition, bundle: Bundle, *, now: datetime) -> None:
    """Add the rows of every start event of the version that is not a plain one."""
    for start in bundle.processes[definition.key].start_events:
        if start.event in ("message", "signal"):
            session.add(
                Subscription(
                    kind=start.event,
                    name=start.value,
                    definition_id=definition.id,
                    element_id=start.element_id,
                    correlation={},
                    created_at=now,
                )
            )
        elif start.event == "timer":
            due_at = first_due(start, now)
            session.add(
                Timer(
                    definition_id=definition.id,
                    wait_key=f"start:{start.element_id}",
                    element_id=start.element_id,
                    kind=start.timer,
                    value=start.value,
                    due_at=due_at,
                    created_at=now,
                )
            )
            notify.wake_ticker(session, due_at)
    session.flush()


def unsubscribe(session: Session, definition: ProcessDefinition) -> None:
    """Remove the version's rows."""
    session.execute(delete(Subscription).where(Subscription.definition_id == definition.id))
    session.execute(delete(Timer).where(Timer.definition_id == definition.id))


def first_due(start: StartInfo, now: datetime) -> datetime:
    """When a timer start event fires for the first time."""
    if start.timer == "duration":
        return moments.duration(start.value, now)
    if start.timer == "date":
        return moments.date(start.value)
    if start.timer == "cycle":
        return moments.Cycle.read(start.value).first(now)
    return moments.cron(start.value, now)
