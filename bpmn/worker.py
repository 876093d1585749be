"""The only door to Procrastinate: defers jobs inside the caller's transaction and runs them in worker processes.

What a job does belongs to `bpmn.timers`, `bpmn.jobs` and `bpmn.messages`; a job here only names it by id.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bpmn.database import make_engine, make_session_factory, new_id

log = structlog.get_logger("gridwhistle.worker")
Clock = Callable[[], datetime]
TIMER, JOB, MESSAGE, SIGNAL = "timer.fire", "job.run", "message.deliver", "signal.deliver"
_PRIORITY = {TIMER: 20, MESSAGE: 10, SIGNAL: 10, JOB: 0}
QUEUE = "gridwhistle"
_FEW, _BUNDLE = 16, 8
_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=3)
_deferring = App(connector=SyncPsycopgConnector())
"""Never opened: it only builds the statements that run on the session's own connection."""


def utc_now() -> datetime:
    return datetime.now(UTC)


# --- deferring --------------------------------------------------------------------------------------------------


def defer(session: Session, task: str, arguments: Sequence[dict[str, Any]], *, at: datetime | None = None) -> None:
    """Defer one job for each of `arguments` in the session's transaction: no lost and no ghost job. One statement."""
    if not arguments:
        return
    connection = session.connection().connection.driver_connection
    options: dict[str, Any] = {"queue": QUEUE, "priority": _PRIORITY[task], "connection": connection}
    if at is not None:
        options["schedule_at"] = at
    _deferring.configure_task(task, **options).batch_defer(*arguments)


def defer_timers(session: Session, timer_ids: Sequence[int]) -> None:
    """Fire these timers: a job each, or for a crowd a job for every few of them, still a transaction each."""
    size = 1 if len(timer_ids) <= _FEW else _BUNDLE
    defer(session, TIMER, [{"timer_ids": list(bundle)} for bundle in batched(timer_ids, size)])


def batched(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The items in pieces of at most `size`."""
    return (items[place : place + size] for place in range(0, len(items), size))


def defer_jobs(session: Session, job_ids: Sequence[int], *, at: datetime | None = None) -> None:
    defer(session, JOB, [{"job_id": job_id} for job_id in job_ids], at=at)


def defer_messages(session: Session, message_ids: Sequence[str]) -> None:
    """Deliver stored messages in steps of their own."""
    defer(session, MESSAGE, [{"message_id": message_id} for message_id in message_ids])


def defer_signals(session: Session, heard: Sequence[dict[str, Any]]) -> None:
    """Broadcast signals (`name`, `variables`, `sender`), or let one instance hear one (`instance_id`)."""
    defer(session, SIGNAL, heard)


def has_backlog(session: Session, task: str) -> bool:
    """Whether entries of this kind are ready in the queue and wait for a worker."""
    query = text(
        "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue"
        " AND task_name = :task AND (scheduled_at IS NULL OR scheduled_at <= now()))"
    )
    return bool(session.scalar(query, {"queue": QUEUE, "task": task}))


def retry_stalled(session: Session) -> int:
    """Put back what a worker was doing when it died; how many. It is dead when it was silent for a minute."""
    query = text(
        "SELECT procrastinate_retry_job_v2(j.id, now(), NULL, NULL, NULL) FROM procrastinate_jobs j"
        " LEFT JOIN procrastinate_workers w ON w.id = j.worker_id WHERE j.status = 'doing'"
        " AND (w.id IS NULL OR w.last_heartbeat < now() - interval '1 minute')"
    )
    return len(session.execute(query).all())


# --- running ----------------------------------------------------------------------------------------------------


def run(
    url: str,
    *,
    concurrency: int = 4,
    clock: Clock = utc_now,
    wait: bool = True,
    stop: threading.Event | None = None,
    on_beat: Callable[[], None] | None = None,
) -> None:
    """Work until SIGTERM, SIGINT or `stop`, finishing what has begun; with `wait=False` until the queue is empty.

    A lost database is waited for. Several workers on several machines share one queue. `on_beat` is called every
    few seconds while the worker works.
    """
    asyncio.run(_run(url, concurrency, clock, wait, stop or threading.Event(), on_beat))


async def _run(
    url: str, concurrency: int, clock: Clock, wait: bool, stop: threading.Event, on_beat: Callable[[], None] | None
) -> None:
    engine = make_engine(url, pool_size=concurrency, max_overflow=2)
    factory = make_session_factory(engine)
    loop = asyncio.get_running_loop()
    is_main = threading.current_thread() is threading.main_thread()
    if wait and is_main:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    try:
        while True:
            try:
                await _work(url, factory, concurrency, clock, wait, stop, on_beat)
                return
            except (ConnectorException, OSError) as error:
                log.warning("worker.database_lost", error=str(error.__cause__ or error))
                if stop.is_set() or not wait:
                    raise
                await asyncio.sleep(1)
    finally:
        engine.dispose()


async def _work(
    url: str,
    factory: sessionmaker[Session],
    concurrency: int,
    clock: Clock,
    wait: bool,
    stop: threading.Event,
    on_beat: Callable[[], None] | None,
) -> None:
    connector = PsycopgConnector(conninfo=url, min_size=1, max_size=concurrency + 2, timeout=5)
    app = App(connector=connector)
    _add_tasks(app, factory, clock)
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                name=new_id()[:13],
                concurrency=concurrency,
                wait=wait,
                install_signal_handlers=False,
                delete_jobs="successful",
                fetch_job_polling_interval=5.0,
                shutdown_graceful_timeout=30.0,
            )
        )
        beating = asyncio.create_task(_beat(on_beat))
        try:
            while not working.done():
                if stop.is_set():
                    working.cancel()
                    break
                await asyncio.wait([working], timeout=0.2)
            await asyncio.gather(working, return_exceptions=stop.is_set())
        finally:
            beating.cancel()
            working.cancel()
            await asyncio.gather(working, beating, return_exceptions=True)


async def _beat(on_beat: Callable[[], None] | None) -> None:
    while on_beat is not None:
        try:
            await asyncio.to_thread(on_beat)
        except Exception as error:  # A missed sign of life is no reason to stop working.
            log.warning("worker.no_sign_of_life", error=str(error))
        await asyncio.sleep(10)


def _add_tasks(app: App, factory: sessionmaker[Session], clock: Clock) -> None:
    from bpmn import work

    @app.task(name=TIMER)
    def fire(timer_ids: list[int]) -> None:
        for timer_id in timer_ids:
            work.guarded("timer", timer_id, partial(work.fire_timer, factory, timer_id, clock()))

    @app.task(name=JOB)
    def run_job(job_id: int) -> None:
        work.guarded("job", job_id, lambda: work.run_job(factory, job_id, clock))

    @app.task(name=MESSAGE, retry=_AGAIN)
    def deliver(message_id: str) -> None:
        work.guarded("message", message_id, lambda: work.deliver_message(factory, message_id, clock()))

    @app.task(name=SIGNAL, retry=_AGAIN)
    def hear(name: str, variables: dict[str, Any], **whom: str) -> None:
        work.guarded("signal", name, lambda: work.deliver_signal(factory, name, variables, clock(), **whom))
