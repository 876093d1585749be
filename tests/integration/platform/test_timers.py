"""Timers on the real engine and database: when they are due, catch-up, clocks, claims and starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bpmn import incidents, registry, tasks, timers, transactions, work
from bpmn.errors import TaskClosedError
from bpmn.tables import Incident, ProcessInstance, TaskCandidate, Timer, UserTask
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import SYSTEM, deploy, instance, open_tasks, start, tags

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def due_moments(database: TestDatabase) -> list[datetime | None]:
    with database.factory() as session:
        return list(session.scalars(select(Timer.due_at).order_by(Timer.due_at)))


def looping(value: str, catch_up: str = "once") -> dict[str, bytes]:
    """A task with a repeating boundary timer that does not interrupt it."""
    return models.process(
        '<startEvent id="Start"/>'
        + models.user("Task_A")
        + '<endEvent id="Stop"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Task_A"/>'
        '<sequenceFlow id="F2" sourceRef="Task_A" targetRef="Stop"/>'
        + models.boundary_timer("Timer_A", "Task_A", "Cycle", value, "Told", interrupting=False).replace(
            'attachedToRef="Task_A"', f'attachedToRef="Task_A" gw:catchUp="{catch_up}"'
        )
    )


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("Duration", "PT4H", timedelta(hours=4)),
        ("Duration", "P1DT1M", timedelta(days=1, minutes=1)),
        ("Date", "2026-11-23T09:00", timedelta(hours=18.5)),
        ("Date", "2026-11-23T09:00:00+08:00", timedelta(hours=18.5)),
        ("Date", "2026-11-22T08:00:00Z", timedelta(hours=1.5)),
    ],
)
def test_a_timer_waits_until_its_moment_in_shanghai_and_fires_then(
    committed: TestDatabase, now: datetime, kind: str, value: str, wanted: timedelta
) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", kind, value)), now)
    instance_id = start(committed.factory, "sample", now)
    assert due_moments(committed) == [now + wanted]
    assert timers.run_due(committed.factory, now + wanted - timedelta(seconds=1)) == 0
    assert timers.run_due(committed.factory, now + wanted) == 1
    assert instance(committed.factory, instance_id).status == "completed"
    assert tags(committed.factory, instance_id) == ["instance:start", "timer:fire", "instance:complete"]


def test_firing_a_timer_again_does_nothing(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), now)
    instance_id = start(committed.factory, "sample", now)
    with committed.factory() as session:
        timer_id = session.scalars(select(Timer.id)).one()
    late = now + 2 * HOUR
    fired = [transactions.run(committed.factory, lambda s: timers.fire(s, timer_id, late)) for _ in range(3)]
    assert fired == [True, False, False]
    assert tags(committed.factory, instance_id).count("timer:fire") == 1


@pytest.mark.parametrize(
    ("catch_up", "fired", "next_due"), [("once", 1, 6 * HOUR), ("all", 5, 6 * HOUR), ("skip", 0, 6 * HOUR)]
)
def test_missed_cycles_are_made_up_by_the_catch_up_policy(
    committed: TestDatabase, now: datetime, catch_up: str, fired: int, next_due: timedelta
) -> None:
    deploy(committed.factory, looping("R/PT1H", catch_up), now)
    start(committed.factory, "sample", now)
    back_at = now + timedelta(hours=5, minutes=30)
    assert timers.run_due(committed.factory, back_at) == fired
    assert due_moments(committed) == [now + next_due]


def test_a_cycle_fires_as_often_as_it_says_without_drift(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, looping("R3/PT10M"), now)
    instance_id = start(committed.factory, "sample", now)
    for minute in range(0, 90, 3):
        timers.run_due(committed.factory, now + timedelta(minutes=minute))
    assert tags(committed.factory, instance_id).count("timer:fire") == 3
    assert due_moments(committed) == []


def test_a_cycle_ends_at_its_end_moment(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, looping("R/PT1H/2026-11-22T17:00", "all"), now)
    instance_id = start(committed.factory, "sample", now)
    timers.run_due(committed.factory, now + DAY)
    assert tags(committed.factory, instance_id).count("timer:fire") == 2
    assert due_moments(committed) == []


def test_cron_runs_on_the_wall_clock_of_shanghai(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, looping("0 8 * * 1-5"), now)
    start(committed.factory, "sample", now)
    assert due_moments(committed) == [datetime.fromisoformat("2026-11-23T08:00+08:00")]
    timers.run_due(committed.factory, now + DAY)
    assert due_moments(committed) == [datetime.fromisoformat("2026-11-24T08:00+08:00")]


def test_due_timers_are_claimed_once_with_a_job_each(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), now)
    for number in range(5):
        start(committed.factory, "sample", now, business_key=f"C-{number}")
    late = now + 2 * HOUR
    claimed = [transactions.run(committed.factory, lambda s: timers.claim_due(s, late, 3)) for _ in range(3)]
    assert claimed == [3, 2, 0]
    with committed.factory() as session:
        jobs = session.scalars(
            text("SELECT jsonb_array_elements_text(args->'timer_ids') FROM procrastinate_jobs")
        ).all()
        assert sorted(map(int, jobs)) == sorted(session.scalars(select(Timer.id)))
    assert transactions.run(committed.factory, lambda s: timers.claim_lost(s, late + timedelta(seconds=30))) == 0
    assert transactions.run(committed.factory, lambda s: timers.claim_lost(s, late + timedelta(seconds=61))) == 5


@pytest.fixture
def clock() -> Iterator[dict[str, datetime | None]]:
    """A domain clock that the test turns by hand; `running` is its start."""
    state: dict[str, datetime | None] = {"running": None}
    before = list(registry._clock_resolver)

    @registry.clock_resolver
    def resolve(
        session: Session, business_key: str, instance_id: str, name: str, fraction: float, now: datetime
    ) -> datetime | None:
        assert name == "handling"
        return None if state["running"] is None else state["running"] + DAY * fraction

    yield state
    registry._clock_resolver[:] = before


def test_timers_and_tasks_follow_their_clock(
    committed: TestDatabase, now: datetime, clock: dict[str, datetime | None]
) -> None:
    files = models.process(
        '<startEvent id="Start"/>'
        + models.user("Task_A", dueDate="clock:handling", candidateGroups="g")
        + '<endEvent id="Stop"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Task_A"/>'
        '<sequenceFlow id="F2" sourceRef="Task_A" targetRef="Stop"/>'
        + models.boundary_timer("Timer_A", "Task_A", "Duration", "clock:handling@80", "Told", interrupting=False)
    )
    deploy(committed.factory, files, now)
    instance_id = start(committed.factory, "sample", now)
    assert due_moments(committed) == [None]

    def move(begin: datetime | None) -> None:
        clock["running"] = begin

        def due_for(reference: str) -> datetime | None:
            return None if begin is None else begin + DAY * registry.split_clock(reference)[1]

        transactions.run(committed.factory, lambda s: timers.reschedule(s, instance_id, "clock:handling", due_for))

    move(now)
    assert due_moments(committed) == [now + DAY * 0.8]
    with committed.factory() as session:
        task = session.scalars(select(UserTask)).one()
        assert (task.due_at, task.sort_at) == (now + DAY, now + DAY)
        assert session.scalars(select(TaskCandidate.sort_at)).all() == [now + DAY]
    move(None)
    assert timers.run_due(committed.factory, now + 9 * DAY) == 0
    move(now + DAY)
    assert timers.run_due(committed.factory, now + DAY * 1.8) == 1
    assert list(open_tasks(committed.factory, instance_id)) == ["Task_A"]


def test_a_timer_start_event_starts_an_instance_each_time(committed: TestDatabase, now: datetime) -> None:
    files = models.process(
        '<startEvent id="Start"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>'
        "</startEvent>"
        '<userTask id="Task_A"/><endEvent id="Stop"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Task_A"/>'
        '<sequenceFlow id="F2" sourceRef="Task_A" targetRef="Stop"/>'
    )
    deploy(committed.factory, files, now)
    for hours in range(6):
        timers.run_due(committed.factory, now + hours * HOUR)
    with committed.factory() as session:
        assert len(session.scalars(select(ProcessInstance.id)).all()) == 3
    assert due_moments(committed) == []


def test_a_suspended_instance_fires_its_timers_when_it_goes_on(committed: TestDatabase, now: datetime) -> None:
    from bpmn import execution

    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), now)
    instance_id = start(committed.factory, "sample", now)
    transactions.run(
        committed.factory, lambda s: execution.suspend(s, instance_id, reason="audit", actor=SYSTEM, now=now)
    )
    assert timers.run_due(committed.factory, now + DAY) == 0
    transactions.run(committed.factory, lambda s: execution.resume(s, instance_id, actor=SYSTEM, now=now))
    assert timers.run_due(committed.factory, now + DAY) == 1


def test_a_timer_that_cannot_fire_becomes_an_incident_and_fires_after_a_retry(
    committed: TestDatabase, now: datetime
) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), now)
    instance_id = start(committed.factory, "sample", now)
    with committed.factory() as session:
        timer_id = session.scalars(select(Timer.id)).one()
        good = session.scalar(select(ProcessInstance.state))
        session.execute(text("UPDATE process_instance SET state = 'broken'"))
        session.commit()
    late = now + 2 * HOUR
    assert work.fire_timer(committed.factory, timer_id, late) is False
    with committed.factory() as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.kind, incident.element_id) == ("timer", "Timer_A")
        session.execute(text("UPDATE process_instance SET state = :state"), {"state": good})
        session.commit()
    transactions.run(committed.factory, lambda s: incidents.retry(s, incident.id, actor=SYSTEM, now=late))
    assert work.fire_timer(committed.factory, timer_id, late) is True
    assert instance(committed.factory, instance_id).status == "completed"


def test_an_interrupting_timer_takes_the_task_away(committed: TestDatabase, now: datetime) -> None:
    files = models.process(
        '<startEvent id="Start"/>'
        + models.user("Task_A")
        + '<endEvent id="Stop"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Task_A"/>'
        '<sequenceFlow id="F2" sourceRef="Task_A" targetRef="Stop"/>'
        + models.boundary_timer("Timer_A", "Task_A", "Duration", "PT1H", "Late")
    )
    deploy(committed.factory, files, now)
    instance_id = start(committed.factory, "sample", now)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    timers.run_due(committed.factory, now + HOUR)
    assert instance(committed.factory, instance_id).end_element == "Late"
    with committed.factory() as session, pytest.raises(TaskClosedError) as refusal:
        tasks.get(session, task_id)
    assert refusal.value.facts["outcome"] == "cancelled"
