"""External tasks: topics without a Python handler, fetched and answered over the API under a lease with a fence.

Owns the lease. A lease is renewed by `extend`; when it runs out somebody else may fetch the task, and answers with
the older fence are refused. Retries and incidents are shared with `bpmn.jobs`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from bpmn import execution, jobs, notify, transactions
from bpmn.engine.contract import CompleteJob, Step, ThrowError
from bpmn.errors import NotFoundError, StaleFenceError, UnavailableError
from bpmn.tables import Job
from bpmn.values import Actor

LONGEST_POLL = timedelta(seconds=30)
LONGEST_LEASE = timedelta(hours=24)
MOST = 100

_FETCH = text("""
UPDATE job SET status = 'locked', worker_id = :worker, locked_until = :until, available_at = :until,
  fence = fence + 1, attempts = attempts + 1
WHERE id IN (
  SELECT id FROM job WHERE kind = 'external' AND topic = ANY(:topics) AND available_at <= :now
    AND status IN ('waiting', 'locked')
  ORDER BY available_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING id, topic, business_key, instance_id, element_id, parameters, retries, attempts, fence, locked_until""")


@dataclass(frozen=True, slots=True)
class ExternalTask:
    """A fetched task: what to do, and the fence that the answer must carry."""

    id: int
    topic: str
    business_key: str
    instance_id: str
    element_id: str
    variables: Mapping[str, Any]
    retries: int
    attempts: int
    fence: int
    locked_until: datetime


def fetch_and_lock(
    session: Session, worker_id: str, topics: Sequence[str], max_tasks: int, lock_for: timedelta, now: datetime
) -> list[ExternalTask]:
    """Lease up to `max_tasks` waiting tasks of these topics, oldest first. Two workers never get the same one."""
    until = now + min(lock_for, LONGEST_LEASE)
    rows = session.execute(
        _FETCH,
        {"worker": worker_id, "until": until, "topics": list(topics), "now": now, "limit": min(max_tasks, MOST)},
    )
    return sorted((ExternalTask(*row) for row in rows), key=lambda task: task.id)


def poll(
    factory: sessionmaker[Session],
    worker_id: str,
    topics: Sequence[str],
    max_tasks: int,
    lock_for: timedelta,
    *,
    wait: timedelta,
    clock: Callable[[], datetime],
) -> list[ExternalTask]:
    """`fetch_and_lock` as a long poll: answers at once when there is something, else waits up to `wait` for it.

    :raises UnavailableError: the database went away.
    """
    ends = time.monotonic() + min(wait, LONGEST_POLL).total_seconds()

    def fetch() -> list[ExternalTask]:
        return transactions.run(
            factory, lambda session: fetch_and_lock(session, worker_id, topics, max_tasks, lock_for, clock())
        )

    found = fetch()
    if found or wait <= timedelta(0):
        return found
    try:
        with psycopg.connect(_conninfo(factory), autocommit=True) as connection:
            connection.execute(f"LISTEN {notify.JOB_CHANNEL}")
            while not (found := fetch()):
                left = ends - time.monotonic()
                if left <= 0:
                    break
                _hear(connection, set(topics), min(left, 5.0))
    except psycopg.OperationalError as error:
        raise UnavailableError() from error
    return found


def extend(session: Session, job_id: int, fence: int, lock_for: timedelta, *, now: datetime) -> datetime:
    """Keep the lease for `lock_for` from now; until when.

    :raises StaleFenceError: somebody else has it; `NotFoundError`: it is over.
    """
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    _require(job, job_id, fence)
    assert job is not None
    job.locked_until = job.available_at = now + min(lock_for, LONGEST_LEASE)
    session.flush()
    return job.locked_until


def complete(
    session: Session,
    job_id: int,
    fence: int,
    variables: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Step:
    """The task is done. Errors as in `extend`; `VariableError` when the answer is no small JSON."""
    job = _lock(session, job_id, fence)
    command = CompleteJob(job.wait_key, dict(variables or {}))
    detail = {"topic": job.topic, "worker": job.worker_id, "attempts": job.attempts}
    return execution.advance(session, job.instance_id, command, actor=actor, now=now, detail=detail)


def bpmn_error(
    session: Session,
    job_id: int,
    fence: int,
    error_code: str,
    variables: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Step:
    """The task ends with a business error: the diagram decides. Errors as in `extend`."""
    job = _lock(session, job_id, fence)
    command = ThrowError(job.wait_key, error_code, dict(variables or {}))
    detail = {"topic": job.topic, "worker": job.worker_id, "error": error_code}
    return execution.advance(session, job.instance_id, command, actor=actor, now=now, detail=detail)


def fail(
    session: Session,
    job_id: int,
    fence: int,
    message: str,
    *,
    details: str = "",
    retries: int | None = None,
    retry_in: timedelta | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """The attempt failed: `retried` after a pause, or `failed` and an incident when no retries are left.

    `retries` sets how many are left after this one, `retry_in` the pause. Errors as in `extend`.
    """
    job = _lock(session, job_id, fence)
    if retries is not None:
        job.retries = min(max(retries, 0), 1000) + 1
    message = message[:500]
    outcome = jobs.settle_failure(session, job, zh=message, en=message, trace=details or message, actor=actor, now=now)
    if outcome == "retried":
        if retry_in is not None:
            job.available_at = now + min(max(retry_in, timedelta(0)), LONGEST_LEASE)
        session.flush()
        if job.available_at <= now:
            notify.offer_job(session, job.topic)
    return outcome


def _lock(session: Session, job_id: int, fence: int) -> Job:
    """Lock the instance, then the job, and check the fence."""
    instance_id = session.scalar(text("SELECT instance_id FROM job WHERE id = :id"), {"id": job_id})
    if instance_id is not None:
        session.execute(text("SELECT 1 FROM process_instance WHERE id = :id FOR UPDATE"), {"id": instance_id})
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    _require(job, job_id, fence)
    assert job is not None
    return job


def _require(job: Job | None, job_id: int, fence: int) -> None:
    if job is None or job.kind != "external":
        raise NotFoundError(what="external task", job_id=job_id)
    if job.fence != fence or job.status != "locked":
        raise StaleFenceError(job_id=job_id)


def _hear(connection: psycopg.Connection[Any], topics: set[str], seconds: float) -> None:
    """Wait until one of the topics is called, at most so long."""
    for note in connection.notifies(timeout=seconds):
        if note.payload in topics:
            return


def _conninfo(factory: sessionmaker[Session]) -> str:
    engine = factory.kw["bind"]
    assert isinstance(engine, Engine)
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
