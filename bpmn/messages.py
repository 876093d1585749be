"""Messages and signals from outside or from other instances: correlation, buffer, repeated ids, broadcast.

Owns which instance hears what. The matching rule and the buffer's lock are in `bpmn.buffer`, steps in
`bpmn.execution`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bpmn import buffer, execution, states, worker
from bpmn.database import new_id
from bpmn.engine.contract import DeliverMessage, DeliverSignal
from bpmn.tables import Message, ProcessDefinition, Subscription
from bpmn.values import Actor

DEFAULT_TTL = timedelta(hours=1)
AT_ONCE = 8
"""Up to so many instances hear a signal in the caller's transaction; more hear it by jobs."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message. `is_repeat`: the id was known, nothing happened again."""

    message_id: str
    status: Literal["correlated", "buffered", "expired"]
    instance_id: str | None
    is_repeat: bool = False


def publish(
    session: Session,
    name: str,
    *,
    message_id: str | None = None,
    business_key: str | None = None,
    correlation: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    ttl: timedelta = DEFAULT_TTL,
    actor: Actor,
    now: datetime,
) -> Receipt:
    """Give a message to the one instance that waits for it, else start one, else keep it for `ttl`.

    A `message_id` that was received before is answered with its receipt and nothing happens again.
    """
    message_id = message_id or new_id()
    buffer.hold(session, [name], business_key)
    known = session.scalars(select(Message).where(Message.message_id == message_id)).first()
    if known is not None:
        return _receipt(known, is_repeat=True)
    message = Message(
        message_id=message_id,
        name=name,
        business_key=business_key,
        correlation=dict(correlation or {}),
        variables=dict(variables or {}),
        status="buffered",
        received_at=now,
        expires_at=now + ttl,
    )
    session.add(message)
    session.flush()
    return _correlate(session, message, actor=actor, now=now)


def deliver(session: Session, message_id: str, *, actor: Actor, now: datetime) -> Receipt | None:
    """Try again to find who waits for a stored message; None: it is gone. Called again it does nothing new."""
    message = session.scalars(select(Message).where(Message.message_id == message_id)).first()
    if message is None:
        return None
    buffer.hold(session, [message.name], message.business_key)
    session.refresh(message, with_for_update=True)
    if message.status != "buffered":
        return _receipt(message, is_repeat=True)
    return _correlate(session, message, actor=actor, now=now)


def signal(
    session: Session,
    name: str,
    variables: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
    sender: str | None = None,
) -> int:
    """Broadcast a signal to every instance that waits for it and start those that begin with it; how many.

    Each instance takes a step of its own: a few at once in this transaction, many by jobs.
    """
    query = select(Subscription).where(Subscription.kind == "signal", Subscription.name == name)
    found = session.scalars(query.order_by(Subscription.instance_id)).all()
    waiting = sorted({each.instance_id for each in found if each.instance_id not in (None, sender)} - {None}, key=str)
    values = dict(variables or {})
    if len(waiting) > AT_ONCE:
        worker.defer_signals(session, [{"name": name, "variables": values, "instance_id": each} for each in waiting])
    else:
        for instance_id in waiting:
            hear(session, str(instance_id), name, values, actor=actor, now=now)
    starting = [each for each in found if each.definition_id is not None]
    for each in starting:
        _start(session, each, business_key=new_id(), variables=values, actor=actor, now=now)
    return len(waiting) + len(starting)


def hear(
    session: Session, instance_id: str, name: str, variables: Mapping[str, Any], *, actor: Actor, now: datetime
) -> bool:
    """Let one instance hear a signal; whether it still waited for it."""
    instance = execution.lock(session, instance_id)
    if instance.status != "running" or not instance.keys("signal"):
        return False
    execution.advance_locked(
        session, instance, DeliverSignal(name, dict(variables)), actor=actor, now=now, detail={"signal": name}
    )
    return True


def expire(session: Session, now: datetime) -> int:
    """Mark buffered messages whose time is over; how many."""
    result = session.execute(
        update(Message).where(Message.status == "buffered", Message.expires_at <= now).values(status="expired")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _correlate(session: Session, message: Message, *, actor: Actor, now: datetime) -> Receipt:
    """Deliver to the oldest wait that matches, else start an instance, else leave it buffered."""
    for waiting in _waiting(session, message):
        instance = execution.lock(session, str(waiting.instance_id))
        if instance.status != "running" or waiting.wait_key not in instance.waits:
            continue
        buffer.mark(message, instance.id)
        session.flush()
        command = DeliverMessage(str(waiting.wait_key), dict(message.variables))
        detail = {"message": message.message_id}
        execution.advance_locked(session, instance, command, actor=actor, now=now, detail=detail)
        return _receipt(message)
    starts = select(Subscription).where(
        Subscription.kind == "message", Subscription.name == message.name, Subscription.definition_id.is_not(None)
    )
    first = session.scalars(starts.order_by(Subscription.id)).first()
    if first is not None:
        key = message.business_key or message.message_id
        buffer.mark(
            message, _start(session, first, business_key=key, variables=message.variables, actor=actor, now=now)
        )
        session.flush()
    elif message.expires_at <= now:
        message.status = states.MESSAGE.check(message.status, "expired")
        session.flush()
    return _receipt(message)


def _waiting(session: Session, message: Message) -> list[Subscription]:
    query = select(Subscription).where(
        Subscription.kind == "message", Subscription.name == message.name, Subscription.instance_id.is_not(None)
    )
    if message.business_key is not None:
        query = query.where(Subscription.business_key == message.business_key)
    return [
        each
        for each in session.scalars(query.order_by(Subscription.id))
        if each.instance_id != message.sender
        and buffer.matches(message.business_key, message.correlation, each.business_key, each.correlation)
    ]


def _start(
    session: Session,
    subscription: Subscription,
    *,
    business_key: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> str:
    definition = session.get_one(ProcessDefinition, subscription.definition_id)
    instance = execution.start_version(
        session,
        definition.id,
        definition.key,
        business_key=business_key,
        variables=variables,
        actor=actor,
        now=now,
        start_element=subscription.element_id,
    )
    return instance.id


def _receipt(message: Message, *, is_repeat: bool = False) -> Receipt:
    status: Any = message.status
    return Receipt(message.message_id, status, message.instance_id, is_repeat)
