"""User tasks: claim, return, delegation, completion, drafts, and how few statements a completion takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import orjson
import pytest
from sqlalchemy import Engine, event, select

from bpmn import queries, tasks, transactions
from bpmn.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    TaskAlreadyClaimedError,
    TaskClosedError,
)
from bpmn.tables import History, TaskCandidate, TaskDraft
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import deploy, instance, open_tasks, person, start, tags

LI, WANG, ZHAO = person("li", "acceptor@1"), person("wang", "acceptor@1"), person("zhao", "checker@1")
FORM = {
    "type": "default",
    "components": [
        {
            "type": "radio",
            "key": "outcome",
            "values": [{"value": "file"}, {"value": "refuse"}],
            "validate": {"required": True},
        }
    ],
}


@pytest.fixture
def waiting(committed: TestDatabase, now: datetime) -> tuple[TestDatabase, str, int]:
    """A database with one instance that waits at Task_A, then at Task_B."""
    files = models.chain(
        models.user("Task_A", candidateGroups="acceptor@{street}", dueDate="PT4H", formKey="forms/a.form"),
        models.user("Task_B", candidateGroups="checker@{street}", excludedUsers="{handled_by}"),
    ) | {"forms/a.form": orjson.dumps(FORM)}
    deploy(committed.factory, files, now)
    instance_id = start(committed.factory, "sample", now, street="1", handled_by="zhao")
    return committed, instance_id, open_tasks(committed.factory, instance_id)["Task_A"]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _many):  # type: ignore[no-untyped-def]
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_task_carries_its_candidates_due_moment_and_variables(
    waiting: tuple[TestDatabase, str, int], now: datetime
) -> None:
    database, _, task_id = waiting
    with database.factory() as session:
        task = tasks.get(session, task_id)
        assert (task.element_id, task.status, task.business_key) == ("Task_A", "open", "C-1")
        assert task.due_at == task.sort_at == now + timedelta(hours=4)
        assert task.data["street"] == "1"
        assert session.scalars(select(TaskCandidate.candidate)).all() == ["g:acceptor@1"]
        assert tasks.form_of(session, task_id) == FORM


def test_claiming_ones_own_task_again_changes_nothing(waiting: tuple[TestDatabase, str, int], now: datetime) -> None:
    database, instance_id, task_id = waiting
    for minutes in (0, 5):
        at = now + timedelta(minutes=minutes)
        task = transactions.run(database.factory, lambda s, at=at: tasks.claim(s, task_id, actor=LI, now=at))
    assert (task.assignee, task.claimed_at) == ("li", now)
    assert tags(database.factory, instance_id).count("task:claim") == 1


def test_the_second_claimant_hears_who_holds_it_since_when(
    waiting: tuple[TestDatabase, str, int], now: datetime
) -> None:
    database, _, task_id = waiting
    transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=LI, now=now))
    with pytest.raises(TaskAlreadyClaimedError) as refusal:
        transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=WANG, now=now))
    assert refusal.value.facts["holder"] == "li的姓名"
    assert refusal.value.facts["since"] == now


def test_somebody_outside_the_groups_may_not_claim_or_complete(
    waiting: tuple[TestDatabase, str, int], now: datetime
) -> None:
    database, _, task_id = waiting
    with pytest.raises(NotAllowedError):
        transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=ZHAO, now=now))
    with pytest.raises(NotAllowedError):
        transactions.run(
            database.factory, lambda s: tasks.complete(s, task_id, {"outcome": "file"}, actor=ZHAO, now=now)
        )


def test_a_returned_task_is_free_for_others(waiting: tuple[TestDatabase, str, int], now: datetime) -> None:
    database, _, task_id = waiting
    transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=LI, now=now))
    with pytest.raises(NotAllowedError):
        transactions.run(database.factory, lambda s: tasks.unclaim(s, task_id, actor=WANG, now=now))
    transactions.run(database.factory, lambda s: tasks.unclaim(s, task_id, actor=LI, now=now))
    assert transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=WANG, now=now)).assignee == "wang"


def test_a_delegated_task_comes_back_to_its_owner(waiting: tuple[TestDatabase, str, int], now: datetime) -> None:
    database, _, task_id = waiting
    values = {"outcome": "file"}
    transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=LI, now=now))
    transactions.run(database.factory, lambda s: tasks.delegate(s, task_id, "zhao", actor=LI, now=now))
    with pytest.raises(NotAllowedError):
        transactions.run(database.factory, lambda s: tasks.complete(s, task_id, values, actor=ZHAO, now=now))
    task = transactions.run(database.factory, lambda s: tasks.resolve(s, task_id, values, actor=ZHAO, now=now))
    assert (task.assignee, task.owner, task.status) == ("li", None, "claimed")
    with database.factory() as session:
        assert tasks.get_draft(session, task_id, actor=LI) == values
    transactions.run(database.factory, lambda s: tasks.complete(s, task_id, values, actor=LI, now=now))


def test_completing_a_free_task_claims_it_by_the_way_and_goes_on(
    waiting: tuple[TestDatabase, str, int], now: datetime
) -> None:
    database, instance_id, task_id = waiting
    transactions.run(database.factory, lambda s: tasks.save_draft(s, task_id, {"outcome": ""}, actor=LI, now=now))
    transactions.run(database.factory, lambda s: tasks.complete(s, task_id, {"outcome": "file"}, actor=LI, now=now))
    assert list(open_tasks(database.factory, instance_id)) == ["Task_B"]
    with database.factory() as session:
        row = session.scalars(select(History).where(History.task_id == task_id)).one()
        assert (row.tag, row.actor, row.element_id) == ("task:complete", "li", "Task_A")
        assert row.detail is not None
        assert row.detail["outcome"] == "file"
        assert row.detail["flows"] == ["Flow_2"]
        assert session.scalars(select(TaskDraft)).all() == []
    assert instance(database.factory, instance_id).variables["outcome"] == "file"


def test_a_wrong_answer_is_told_at_its_field_and_changes_nothing(
    waiting: tuple[TestDatabase, str, int], now: datetime
) -> None:
    database, instance_id, task_id = waiting
    for values in ({}, {"outcome": "burn"}, {"outcome": "file", "more": 1}, {"outcome": ["file"]}):
        with pytest.raises(InvalidInputError):
            transactions.run(database.factory, lambda s, v=values: tasks.complete(s, task_id, v, actor=LI, now=now))
    assert instance(database.factory, instance_id).revision == 1


def test_a_closed_task_says_who_closed_it_and_when(waiting: tuple[TestDatabase, str, int], now: datetime) -> None:
    database, _, task_id = waiting
    done = {"outcome": "file"}
    transactions.run(database.factory, lambda s: tasks.complete(s, task_id, done, actor=LI, now=now))
    with pytest.raises(TaskClosedError) as refusal:
        transactions.run(database.factory, lambda s: tasks.complete(s, task_id, done, actor=WANG, now=now))
    assert "li的姓名" in refusal.value.message("zh")
    with pytest.raises(TaskClosedError):
        transactions.run(database.factory, lambda s: tasks.claim(s, task_id, actor=WANG, now=now))
    with pytest.raises(NotFoundError):
        transactions.run(database.factory, lambda s: tasks.claim(s, task_id + 999, actor=WANG, now=now))


def test_whoever_did_an_earlier_step_may_not_do_this_one(waiting: tuple[TestDatabase, str, int], now: datetime) -> None:
    database, instance_id, task_id = waiting
    transactions.run(database.factory, lambda s: tasks.complete(s, task_id, {"outcome": "file"}, actor=LI, now=now))
    second = open_tasks(database.factory, instance_id)["Task_B"]
    with pytest.raises(NotAllowedError):
        transactions.run(database.factory, lambda s: tasks.complete(s, second, {}, actor=ZHAO, now=now))
    other = person("sun", "checker@1")
    transactions.run(database.factory, lambda s: tasks.complete(s, second, {}, actor=other, now=now))
    ended = instance(database.factory, instance_id)
    assert (ended.status, ended.state, ended.waits, ended.end_element) == ("completed", None, {}, "Stop")


def test_a_completion_takes_at_most_four_statements_of_the_platform(
    waiting: tuple[TestDatabase, str, int], now: datetime
) -> None:
    database, _, task_id = waiting
    with database.factory() as session:
        tasks.form_of(session, task_id)  # The form is read once per process.
    with counted(database.engine) as statements:
        transactions.run(database.factory, lambda s: tasks.complete(s, task_id, {"outcome": "file"}, actor=LI, now=now))
    assert len(statements) <= 4, statements


def test_a_queue_lists_what_is_due_next_first_page_by_page(committed: TestDatabase, now: datetime) -> None:
    files = models.chain(models.user(candidateGroups="a@1,b@1", candidateUsers="li", dueDate="{due}"))
    deploy(committed.factory, files, now)
    for hours in (3, 1, 2):
        start(committed.factory, "sample", now, business_key=f"C-{hours}", due=f"PT{hours}H")
    with committed.factory() as session:
        first = queries.queue(session, ["g:a@1", "g:b@1", "u:li"], limit=2)
        assert [task.business_key for task in first.tasks] == ["C-1", "C-2"]
        rest = queries.queue(session, ["g:a@1"], after=first.next, limit=2)
        assert [task.business_key for task in rest.tasks] == ["C-3"]
        assert rest.next is None
        assert queries.queue_sizes(session, ["g:a@1", "g:c@1"]) == {"g:a@1": 3, "g:c@1": 0}
        assert queries.open_tasks_of(session, "li").tasks == []
