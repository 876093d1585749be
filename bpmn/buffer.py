"""Messages that came before somebody waited for them, and who may take them.

Owns the matching rule and the lock under which a publisher and an opening wait meet. Publishing is `bpmn.messages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bpmn import states, worker
from bpmn.engine.contract import MessageWait, Thrown
from bpmn.mirror import Instance
from bpmn.tables import Message

KEPT = timedelta(days=7)
"""How long a message thrown by a diagram is kept for somebody who will wait for it."""


def hold(session: Session, names: Iterable[str], business_key: str | None) -> None:
    """Publishers and instances that begin to wait meet here: one after the other for the same name and business
    key, until the end of the transaction. A message without business key shuts out all of its name."""
    for name in sorted(set(names)):
        kind = "" if business_key is None else "_shared"
        session.execute(
            text(f"SELECT pg_advisory_xact_lock{kind}(4771203, hashtext(:name))"),
            {"name": name},
        )
        if business_key is not None:
            session.execute(
                text("SELECT pg_advisory_xact_lock(4771204, hashtext(:both))"), {"both": f"{name}:{business_key}"}
            )


def take(
    session: Session, instance: Instance, waits: list[MessageWait], *, now: datetime
) -> tuple[Message, MessageWait] | None:
    """The oldest buffered message that one of these waits may have, marked as correlated."""
    hold(session, (wait.message for wait in waits), instance.business_key)
    found = session.scalars(
        select(Message)
        .where(
            Message.name.in_({wait.message for wait in waits}),
            Message.status == "buffered",
            Message.expires_at > now,
            Message.sender.is_distinct_from(instance.id),
        )
        .order_by(Message.id)
        .with_for_update()
    )
    for message in found:
        for wait in waits:
            if message.name == wait.message and matches(
                message.business_key, message.correlation, instance.business_key, wait.correlation
            ):
                mark(message, instance.id)
                session.flush()
                return message, wait
    return None


def post(session: Session, instance: Instance, thrown: Sequence[Thrown], *, now: datetime) -> None:
    """Messages and signals that a step threw: stored with it, delivered to others in steps of their own."""
    messages = [each for each in thrown if each.kind == "message"]
    ids = [f"{instance.id}:{instance.revision}:{place}" for place, _ in enumerate(messages)]
    for message_id, each in zip(ids, messages, strict=True):
        session.add(
            Message(
                message_id=message_id,
                name=each.name,
                business_key=None if each.correlation else instance.business_key,
                correlation=dict(each.correlation),
                variables=each.variables,
                status="buffered",
                sender=instance.id,
                received_at=now,
                expires_at=now + KEPT,
            )
        )
    if messages:
        session.flush()
        worker.defer_messages(session, ids)
    worker.defer_signals(
        session,
        [
            {"name": each.name, "variables": each.variables, "sender": instance.id}
            for each in thrown
            if each.kind == "signal"
        ],
    )


def matches(
    business_key: str | None,
    sent: Mapping[str, Any],
    wanted_business_key: str | None,
    wanted: Mapping[str, Any],
) -> bool:
    """Whether a message is meant for a wait.

    A business key that the message carries must be the instance's. Every key the wait asks for must be there with
    the same value. A message with neither key matches only a wait that asks for nothing: it is meant for anybody.
    """
    if business_key is not None and business_key != wanted_business_key:
        return False
    if any(key not in sent or sent[key] != value for key, value in wanted.items()):
        return False
    return bool(business_key is not None or wanted or not sent)


def mark(message: Message, instance_id: str) -> None:
    """The message has found its instance."""
    message.status = states.MESSAGE.check(message.status, "correlated")
    message.instance_id = instance_id
