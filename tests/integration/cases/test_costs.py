"""What a step of a case costs: statements are counted, because they are what a busy hour is made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bpmn import tasks, transactions
from tests.integration.cases.conftest import START
from tests.integration.cases.desk import SQUAD, Desk
from tests.support.databases import TestDatabase
from tests.support.towns import statements_of

MOST = 12
"""SQL statements of one completion, the domain's and the notification at the commit included."""

STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("Task_Accept", "acceptor01", {"outcome": "submit", "condition": "E0136-1"}),
    ("Task_File", "shiftleader01", {"outcome": "file", "condition": "E0136-1", "grade": "C"}),
    ("Task_Dispatch", "dispatcher01", {"lead_unit": SQUAD}),
    ("Task_SignFor", "cg01", {"outcome": "accept"}),
    ("Task_Handle", "cg01", {"outcome": "done", "result": "已清运"}),
    ("Task_Inspect", "checker01", {"outcome": "fail", "reason": "仍有残留"}),
    ("Task_Handle", "cg01", {"outcome": "done", "result": "已清运"}),
    ("Task_Inspect", "checker01", {"outcome": "pass"}),
    ("Task_Close", "shiftleader01", {"outcome": "close", "closing_condition": "清理、规整"}),
]


def walk(town: TestDatabase) -> list[tuple[str, list[str]]]:
    """A case from report to closure, each answer in a transaction of its own; the statements of each."""

    def reported(session: Session) -> str:
        return Desk(session, START).report().number

    number = transactions.run(town.factory, reported)
    costs = []
    for element, username, values in STEPS:
        with town.factory() as session:
            desk = Desk(session, START)
            desk.number = number
            actor, task_id = desk.actor(username), desk.task(element).id
        with statements_of(town.engine) as sent:
            transactions.run(
                town.factory,
                lambda session, task_id=task_id, values=values, actor=actor: tasks.complete(  # type: ignore[misc]
                    session, task_id, values, actor=actor, now=START
                ),
            )
        costs.append((element, sent))
    return costs


def test_no_answer_to_a_task_of_a_case_costs_more_than_twelve_statements(case_town: TestDatabase) -> None:
    walk(case_town)  # fills the caches of a service that runs
    costs = walk(case_town)
    assert [(element, len(sent)) for element, sent in costs if len(sent) > MOST] == [], costs
