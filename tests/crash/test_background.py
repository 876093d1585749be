"""Worker and ticker are killed around their commits: the work is done in the end, and its effect is there once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bpmn import execution, tasks, transactions
from bpmn.tables import UserTask
from bpmn.values import Actor
from tests.crash.service import Service, died, kill
from tests.support.databases import TestDatabase
from tests.support.waiting import until

TESTER = Actor("tester", "测试员")
LONG = 90.0


def begin(database: TestDatabase, business_key: str = "walk-1") -> str:
    """An instance whose first task is answered: a background job waits for a worker."""

    def start(session: Any) -> str:
        return execution.start(
            session, "crash_walk", business_key=business_key, variables={}, actor=TESTER, now=datetime.now(UTC)
        ).id

    instance_id = transactions.run(database.factory, start)
    (task_id,) = open_tasks(database, instance_id).values()
    transactions.run(
        database.factory, lambda session: tasks.complete(session, task_id, {}, actor=TESTER, now=datetime.now(UTC))
    )
    return instance_id


def open_tasks(database: TestDatabase, instance_id: str) -> dict[str, int]:
    with database.factory() as session:
        return {
            task.element_id: task.id for task in session.query(UserTask).filter(UserTask.instance_id == instance_id)
        }


def effects(database: TestDatabase) -> list[tuple[str, str]]:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT instance_id, idempotency_key FROM crash_effect"))
        return [(row.instance_id, row.idempotency_key) for row in rows]


def history(database: TestDatabase, instance_id: str) -> list[tuple[str, str | None]]:
    with database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT tag, element_id FROM history WHERE instance_id = :id ORDER BY id"), {"id": instance_id}
        )
        return [(row.tag, row.element_id) for row in rows]


def assert_one_walk(database: TestDatabase, instance_id: str, running: Service) -> None:
    """The instance came to its last task by one effect, one timer and no incident."""
    until(lambda: "Task_Last" in open_tasks(database, instance_id), within=LONG)
    assert [one for one, _ in effects(database)].count(instance_id) == 1
    done = history(database, instance_id)
    assert len(done) == len(set(done)), done
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM incident")) == 0
        assert connection.scalar(text("SELECT count(*) FROM timer")) == 0
        assert connection.scalar(text("SELECT count(*) FROM job")) == 0
    calls = Path(running.environment["CRASH_CALLS"]).read_text().split()
    assert len(set(calls)) == 1, "every try of one visit carries the same key"


@pytest.mark.parametrize(
    "place",
    [
        "worker.before_job:1",
        "transaction.before_commit:1",
        "transaction.after_commit:1",
        "job.before_commit:1",
        "job.after_commit:1",
        "worker.after_job:1",
        "worker.before_job:2",
        "transaction.before_commit:2",
        "transaction.after_commit:2",
        "transaction.before_commit:3",
        "transaction.after_commit:3",
        "worker.after_job:2",
    ],
)
def test_a_killed_worker_loses_nothing_and_repeats_no_effect(
    place: str, running: Service, database: TestDatabase
) -> None:
    instance_id = begin(database)
    running.ticker()
    victim = running.worker(failpoint=place)
    until(lambda: died(victim), within=LONG)
    running.worker()
    assert_one_walk(database, instance_id, running)


@pytest.mark.parametrize("place", ["ticker.before_commit", "ticker.after_commit"])
def test_a_killed_ticker_loses_no_timer_and_fires_none_twice(
    place: str, running: Service, database: TestDatabase
) -> None:
    instance_id = begin(database)
    running.worker()
    victim = running.ticker(failpoint=place)
    until(lambda: died(victim), within=LONG)
    running.ticker()
    assert_one_walk(database, instance_id, running)


def test_everything_killed_at_once_goes_on_after_a_restart(running: Service, database: TestDatabase) -> None:
    instances = [begin(database, f"walk-{number}") for number in range(12)]
    everything = [running.worker(), running.worker(), running.ticker()]
    until(lambda: len(effects(database)) >= 3, within=LONG)
    for process in everything:
        kill(process)
    running.worker()
    running.ticker()
    for instance_id in instances:
        until(lambda chosen=instance_id: "Task_Last" in open_tasks(database, chosen), within=LONG)
    assert sorted(one for one, _ in effects(database)) == sorted(instances)
