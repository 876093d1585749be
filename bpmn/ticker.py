"""The ticker: sleeps until the next timer is due, then has it fired. The only user of APScheduler.

Holds no timers of its own: it claims due rows and defers a job for each (`bpmn.timers`), wakes earlier when
PostgreSQL says so, and sweeps after lost jobs and expired messages. Several may run; a restart loses nothing.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.orm import Session, sessionmaker

from bpmn import failpoints, heartbeat, jobs, messages, notify, timers, transactions, worker
from bpmn.database import make_engine, make_session_factory
from bpmn.errors import GridWhistleError

log = structlog.get_logger("gridwhistle.ticker")
BATCH = 500
LONGEST_SLEEP = timedelta(seconds=60)
SWEEP_EVERY = timedelta(seconds=30)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ticker:
    """One ticker on one database. `run` blocks until `stop` is called."""

    def __init__(self, url: str, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.url = url
        self.clock = clock
        self.engine = make_engine(url, pool_size=2, max_overflow=1)
        self.factory: sessionmaker[Session] = make_session_factory(self.engine)
        self.stopped = threading.Event()
        self.scheduler = BackgroundScheduler(timezone=UTC)
        self._next: datetime | None = None
        """When it will look again; None while it looks."""
        self._heard: datetime | None = None
        """The earliest moment that it was told while it looked."""
        self._looking = False
        self._guard = threading.Lock()

    def run(self) -> None:
        """Tick until stopped. A lost database is waited for."""
        self.scheduler.start()
        self.scheduler.add_job(
            self._sweep, IntervalTrigger(seconds=int(SWEEP_EVERY.total_seconds()), timezone=UTC), id="sweep",
            coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=utc_now(),
        )  # fmt: skip
        self.scheduler.add_job(
            self._beat, IntervalTrigger(seconds=int(heartbeat.INTERVAL.total_seconds()), timezone=UTC), id="beat",
            coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=utc_now(),
        )  # fmt: skip
        try:
            while not self.stopped.is_set():
                try:
                    self._listen()
                except (psycopg.OperationalError, OSError) as error:
                    log.warning("ticker.database_lost", error=str(error))
                    self.stopped.wait(1)
        finally:
            self.scheduler.shutdown(wait=True)
            self._quietly(lambda session: heartbeat.forget(session, "ticker"))
            self.engine.dispose()

    def stop(self, *_: Any) -> None:
        """End `run` soon; may be called from a signal handler."""
        self.stopped.set()

    def _listen(self) -> None:
        """Look at once, then whenever somebody says that something is due earlier than the next look."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {notify.TIMER_CHANNEL}")
            self._wake(self.clock())
            while not self.stopped.is_set():
                for note in connection.notifies(timeout=1.0, stop_after=100):
                    self._wake(datetime.fromisoformat(note.payload))

    def _wake(self, due_at: datetime) -> None:
        """Something falls due at `due_at`: look then, unless it looks earlier anyway."""
        with self._guard:
            if self._next is None and self._looking:
                self._heard = due_at if self._heard is None else min(self._heard, due_at)
            elif self._next is None or due_at < self._next:
                self._schedule(due_at)

    def _schedule(self, due_at: datetime) -> None:
        """Look again at `due_at`, at the latest after `LONGEST_SLEEP`. Called with the guard held."""
        now = self.clock()
        self._next = at = min(max(due_at, now), now + LONGEST_SLEEP)
        self.scheduler.add_job(
            self._tick, DateTrigger(utc_now() + (at - now), timezone=UTC), id="tick", replace_existing=True,
            misfire_grace_time=None, max_instances=2,
        )  # fmt: skip

    def _tick(self) -> None:
        """Defer everything that is due, then sleep until the next; what is heard meanwhile is not forgotten."""
        with self._guard:
            self._next, self._heard, self._looking = None, None, True
        far = self.clock() + LONGEST_SLEEP
        try:
            started = time.monotonic()
            deferred = tick(self.factory, self.clock())
            if deferred:
                log.info("ticker.deferred", timers=deferred, seconds=round(time.monotonic() - started, 3))
            with self.factory() as session:
                due_at = timers.next_due(session)
        except Exception as error:  # Whatever it is: the rows are still there, look again.
            log.warning("ticker.failed", error=str(error))
            due_at = self.clock() + timedelta(seconds=1)
        with self._guard:
            self._looking = False
            self._schedule(min(due_at or far, self._heard or far))

    def _sweep(self) -> None:
        self._quietly(lambda session: sweep(session, self.clock()))

    def _beat(self) -> None:
        self._quietly(lambda session: heartbeat.beat(session, "ticker", now=self.clock()))

    def _quietly(self, work: Callable[[Session], Any]) -> None:
        try:
            transactions.run(self.factory, work)
        except GridWhistleError as error:
            log.warning("ticker.failed", error=str(error))
        except Exception:  # The scheduler's thread must go on.
            log.exception("ticker.failed")


def tick(factory: sessionmaker[Session], now: datetime) -> int:
    """Defer a job for each timer that is due at `now`, batch by batch; how many."""
    deferred = 0
    while True:
        batch = transactions.run(factory, lambda session: _claim(session, now))
        if batch:
            failpoints.reach("ticker.after_commit")
        deferred += batch
        if batch < BATCH:
            return deferred


def _claim(session: Session, now: datetime) -> int:
    claimed = timers.claim_due(session, now, BATCH)
    if claimed:
        failpoints.reach("ticker.before_commit")
    return claimed


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """What was left behind: jobs of dead workers, timers and jobs whose queue entry was lost, messages nobody took.

    While entries of a kind still wait in the queue nothing of that kind is lost, only late.
    """
    swept = {
        "stalled": worker.retry_stalled(session),
        "timers": 0 if worker.has_backlog(session, worker.TIMER) else timers.claim_lost(session, now),
        "jobs": 0 if worker.has_backlog(session, worker.JOB) else jobs.requeue_lost(session, now),
        "messages": messages.expire(session, now),
    }
    heartbeat.sweep(session, now=now)
    if any(swept.values()):
        log.info("ticker.swept", **swept)
    return swept


def run(url: str, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Run a ticker in this process until SIGTERM or SIGINT."""
    ticker = Ticker(url, clock=clock)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ticker.stop)
    ticker.run()
