"""What a worker's job does, by kind: each a transaction of its own, each harmless when it comes twice.

The except-all end of the worker: what fails here is logged and left to the sweeps of the ticker, or becomes an
incident that a person sees.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session, sessionmaker

from bpmn import failpoints, incidents, jobs, messages, timers, transactions
from bpmn.errors import GridWhistleError, UnavailableError
from bpmn.heartbeat import process_name
from bpmn.values import WORKER

log = structlog.get_logger("gridwhistle.worker")


def guarded(kind: str, name: Any, work: Callable[[], Any]) -> None:
    """Run one job and log what becomes of it; failures go on to the queue."""
    failpoints.reach("worker.before_job")
    try:
        outcome = work()
    except UnavailableError as error:
        log.warning("work.unavailable", kind=kind, name=name, error=str(error))
        raise
    except Exception:
        log.exception("work.failed", kind=kind, name=name)
        raise
    failpoints.reach("worker.after_job")
    log.debug("work.done", kind=kind, name=name, outcome=outcome)


def fire_timer(factory: sessionmaker[Session], timer_id: int, now: datetime) -> bool:
    """Fire a timer. One that cannot fire stops trying and becomes an incident."""
    try:
        return transactions.run(factory, lambda session: timers.fire(session, timer_id, now))
    except UnavailableError:
        raise
    except Exception as error:  # The end of the line: people are told by an incident.
        zh, en = transactions.sentences(error)
        trace = "".join(traceback.format_exception(error))
        transactions.run(
            factory, lambda session: incidents.park_timer(session, timer_id, zh=zh, en=en, trace=trace, now=now)
        )
        if not isinstance(error, GridWhistleError):
            log.exception("work.timer_parked", timer_id=timer_id)
        return False


def run_job(factory: sessionmaker[Session], job_id: int, clock: Callable[[], datetime]) -> str:
    """Run a background job."""
    return jobs.run(factory, job_id, clock, worker_id=process_name())


def deliver_message(factory: sessionmaker[Session], message_id: str, now: datetime) -> str:
    """Deliver a stored message."""
    receipt = transactions.run(factory, lambda session: messages.deliver(session, message_id, actor=WORKER, now=now))
    return receipt.status if receipt else "gone"


def deliver_signal(
    factory: sessionmaker[Session],
    name: str,
    variables: dict[str, Any],
    now: datetime,
    *,
    sender: str | None = None,
    instance_id: str | None = None,
) -> int:
    """Broadcast a signal, or let one instance hear it."""
    if instance_id is not None:
        heard = transactions.run(
            factory, lambda session: messages.hear(session, instance_id, name, variables, actor=WORKER, now=now)
        )
        return int(heard)
    return transactions.run(
        factory, lambda session: messages.signal(session, name, variables, actor=WORKER, now=now, sender=sender)
    )
