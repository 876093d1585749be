"""Handlers inline and in the background, their failures, retries and incidents, and external tasks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from bpmn import external, incidents, jobs, registry, tasks, transactions
from bpmn.errors import BpmnError, GridWhistleError, InvalidInputError, NotFoundError, StaleFenceError
from bpmn.registry import HandlerContext
from bpmn.tables import Incident, Job, ServiceHeartbeat
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import SYSTEM, deploy, instance, open_tasks, person, start, tags

MINUTE = timedelta(minutes=1)


@pytest.fixture
def calls() -> Iterator[list[dict[str, Any]]]:
    """What the test handlers were called with; the registry is put back afterwards."""
    before, listening = dict(registry._handlers), dict(registry._listeners)
    yield []
    registry._handlers.clear()
    registry._handlers.update(before)
    registry._listeners.clear()
    registry._listeners.update(listening)


def a_row(context: HandlerContext, name: str) -> None:
    """An effect in the database, to see whether it was kept."""
    context.session.add(ServiceHeartbeat(service="test", name=name, started_at=context.now, beat_at=context.now))


def rows(database: TestDatabase) -> list[str]:
    with database.factory() as session:
        return list(session.scalars(select(ServiceHeartbeat.name).where(ServiceHeartbeat.service == "test")))


def test_an_inline_handler_runs_in_the_step_and_answers_variables(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work")
    def work(number: int, missing: str = "none", *, context: HandlerContext) -> dict[str, Any]:
        calls.append({"number": number, "missing": missing, "key": context.business_key})
        a_row(context, "inline")
        return {"double": number * 2}

    deploy(committed.factory, models.chain(models.service(), models.user()), now)
    instance_id = start(committed.factory, "sample", now, number=21)
    assert calls == [{"number": 21, "missing": "none", "key": "C-1"}]
    assert instance(committed.factory, instance_id).variables["double"] == 42
    assert rows(committed) == ["inline"]


def test_an_inline_failure_leaves_no_effect_but_an_incident_that_can_be_retried(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work")
    def work(number: int, *, context: HandlerContext) -> None:
        calls.append({"number": number})
        a_row(context, f"tried-{number}")
        if number < 0:
            raise ValueError("below zero")

    deploy(committed.factory, models.chain(models.service(), models.user()), now)
    instance_id = start(committed.factory, "sample", now, number=-1)
    assert rows(committed) == []
    with committed.factory() as session:
        incident = session.scalars(select(Incident)).one()
    assert incident.element_id == "Service_A"
    assert "below zero" in incident.traceback
    assert "ValueError" in incident.zh
    transactions.run(committed.factory, lambda s: incidents.retry(s, incident.id, {"number": 5}, actor=SYSTEM, now=now))
    assert rows(committed) == ["tried-5"]
    assert list(open_tasks(committed.factory, instance_id)) == ["Task_A"]
    assert tags(committed.factory, instance_id) == ["instance:start", "incident:open", "incident:retry"]
    with committed.factory() as session:
        assert session.get_one(Incident, incident.id).resolved_by == SYSTEM.user_id


def test_a_handler_that_breaks_the_transaction_becomes_an_incident_too(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work")
    def work(*, context: HandlerContext) -> None:
        a_row(context, "before")
        context.session.execute(text("SELECT * FROM nowhere"))

    deploy(committed.factory, models.chain(models.service(), models.user()), now)
    instance_id = start(committed.factory, "sample", now)
    assert rows(committed) == []
    with committed.factory() as session:
        assert session.scalars(select(Incident.element_id)).all() == ["Service_A"]
    assert instance(committed.factory, instance_id).status == "running"


def test_values_that_the_database_cannot_keep_are_refused_and_change_nothing(
    committed: TestDatabase, now: datetime
) -> None:
    deploy(committed.factory, models.chain(models.user()), now)
    instance_id = start(committed.factory, "sample", now)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    li = person("li")
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}
    poison: list[dict[str, Any]] = [
        {"typename": 1},
        {"a": {"typename": 1}},
        {"a": float("nan")},
        {"a": Decimal("1")},
        {"a": "x" * 10_000_000},
        {"a": "null \x00 byte"},
        {"a": "lone \ud800"},
        {"a": 10**40},
        {"a": now},
        deep,
    ]
    for values in poison:
        with pytest.raises(GridWhistleError):
            transactions.run(committed.factory, lambda s, v=values: tasks.complete(s, task_id, v, actor=li, now=now))
    assert instance(committed.factory, instance_id).revision == 1
    transactions.run(committed.factory, lambda s: tasks.complete(s, task_id, {"a": "网格"}, actor=li, now=now))
    assert instance(committed.factory, instance_id).variables["a"] == "网格"


def test_an_answer_that_a_listener_refuses_is_told_to_the_person_and_the_task_stays(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.listener("test.check")
    def check(outcome: str) -> None:
        if outcome == "bad":
            raise InvalidInputError(fields={"outcome": [("不行", "no")]})

    deploy(committed.factory, models.chain(models.user(inside=models.listener("complete", "test.check"))), now)
    instance_id = start(committed.factory, "sample", now)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    li = person("li")
    with pytest.raises(InvalidInputError):
        transactions.run(committed.factory, lambda s: tasks.complete(s, task_id, {"outcome": "bad"}, actor=li, now=now))
    assert list(open_tasks(committed.factory, instance_id)) == ["Task_A"]
    transactions.run(committed.factory, lambda s: tasks.complete(s, task_id, {"outcome": "good"}, actor=li, now=now))
    assert instance(committed.factory, instance_id).status == "completed"


def test_a_background_job_is_deferred_with_the_step_and_goes_on_when_done(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work", background=True)
    def work(number: int, *, context: HandlerContext) -> dict[str, Any]:
        calls.append({"key": context.idempotency_key})
        a_row(context, "background")
        return {"sent": number}

    deploy(committed.factory, models.chain(models.service(), models.user()), now)
    instance_id = start(committed.factory, "sample", now, number=1)
    with committed.factory() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'job.run'")) == 1
        job_id = session.scalars(select(Job.id)).one()
    assert not calls
    outcomes = [jobs.run(committed.factory, job_id, lambda: now) for _ in range(2)]
    assert outcomes == ["done", "not_mine"]
    assert len(calls) == 1
    assert rows(committed) == ["background"]
    assert instance(committed.factory, instance_id).variables["sent"] == 1


def test_a_failing_job_is_retried_with_a_growing_pause_then_becomes_an_incident(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work", background=True, retries=3, backoff="PT10S")
    def work(*, context: HandlerContext) -> None:
        calls.append({"key": context.idempotency_key})
        a_row(context, f"try-{len(calls)}")
        raise OSError("line is down")

    deploy(committed.factory, models.chain(models.service()), now)
    instance_id = start(committed.factory, "sample", now)
    waits = []
    at = now
    for _ in range(2):
        assert jobs.run_waiting(committed.factory, at) == 1
        with committed.factory() as session:
            job = session.scalars(select(Job)).one()
            waits.append(job.available_at - at)
            at = job.available_at
    assert waits == [timedelta(seconds=10), timedelta(seconds=20)]
    assert jobs.run_waiting(committed.factory, at) == 1
    assert len({call["key"] for call in calls}) == 1
    assert rows(committed) == []
    with committed.factory() as session:
        incident = session.scalars(select(Incident)).one()
        assert "line is down" in incident.traceback
        assert session.scalars(select(Job)).all() == []
    assert instance(committed.factory, instance_id).status == "running"


def test_a_business_error_of_a_background_job_is_answered_by_the_diagram(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work", background=True)
    def work() -> None:
        raise BpmnError("NO_DEPARTMENT")

    files = models.process(
        '<startEvent id="Start"/>'
        + models.service()
        + '<endEvent id="Stop"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Service_A"/>'
        '<sequenceFlow id="F2" sourceRef="Service_A" targetRef="Stop"/><endEvent id="Handled"/>'
        '<boundaryEvent id="Caught" attachedToRef="Service_A"><errorEventDefinition errorRef="E1"/></boundaryEvent>'
        '<sequenceFlow id="F3" sourceRef="Caught" targetRef="Handled"/>',
        top='<error id="E1" errorCode="NO_DEPARTMENT"/>',
    )
    deploy(committed.factory, files, now)
    instance_id = start(committed.factory, "sample", now)
    assert jobs.run_waiting(committed.factory, now) == 1
    assert instance(committed.factory, instance_id).end_element == "Handled"


def test_a_job_whose_worker_died_is_run_again_after_its_lease(
    committed: TestDatabase, now: datetime, calls: list[dict[str, Any]]
) -> None:
    @registry.handler("test.work", background=True)
    def work() -> None:
        calls.append({})

    deploy(committed.factory, models.chain(models.service()), now)
    start(committed.factory, "sample", now)
    with committed.factory() as session:
        job_id = session.scalars(select(Job.id)).one()
    died = transactions.run(committed.factory, lambda s: jobs.take(s, job_id, worker_id="dead", now=now))
    assert died is not None
    assert jobs.run(committed.factory, job_id, lambda: now + MINUTE) == "not_mine"
    later = now + jobs.LEASE + MINUTE
    assert transactions.run(committed.factory, lambda s: jobs.requeue_lost(s, later)) == 1
    assert jobs.run(committed.factory, job_id, lambda: later) == "done"
    assert transactions.run(committed.factory, lambda s: jobs.complete(s, died, {}, now=later)) == "not_mine"


# --- external tasks ---------------------------------------------------------------------------------------------


def fetch(database: TestDatabase, worker: str, now: datetime, lease: timedelta = MINUTE) -> list[external.ExternalTask]:
    return transactions.run(
        database.factory, lambda s: external.fetch_and_lock(s, worker, ["far.away"], 10, lease, now)
    )


@pytest.fixture
def outside(committed: TestDatabase, now: datetime) -> tuple[TestDatabase, str]:
    deploy(committed.factory, models.chain(models.service(topic="far.away"), models.user()), now)
    return committed, start(committed.factory, "sample", now, number=7)


def test_an_external_task_is_leased_to_one_worker_and_goes_on_with_its_answer(
    outside: tuple[TestDatabase, str], now: datetime
) -> None:
    database, instance_id = outside
    (task,) = fetch(database, "one", now)
    assert (task.topic, task.variables["number"], task.business_key) == ("far.away", 7, "C-1")
    assert fetch(database, "two", now) == []
    transactions.run(
        database.factory, lambda s: external.complete(s, task.id, task.fence, {"x": 1}, actor=SYSTEM, now=now)
    )
    assert instance(database.factory, instance_id).variables["x"] == 1
    with pytest.raises(NotFoundError):
        transactions.run(database.factory, lambda s: external.complete(s, task.id, task.fence, actor=SYSTEM, now=now))


def test_an_answer_after_the_lease_went_to_somebody_else_is_refused(
    outside: tuple[TestDatabase, str], now: datetime
) -> None:
    database, _ = outside
    (first,) = fetch(database, "one", now)
    later = now + 2 * MINUTE
    (second,) = fetch(database, "two", later)
    assert second.fence > first.fence
    for late in (
        lambda s: external.complete(s, first.id, first.fence, actor=SYSTEM, now=later),
        lambda s: external.extend(s, first.id, first.fence, MINUTE, now=later),
        lambda s: external.fail(s, first.id, first.fence, "no", actor=SYSTEM, now=later),
    ):
        with pytest.raises(StaleFenceError):
            transactions.run(database.factory, late)
    transactions.run(database.factory, lambda s: external.complete(s, second.id, second.fence, actor=SYSTEM, now=later))


def test_an_extended_lease_keeps_others_away(outside: tuple[TestDatabase, str], now: datetime) -> None:
    database, _ = outside
    (task,) = fetch(database, "one", now)
    until = transactions.run(database.factory, lambda s: external.extend(s, task.id, task.fence, 10 * MINUTE, now=now))
    assert until == now + 10 * MINUTE
    assert fetch(database, "two", now + 5 * MINUTE) == []


def test_a_failed_external_task_comes_again_then_becomes_an_incident(
    outside: tuple[TestDatabase, str], now: datetime
) -> None:
    database, _ = outside
    outcomes = []
    at = now
    for _ in range(3):
        (task,) = fetch(database, "one", at)
        outcomes.append(
            transactions.run(
                database.factory,
                lambda s, t=task, a=at: external.fail(s, t.id, t.fence, "printer is out", actor=SYSTEM, now=a),
            )
        )
        at += 5 * MINUTE
    assert outcomes == ["retried", "retried", "failed"]
    with database.factory() as session:
        assert session.scalars(select(Incident)).one().en == "printer is out"


def test_a_long_poll_answers_as_soon_as_a_task_arrives(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.service(topic="far.away")), now)
    found: list[external.ExternalTask] = []
    began = threading.Event()

    def ask() -> None:
        began.set()
        found.extend(
            external.poll(
                committed.factory, "one", ["far.away"], 5, MINUTE, wait=timedelta(seconds=20), clock=lambda: now
            )
        )

    asking = threading.Thread(target=ask)
    asking.start()
    began.wait(5)
    at = time.monotonic()
    start(committed.factory, "sample", now)
    asking.join(20)
    assert len(found) == 1
    assert time.monotonic() - at < 4
