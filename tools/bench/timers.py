"""130,000 waiting timers, 300 of them due in the same second: how late they fire, how often, and what waiting costs."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import psutil

from tools.bench.httpclient import service
from tools.bench.results import Result, at_most
from tools.bench.setting import Place, bare_commit_ms, database, deploy, moment

MODEL = "waiting_clock"
WAITING = int(os.environ.get("GRIDWHISTLE_BENCH_TIMERS", "130000"))
DUE = 300
IDLE_SECONDS = 20
SPIFFARENA_SECONDS = 509


def run() -> Result:
    """Measure."""
    with database("timers") as place:
        deploy(place, MODEL)
        for _ in range(DUE):
            place.start(MODEL, "T")
        _fill(place)
        with service("ticker", place.url) as ticker, service("worker", place.url) as worker:
            for name in ("ticker", "worker"):
                _wait_for_sign(place, name)
            idle = _idle_percent(ticker.pid)
            due_at = moment() + timedelta(seconds=3)
            place.execute(
                f"UPDATE timer SET due_at = '{due_at.isoformat()}' WHERE instance_id NOT LIKE 'far-%'",
                f"SELECT pg_notify('gridwhistle_timer', '{due_at.isoformat()}')",
            )
            fired_after = _wait_until_fired(place, due_at.timestamp())
            worker_idle = _idle_percent(worker.pid, 5)
        fired = place.scalar("SELECT count(*) FROM history WHERE tag = 'timer:fire'")
        twice = place.scalar(
            "SELECT count(*) FROM (SELECT instance_id FROM history WHERE tag = 'timer:fire' "
            "GROUP BY instance_id HAVING count(*) > 1) doubled"
        )
        reference = {
            "bare_commits_seconds": bare_commit_ms(place) * DUE / 1000,
            "spiffarena_seconds_for_5000_not_due_published": SPIFFARENA_SECONDS,
        }
    return Result(
        "timers",
        {
            "waiting": WAITING,
            "due_in_one_second": DUE,
            "all_fired_after_seconds": fired_after,
            "fired": fired,
            "fired_twice": twice,
            "idle_ticker_cpu_percent": idle,
            "idle_worker_cpu_percent": worker_idle,
        },
        reference,
        [
            at_most("seconds until all have fired", fired_after, 5.0),
            at_most("not fired exactly once", abs(fired - DUE) + twice, 0),
            at_most("CPU of the idle ticker, percent", idle, 1.0),
        ],
    )


def _fill(place: Place) -> None:
    """The waiting crowd, by SQL: its timers are due in a month."""
    definition = place.scalar("SELECT id FROM process_definition")
    place.execute(
        "INSERT INTO process_instance (id, definition_id, process_key, business_key, status, revision, variables, "
        f"started_at, started_by) SELECT 'far-' || n, '{definition}', '{MODEL}', 'T', 'running', 1, '{{}}', now(), '' "
        f"FROM generate_series(1, {WAITING - DUE}) n",
        "INSERT INTO timer (instance_id, wait_key, element_id, kind, value, occurrence, catch_up, due_at, created_at) "
        "SELECT 'far-' || n, 'w', 'Timer_Due', 'duration', 'PT720H', 1, 'once', "
        f"now() + interval '30 days' + n * interval '1 second', now() FROM generate_series(1, {WAITING - DUE}) n",
        "ANALYZE",
    )


def _idle_percent(pid: int, seconds: float = IDLE_SECONDS) -> float:
    """CPU of a process that has nothing to do, some seconds after its last work."""
    process = psutil.Process(pid)
    time.sleep(4)
    before, begun = process.cpu_times(), time.monotonic()
    time.sleep(seconds)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (time.monotonic() - begun) * 100


def _wait_for_sign(place: Place, name: str, patience: float = 60) -> None:
    """Until the process has given its first sign of life."""
    begun = time.monotonic()
    while not place.scalar("SELECT count(*) FROM service_heartbeat WHERE service = %s", name):
        if time.monotonic() - begun > patience:
            raise RuntimeError(f"the {name} gives no sign of life")
        time.sleep(0.1)  # poll


def _wait_until_fired(place: Place, due: float, patience: float = 60) -> float:
    """Seconds from the due moment until no due timer is left."""
    while time.time() < due + patience:
        if place.scalar("SELECT count(*) FROM timer WHERE instance_id NOT LIKE 'far-%'") == 0:
            return time.time() - due
        time.sleep(0.05)  # poll
    return patience
