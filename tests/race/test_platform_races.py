"""Many do the same or contrary things at once: exactly one path is taken, nobody's write is lost, everybody is told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bpmn import external, transactions
from bpmn.tables import Job, Timer
from tests.race import deeds
from tests.race.deeds import NOW
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import deploy, instance, open_tasks, start, tags
from tests.support.rivals import race

ENDS = ("instance:complete", "instance:cancel")
JOIN = (
    '<startEvent id="Start"/><parallelGateway id="Fork"/><parallelGateway id="Join"/><endEvent id="Stop"/>'
    '<sequenceFlow id="F0" sourceRef="Start" targetRef="Fork"/>'
    + "".join(
        models.user(f"Task_{name}", candidateGroups="g@1")
        + f'<sequenceFlow id="I{name}" sourceRef="Fork" targetRef="Task_{name}"/>'
        f'<sequenceFlow id="O{name}" sourceRef="Task_{name}" targetRef="Join"/>'
        for name in "AB"
    )
    + models.user("Task_C", candidateGroups="g@1")
    + '<sequenceFlow id="F1" sourceRef="Join" targetRef="Task_C"/>'
    '<sequenceFlow id="F2" sourceRef="Task_C" targetRef="Stop"/>'
)
GUARDED = (
    '<startEvent id="Start"/>'
    + models.user("Task_A", candidateGroups="g@1")
    + '<endEvent id="Done"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Task_A"/>'
    '<sequenceFlow id="F2" sourceRef="Task_A" targetRef="Done"/>'
    + models.boundary_timer("Timer_A", "Task_A", "Duration", "PT4H", "Late")
)


def test_fifty_claimants_in_two_processes_have_one_winner_and_all_others_hear_who(committed: TestDatabase) -> None:
    deploy(committed.factory, models.chain(models.user(candidateGroups="g@1")), NOW)
    instance_id = start(committed.factory, "sample", NOW)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    outcomes = race(committed.url, [(deeds.claim, (task_id, number)) for number in range(50)])
    winners = [answer for kind, answer in outcomes if kind == "done"]
    assert len(winners) == 1
    refused = [facts for kind, facts in outcomes if kind == "task_already_claimed"]
    assert len(refused) == 49
    assert {facts["user_id"] for facts in refused} == set(winners)
    assert {facts["holder"] for facts in refused} == {f"第{winners[0][1:]}人"}
    assert tags(committed.factory, instance_id).count("task:claim") == 1


def test_a_task_completed_many_times_at_once_is_completed_once(committed: TestDatabase) -> None:
    deploy(committed.factory, models.chain(models.user(candidateGroups="g@1"), models.user("Task_B")), NOW)
    instance_id = start(committed.factory, "sample", NOW)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    outcomes = race(committed.url, [(deeds.complete, (task_id, number, {"by": number})) for number in range(10)])
    assert Counter(kind for kind, _ in outcomes) == {"done": 1, "task_closed": 9}
    assert tags(committed.factory, instance_id).count("task:complete") == 1
    assert list(open_tasks(committed.factory, instance_id)) == ["Task_B"]


@pytest.mark.parametrize("turn", range(5))
def test_completion_timer_and_cancel_take_exactly_one_path(committed: TestDatabase, turn: int) -> None:
    deploy(committed.factory, models.process(GUARDED), NOW)
    instance_id = start(committed.factory, "sample", NOW)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    with committed.factory() as session:
        timer_id = session.scalars(select(Timer.id)).one()
    rivals = [
        (deeds.complete, (task_id, 1, {})),
        (deeds.fire, timer_id),
        (deeds.cancel, instance_id),
        (deeds.fire, timer_id),
    ]
    outcomes = race(committed.url, rivals[turn % 4 :] + rivals[: turn % 4])
    effects = [answer for kind, answer in outcomes if kind == "done" and answer is not False]
    assert len(effects) == 1, outcomes
    assert all(kind in ("done", "task_closed", "conflict", "wait_closed") for kind, _ in outcomes), outcomes
    ended = instance(committed.factory, instance_id)
    written = tags(committed.factory, instance_id)
    assert (ended.status, ended.end_element) in (("completed", "Done"), ("completed", "Late"), ("cancelled", None))
    assert sum(written.count(tag) for tag in ENDS) == 1
    with committed.factory() as session:
        left = [session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("user_task", "timer")]
    assert left == [0, 0]


@pytest.mark.parametrize("turn", range(3))
def test_two_branches_completed_at_once_meet_at_the_join_once_with_both_answers(
    committed: TestDatabase, turn: int
) -> None:
    deploy(committed.factory, models.process(JOIN), NOW)
    ids = [start(committed.factory, "sample", NOW, business_key=f"C-{number}") for number in range(6)]
    rivals = []
    for instance_id in ids:
        found = open_tasks(committed.factory, instance_id)
        rivals.append((deeds.complete, (found["Task_A"], 1, {"a": turn})))
        rivals.append((deeds.complete, (found["Task_B"], 2, {"b": turn})))
    outcomes = race(committed.url, rivals)
    assert {kind for kind, _ in outcomes} == {"done"}, outcomes
    for instance_id in ids:
        assert list(open_tasks(committed.factory, instance_id)) == ["Task_C"]
        variables = instance(committed.factory, instance_id).variables
        assert (variables["a"], variables["b"]) == (turn, turn)


def test_several_tickers_never_claim_the_same_timer(committed: TestDatabase) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), NOW)
    for number in range(30):
        start(committed.factory, "sample", NOW, business_key=f"C-{number}")
    outcomes = race(committed.url, [(deeds.claim_due, 10) for _ in range(8)])
    assert {kind for kind, _ in outcomes} == {"done"}
    assert sum(answer for _, answer in outcomes) <= 30
    with committed.factory() as session:
        queued = session.scalars(
            text("SELECT jsonb_array_elements_text(args->'timer_ids') FROM procrastinate_jobs")
        ).all()
    assert len(queued) == len(set(queued)) == sum(answer for _, answer in outcomes)


def test_a_timer_with_many_jobs_fires_once(committed: TestDatabase) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), NOW)
    instance_id = start(committed.factory, "sample", NOW)
    with committed.factory() as session:
        timer_id = session.scalars(select(Timer.id)).one()
    outcomes = race(committed.url, [(deeds.fire, timer_id) for _ in range(12)])
    assert Counter(str(answer) for _, answer in outcomes) == {"True": 1, "False": 11}
    assert tags(committed.factory, instance_id).count("timer:fire") == 1


def test_external_workers_never_fetch_the_same_task_and_a_stale_fence_is_refused(committed: TestDatabase) -> None:
    deploy(committed.factory, models.chain(models.service(topic="far.away")), NOW)
    for number in range(10):
        start(committed.factory, "sample", NOW, business_key=f"C-{number}")
    outcomes = race(committed.url, [(deeds.fetch, f"worker-{number}") for number in range(8)])
    fetched = [job_id for _, answer in outcomes for job_id in answer]
    assert len(fetched) == len(set(fetched))
    with committed.factory() as session:
        job_id, fence = session.execute(select(Job.id, Job.fence).where(Job.status == "locked").limit(1)).one()
    later = NOW + timedelta(hours=1)
    transactions.run(
        committed.factory,
        lambda s: external.fetch_and_lock(s, "late", ["far.away"], 10, timedelta(minutes=1), later),
    )
    outcomes = race(committed.url, [(deeds.answer, (job_id, fence + newer)) for newer in (0, 1, 0)])
    assert Counter(kind for kind, _ in outcomes)["done"] == 1
    assert all(kind in ("done", "stale_fence", "not_found") for kind, _ in outcomes), outcomes


def test_a_message_sent_many_times_at_once_correlates_once(committed: TestDatabase) -> None:
    wait = '<intermediateCatchEvent id="{}"><messageEventDefinition messageRef="M1"/></intermediateCatchEvent>'
    files = models.chain(wait.format("Wait_A"), wait.format("Wait_B"), top='<message id="M1" name="answer"/>')
    deploy(committed.factory, files, NOW)
    instance_id = start(committed.factory, "sample", NOW)
    outcomes = race(committed.url, [(deeds.publish, ("m-1", "C-1")) for _ in range(10)])
    assert Counter(answer for _, answer in outcomes) == {"correlated:False": 1, "correlated:True": 9}
    assert tags(committed.factory, instance_id).count("message:deliver") == 1


@pytest.mark.parametrize("turn", range(4))
def test_a_message_and_the_instance_that_will_wait_for_it_never_miss_each_other(
    committed: TestDatabase, turn: int
) -> None:
    wait = '<intermediateCatchEvent id="Wait_A"><messageEventDefinition messageRef="M1"/></intermediateCatchEvent>'
    deploy(committed.factory, models.chain(wait, top='<message id="M1" name="answer"/>'), NOW)
    rivals = [
        rival
        for number in range(8)
        for rival in ((deeds.start, f"C-{number}"), (deeds.publish, (f"m-{number}", f"C-{number}")))
    ]
    outcomes = race(committed.url, rivals if turn % 2 else rivals[::-1])
    assert {kind for kind, _ in outcomes} == {"done"}, outcomes
    with committed.factory() as session:
        statuses = session.scalars(text("SELECT status FROM process_instance")).all()
    assert statuses == ["completed"] * 8
