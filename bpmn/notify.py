"""What other processes hear after a commit: collected during a transaction, sent as one statement when it is through.

PostgreSQL holds one lock for all transactions that notify, from before their commit until it is on disk: sent inside,
notifications would let only one writer commit at a time. A process that dies between commit and notification loses
it; every listener looks by itself too (the ticker after a minute, pages when they reconnect, polls every 5 seconds).

Owns the two channels and the shape of their payloads; who listens is decided elsewhere (`webapp`'s live updates,
`bpmn.ticker`, the long poll of `bpmn.external`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
import psycopg
import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from bpmn import hotsql

CHANNEL = "gridwhistle"
TIMER_CHANNEL = "gridwhistle_timer"
JOB_CHANNEL = "gridwhistle_job"
_LIMIT = 7_500
"""PostgreSQL refuses payloads of 8,000 bytes and more."""
_KEY = "bpmn.notify"
_CONNECTION = "bpmn.notify.connection"
log = structlog.get_logger("gridwhistle.notify")


def tell(session: Session, **facts: Any) -> None:
    """Announce one event when the transaction commits: `kind` and its facts, as JSON."""
    pending = session.info.setdefault(_KEY, {})
    pending.setdefault(CHANNEL, []).append(facts)


def audience(candidates: Iterable[str]) -> tuple[list[str], list[str]]:
    """Groups and users of `g:GROUP` and `u:USER` candidates."""
    named = list(candidates)
    return (
        [each.removeprefix("g:") for each in named if each.startswith("g:")],
        [each.removeprefix("u:") for each in named if each.startswith("u:")],
    )


def wake_ticker(session: Session, due_at: datetime) -> None:
    """Tell the tickers that something falls due at `due_at`; only the earliest moment of a transaction is sent."""
    pending = session.info.setdefault(_KEY, {})
    earliest = pending.get(TIMER_CHANNEL)
    pending[TIMER_CHANNEL] = due_at if earliest is None else min(earliest, due_at)


def offer_job(session: Session, topic: str) -> None:
    """Tell waiting external workers that `topic` has a new job."""
    pending = session.info.setdefault(_KEY, {})
    pending.setdefault(JOB_CHANNEL, set()).add(topic)


def _statement(pending: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """One statement for everything that is collected; its little transaction does not wait for the disk."""
    messages = [(CHANNEL, payload) for payload in _packed(pending.get(CHANNEL, ()))]
    if due_at := pending.get(TIMER_CHANNEL):
        messages.append((TIMER_CHANNEL, due_at.isoformat()))
    messages += [(JOB_CHANNEL, topic) for topic in sorted(pending.get(JOB_CHANNEL, ()))]
    calls = ", ".join(f"pg_notify(%(c{place})s, %(p{place})s)" for place, _ in enumerate(messages))
    parameters = {f"c{place}": channel for place, (channel, _) in enumerate(messages)}
    parameters |= {f"p{place}": payload for place, (_, payload) in enumerate(messages)}
    return f"SELECT set_config('synchronous_commit', 'off', true), {calls}", parameters


def _packed(events: Iterable[dict[str, Any]]) -> list[str]:
    """The events as few payloads `{"events": [...]}` as fit; an event too large alone keeps its kind and ids."""
    payloads: list[str] = []
    batch: list[bytes] = []
    size = 0
    for facts in events:
        item = orjson.dumps(facts)
        if len(item) > _LIMIT:
            item = orjson.dumps({key: value for key, value in facts.items() if not isinstance(value, (list, dict))})
        if batch and size + len(item) > _LIMIT:
            payloads.append(_payload(batch))
            batch, size = [], 0
        batch.append(item)
        size += len(item) + 1
    if batch:
        payloads.append(_payload(batch))
    return payloads


def _payload(items: list[bytes]) -> str:
    return '{"events":[' + b",".join(items).decode() + "]}"


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    """Remember the connection: after the commit the session does not give it out any more."""
    if _KEY in session.info and not session.in_nested_transaction():
        session.info[_CONNECTION] = session.connection()


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    connection = session.info.pop(_CONNECTION, None)
    if connection is None:
        return
    statement, parameters = _statement(session.info.pop(_KEY))
    try:
        hotsql.execute_after(connection, statement, parameters)
    except psycopg.Error as error:  # What was committed stays committed; the pool finds out about the connection.
        log.warning("notify.lost", error=str(error))


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KEY, None)
        session.info.pop(_CONNECTION, None)
