"""Background jobs: service tasks whose handler leaves the process. Run at least once, retried, then an incident.

Owns the lease of a job row and what follows an attempt. The handler comes from `bpmn.registry`, the worker process
and its queue from `bpmn.worker`; external tasks share the table and are served by `bpmn.external`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bpmn import execution, failpoints, history, moments, registry, states, transactions, worker
from bpmn.engine.contract import CompleteJob, ElementRef, FailJob, ThrowError
from bpmn.errors import BpmnError, HandlerArgumentError
from bpmn.registry import HandlerContext
from bpmn.tables import Job
from bpmn.values import WORKER, Actor, Variables

LEASE = timedelta(minutes=5)
"""A worker that has not answered by then is thought dead, and the job is run again."""
QUEUE_GRACE = timedelta(minutes=2)
"""A job that nobody has taken by then gets another queue entry: the one it had may be lost with its worker."""
LONGEST_BACKOFF = timedelta(hours=6)
Clock = Callable[[], datetime]

_LOST = text("""
UPDATE job SET available_at = :now WHERE id IN (
  SELECT id FROM job WHERE kind = 'background' AND ((status = 'waiting' AND available_at < :before)
    OR (status = 'locked' AND locked_until < :now)) ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING id""")


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that this worker holds, with what its handler needs."""

    id: int
    instance_id: str
    wait_key: str
    business_key: str
    element_id: str
    topic: str
    parameters: Variables
    fence: int


def run(factory: sessionmaker[Session], job_id: int, clock: Clock, *, worker_id: str = "") -> str:
    """Take the job, call its handler, save the outcome: done, error, retried, failed, or not_mine.

    Nothing is locked while the handler works. An answer that comes after the lease was lost changes nothing.
    """
    taken = transactions.run(factory, lambda session: take(session, job_id, worker_id=worker_id, now=clock()))
    if taken is None:
        return "not_mine"
    try:
        variables = _call(factory, taken, clock())
    except BpmnError as error:
        caught = error
        return transactions.run(factory, lambda session: throw(session, taken, caught, now=clock()))
    except Exception as error:  # The end of the line for what a handler may raise.
        failure = error
        return transactions.run(factory, lambda session: fail(session, taken, failure, now=clock()))
    return transactions.run(factory, lambda session: complete(session, taken, variables, now=clock()))


def take(session: Session, job_id: int, *, worker_id: str, now: datetime) -> Taken | None:
    """Lease the job to a worker; None: it is gone, not due yet, failed, or somebody works on it."""
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None or job.kind != "background" or job.status == "failed" or job.available_at > now:
        return None
    if job.locked_until is not None and job.locked_until > now:
        return None
    job.status = states.JOB.check(job.status, "locked")
    job.worker_id, job.locked_until = worker_id, now + LEASE
    job.fence += 1
    job.attempts += 1
    session.flush()
    return Taken(
        job.id, job.instance_id, job.wait_key, job.business_key, job.element_id, job.topic, job.parameters, job.fence
    )


def complete(session: Session, taken: Taken, variables: Variables, *, now: datetime, actor: Actor = WORKER) -> str:
    """The handler has answered."""
    job = _mine(session, taken)
    if job is None:
        return "not_mine"
    detail = {"topic": taken.topic, "attempts": job.attempts}
    command = CompleteJob(taken.wait_key, variables)
    execution.advance(session, taken.instance_id, command, actor=actor, now=now, detail=detail)
    return "done"


def throw(session: Session, taken: Taken, error: BpmnError, *, now: datetime, actor: Actor = WORKER) -> str:
    """The handler answered with a business error: the diagram decides."""
    if _mine(session, taken) is None:
        return "not_mine"
    command = ThrowError(taken.wait_key, error.error_code, dict(error.variables))
    detail = {"topic": taken.topic, "error": error.error_code}
    execution.advance(session, taken.instance_id, command, actor=actor, now=now, detail=detail)
    return "error"


def fail(session: Session, taken: Taken, cause: BaseException, *, now: datetime, actor: Actor = WORKER) -> str:
    """The attempt failed: again after a pause that doubles each time; with no retries left an incident."""
    job = _mine(session, taken)
    if job is None:
        return "not_mine"
    zh, en = transactions.sentences(cause)
    trace = "".join(traceback.format_exception(cause))
    return settle_failure(session, job, zh=zh, en=en, trace=trace, actor=actor, now=now)


def settle_failure(session: Session, job: Job, *, zh: str, en: str, trace: str, actor: Actor, now: datetime) -> str:
    """One attempt of a locked job (of a locked instance) has failed: retried or failed."""
    job.error, job.worker_id, job.locked_until = trace[-8000:] or en, None, None
    job.retries = max(job.retries - 1, 0)
    if job.retries > 0:
        job.status = states.JOB.check(job.status, "waiting")
        job.available_at = now + pause(job.backoff, job.attempts)
        detail = {"topic": job.topic, "attempts": job.attempts, "en": en[:500]}
        history.add(session, job.instance_id, "job:retry", detail, actor=actor, now=now, element_id=job.element_id)
        if job.kind == "background":
            worker.defer_jobs(session, [job.id], at=job.available_at)
        return "retried"
    session.flush()
    command = FailJob(job.wait_key, zh, en, trace)
    execution.advance(session, job.instance_id, command, actor=actor, now=now, detail={"topic": job.topic})
    return "failed"


def pause(backoff: str, attempts: int) -> timedelta:
    """How long to wait after so many attempts: the backoff, doubled each time, at most `LONGEST_BACKOFF`."""
    period = moments.Period.read(backoff)
    length = timedelta(days=30 * period.months + period.days) + period.exact
    factor: int = 2 ** min(attempts - 1, 20)
    return min(length * factor, LONGEST_BACKOFF)


def requeue_lost(session: Session, now: datetime, *, limit: int = 200) -> int:
    """Defer again the jobs whose queue entry or worker was lost; how many. A second entry does no harm."""
    found = session.scalars(_LOST, {"now": now, "before": now - QUEUE_GRACE, "limit": limit}).all()
    worker.defer_jobs(session, list(found))
    return len(found)


def run_waiting(factory: sessionmaker[Session], now: datetime, *, limit: int = 100_000) -> int:
    """Run every background job that is available at `now`, in this thread, without worker; how many.

    For a simulated clock (rehearsal, demo data, tests).
    """
    ran = 0
    while ran < limit:
        with factory() as session:
            found = session.scalars(
                text(
                    "SELECT id FROM job WHERE kind = 'background' AND status = 'waiting' AND available_at <= :now"
                    " ORDER BY available_at, id LIMIT 50"
                ),
                {"now": now},
            ).all()
        if not found:
            return ran
        for job_id in found:
            run(factory, job_id, lambda: now)
            ran += 1
    return ran


def _call(factory: sessionmaker[Session], taken: Taken, now: datetime) -> Variables:
    handler = registry.find(taken.topic)
    if handler is None:
        raise HandlerArgumentError(topic=taken.topic, why_zh="没有登记该程序", why_en="no such handler is registered")
    with factory() as session:
        context = HandlerContext(
            session=session,
            now=now,
            actor=WORKER,
            instance_id=taken.instance_id,
            business_key=taken.business_key,
            element=ElementRef(taken.element_id, taken.element_id, "serviceTask", ""),
            wait_key=taken.wait_key,
            variables=taken.parameters,
            idempotency_key=f"{taken.instance_id}:{taken.wait_key}",
        )
        result: dict[str, Any] = handler(taken.parameters, context)
        failpoints.reach("job.before_commit")
        session.commit()
        failpoints.reach("job.after_commit")
        return result


def _mine(session: Session, taken: Taken) -> Job | None:
    """Lock the instance, then the job; None when the lease went to somebody else or the job is over."""
    session.execute(text("SELECT 1 FROM process_instance WHERE id = :id FOR UPDATE"), {"id": taken.instance_id})
    job = session.get(Job, taken.id, with_for_update=True, populate_existing=True)
    return job if job is not None and job.fence == taken.fence and job.status == "locked" else None
