"""Definitions: versions, activation, retirement, refusal as a whole, and instances that keep their version."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn import definitions, execution, queries, tasks, transactions
from bpmn.errors import ConflictError, DefinitionError, NotFoundError
from bpmn.tables import Deployment, ProcessDefinition
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import SYSTEM, deploy, instance, open_tasks, person, start

ONE = models.chain(models.user("Task_Old"))
TWO = models.chain(models.user("Task_New"))


@pytest.fixture(autouse=True)
def own_cache() -> None:
    definitions.forget_cached()


def test_the_same_contents_are_the_same_deployment(session: Session, now: datetime) -> None:
    first = definitions.deploy(session, "a", ONE, actor=SYSTEM, now=now)
    again = definitions.deploy(session, "b", dict(reversed(ONE.items())), actor=SYSTEM, now=now)
    assert first.id == again.id
    assert [each.version for each in definitions.versions(session, "sample")] == [1]


def test_a_new_version_supersedes_the_one_before_and_may_be_rolled_back(session: Session, now: datetime) -> None:
    definitions.deploy(session, "a", ONE, actor=SYSTEM, now=now)
    definitions.deploy(session, "a", TWO, actor=SYSTEM, now=now)
    states = {each.version: each.status for each in definitions.versions(session, "sample")}
    assert states == {1: "superseded", 2: "active"}
    definitions.deploy(session, "a", ONE, actor=SYSTEM, now=now)
    states = {each.version: each.status for each in definitions.versions(session, "sample")}
    assert states == {1: "active", 2: "superseded"}


def test_a_draft_starts_nothing_until_it_is_activated(session: Session, now: datetime) -> None:
    made = definitions.deploy(session, "a", ONE, actor=SYSTEM, now=now, activate=False)
    with pytest.raises(NotFoundError):
        definitions.active(session, "sample")
    (definition,) = definitions.definitions_of(session, made.id)
    definitions.activate_definition(session, definition.id, actor=SYSTEM, now=now)
    assert definitions.active(session, "sample").id == definition.id
    with pytest.raises(ConflictError):
        definitions.activate_definition(session, definition.id, actor=SYSTEM, now=now)


def test_a_retired_version_starts_nothing(session: Session, now: datetime) -> None:
    definitions.deploy(session, "a", ONE, actor=SYSTEM, now=now)
    definitions.retire(session, definitions.active(session, "sample").id, actor=SYSTEM, now=now)
    with pytest.raises(NotFoundError):
        execution.start(session, "sample", business_key="C-1", variables={}, actor=SYSTEM, now=now)


def test_a_deployment_with_one_fault_anywhere_is_refused_as_a_whole(session: Session, now: datetime) -> None:
    faulty = {
        "xml": ONE | {"b.bpmn": b"<definitions"},
        "form": ONE | {"forms/a.form": b'{"components": [{"type": "signature", "key": "x"}]}'},
        "listener": models.chain(models.user(inside=models.listener("enter", "nobody.listens"))),
    }
    for files in faulty.values():
        with pytest.raises(DefinitionError) as refusal:
            definitions.deploy(session, "a", files, actor=SYSTEM, now=now)
        assert refusal.value.facts["findings"]
    assert session.scalar(select(func.count()).select_from(Deployment)) == 0
    assert session.scalar(select(func.count()).select_from(ProcessDefinition)) == 0


def test_a_running_instance_keeps_its_version(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.user("Task_A"), models.user("Task_Old")), now)
    old = start(committed.factory, "sample", now)
    deploy(committed.factory, models.chain(models.user("Task_A"), models.user("Task_New")), now)
    new = start(committed.factory, "sample", now)
    for instance_id, wanted in ((old, "Task_Old"), (new, "Task_New")):
        task_id = open_tasks(committed.factory, instance_id)["Task_A"]
        transactions.run(committed.factory, lambda s, t=task_id: tasks.complete(s, t, {}, actor=person("li"), now=now))
        assert list(open_tasks(committed.factory, instance_id)) == [wanted]


def test_a_cancelled_instance_leaves_nothing_open(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.user("Task_A", candidateGroups="g")), now)
    instance_id = start(committed.factory, "sample", now)
    transactions.run(
        committed.factory, lambda s: execution.cancel(s, instance_id, reason="duplicate", actor=SYSTEM, now=now)
    )
    assert open_tasks(committed.factory, instance_id) == {}
    with committed.factory() as session:
        view = queries.instance_view(session, instance_id)
        assert (view.instance.status, view.state_of("Task_A"), view.state_of("Stop")) == (
            "cancelled",
            "cancelled",
            "coming",
        )
    with pytest.raises(ConflictError):
        transactions.run(
            committed.factory, lambda s: execution.cancel(s, instance_id, reason="again", actor=SYSTEM, now=now)
        )


def test_the_view_of_an_instance_knows_done_current_and_coming_elements(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.user("Task_A"), models.user("Task_B"), models.user("Task_C")), now)
    instance_id = start(committed.factory, "sample", now)
    task_id = open_tasks(committed.factory, instance_id)["Task_A"]
    transactions.run(committed.factory, lambda s: tasks.complete(s, task_id, {}, actor=person("li"), now=now))
    with committed.factory() as session:
        view = queries.instance_view(session, instance_id)
    names = ("Start", "Task_A", "Task_B", "Task_C", "Stop")
    assert [view.state_of(name) for name in names] == ["done", "done", "current", "coming", "coming"]
    assert view.flows == ["Flow_1", "Flow_2"]
    (visit,) = [visit for visit in view.visits if visit.element_id == "Task_A"]
    assert (visit.actor, visit.task_id) == ("li", task_id)


def test_a_handler_cannot_step_the_instance_that_calls_it(committed: TestDatabase, now: datetime) -> None:
    from bpmn import registry
    from bpmn.registry import HandlerContext

    before = dict(registry._handlers)

    @registry.handler("test.recursive")
    def recursive(*, context: HandlerContext) -> None:
        execution.cancel(context.session, context.instance_id, reason="me", actor=SYSTEM, now=context.now)

    try:
        deploy(committed.factory, models.chain(models.user("Task_A"), models.service(topic="test.recursive")), now)
        instance_id = start(committed.factory, "sample", now)
        task_id = open_tasks(committed.factory, instance_id)["Task_A"]
        transactions.run(committed.factory, lambda s: tasks.complete(s, task_id, {}, actor=person("li"), now=now))
    finally:
        registry._handlers.clear()
        registry._handlers.update(before)
    assert instance(committed.factory, instance_id).status == "running"
    with committed.factory() as session:
        assert queries.instance_view(session, instance_id).failed == {"Service_A"}
