"""The task list as people use it: see, claim from the row, undo, claim many, search; and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from flask.testing import FlaskClient

from bpmn.tables import UserTask
from tests.support.databases import TestDatabase
from tests.support.towns import statements_of
from tests.web import stage
from tests.web.conftest import Clock
from tests.web.stage import case_process

__all__ = ["case_process"]

SignedIn = Callable[[str], FlaskClient]
JSON = {"Accept": "application/json"}
_offsets = count(1)


@pytest.fixture
def case(case_process: TestDatabase) -> str:
    """The number of a fresh case that waits for an acceptor."""
    return stage.reported(case_process, description=f"case {next(_offsets)}")


def text(client: FlaskClient, path: str = "/") -> str:
    return client.get(path).get_data(as_text=True)


def row_of(page: str, task_id: int) -> str:
    found = re.search(rf'<tr id="task-{task_id}".*?</tr>', page, re.DOTALL)
    assert found is not None
    return found[0]


def search(number: str, scope: str = "queue") -> str:
    return f"/?scope={scope}&q={number}"


def test_a_reported_case_stands_in_the_acceptors_queue_with_its_clock(
    case: str, case_process: TestDatabase, signed_in: SignedIn
) -> None:
    task = stage.task_of(case_process, case)
    row = row_of(text(signed_in("acceptor01"), search(case)), task.id)
    assert "待领取" in row
    assert "受理登记" in row
    assert re.search(r"剩 0:1\d", row)
    assert re.search(r"\d\d:\d\d 到", row)
    assert f"task-{task.id}" not in text(signed_in("dispatcher01"), search(case))


def test_claiming_from_the_row_and_taking_it_back(case: str, case_process: TestDatabase, signed_in: SignedIn) -> None:
    client, task = signed_in("acceptor01"), stage.task_of(case_process, case)
    answer = client.post(f"/tasks/{task.id}/claim", headers=JSON)
    assert answer.json is not None
    assert "受理员 01（我）" in answer.json["row"]
    assert f"task-{task.id}" in text(client, search(case, "mine"))
    again = client.post(f"/tasks/{task.id}/claim", headers=JSON)
    assert again.status_code == 200, "claiming one's own task again changes nothing"
    undone = client.post(f"/tasks/{task.id}/unclaim", headers=JSON)
    assert undone.json is not None
    assert "待领取" in undone.json["row"]


def test_without_scripts_the_same_form_leads_back_to_the_list(
    case: str, case_process: TestDatabase, signed_in: SignedIn
) -> None:
    client, task = signed_in("acceptor01"), stage.task_of(case_process, case)
    answer = client.post(f"/tasks/{task.id}/claim", data={"next": "/?scope=queue"}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.location) == (303, "/?scope=queue")
    assert "已领取" in text(client)


def test_the_second_claimant_hears_who_has_it_since_when(
    case: str, case_process: TestDatabase, signed_in: SignedIn, clock: Clock
) -> None:
    task = stage.task_of(case_process, case)
    assert signed_in("acceptor01").post(f"/tasks/{task.id}/claim", headers=JSON).status_code == 200
    clock.forward(timedelta(seconds=4))
    second = signed_in("acceptor02")
    refused = second.post(f"/tasks/{task.id}/claim", headers=JSON)
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["code"] == "task-already-claimed"
    assert "受理员 01" in refused.json["detail"]
    row = row_of(text(second, search(case)), task.id)
    assert "4 秒前领取" in row
    assert "is-taken" in row
    assert " disabled" in row, "it cannot be selected"


def test_giving_back_what_somebody_else_holds_is_refused(
    case: str, case_process: TestDatabase, signed_in: SignedIn
) -> None:
    task = stage.task_of(case_process, case)
    signed_in("acceptor01").post(f"/tasks/{task.id}/claim", headers=JSON)
    assert signed_in("acceptor02").post(f"/tasks/{task.id}/unclaim", headers=JSON).status_code == 403


@pytest.mark.parametrize("who", ["cg01", "hw-lead"])
@pytest.mark.parametrize("verb", ["claim", "unclaim"])
def test_a_task_of_a_foreign_case_does_not_exist(
    case: str, case_process: TestDatabase, signed_in: SignedIn, who: str, verb: str
) -> None:
    task = stage.task_of(case_process, case)
    assert signed_in("acceptor01").post(f"/tasks/{task.id}/claim", headers=JSON).status_code == 200
    foreign = signed_in(who)
    assert foreign.post(f"/tasks/{task.id}/{verb}", headers=JSON).status_code == 404
    assert foreign.get(f"/tasks/{task.id}/row").status_code == 404
    assert foreign.post("/tasks/999999999/claim", headers=JSON).status_code == 404


def test_a_task_of_another_queue_is_shown_and_not_offered(
    case: str, case_process: TestDatabase, signed_in: SignedIn
) -> None:
    task = stage.task_of(case_process, case)
    row = row_of(text(signed_in("dispatcher01"), search(case, "all")), task.id)
    assert 'data-action="view"' in row
    assert "/claim" not in row
    assert " disabled" in row


def test_who_did_an_earlier_step_reads_why_they_are_not_asked(
    case: str, case_process: TestDatabase, signed_in: SignedIn
) -> None:
    task = stage.task_of(case_process, case)
    client = signed_in("acceptor01")
    with case_process.factory.begin() as session:
        owner = stage.viewer(case_process, "acceptor01").person_id
        session.get_one(UserTask, task.id).excluded_users = [owner]
    row = row_of(text(client, search(case)), task.id)
    assert "须回避" in row
    assert 'data-action="view"' in row
    assert client.post(f"/tasks/{task.id}/claim", headers=JSON).status_code == 403
    assert 'data-action="claim"' in row_of(text(signed_in("acceptor02"), search(case)), task.id)


def test_volunteers_claim_nothing(case: str, case_process: TestDatabase, signed_in: SignedIn) -> None:
    task = stage.task_of(case_process, case)
    assert signed_in("volunteer01-1").post(f"/tasks/{task.id}/claim", headers=JSON).status_code == 403


def test_claiming_many_tells_for_each_what_became_of_it(case_process: TestDatabase, signed_in: SignedIn) -> None:
    tasks = [stage.task_of(case_process, stage.reported(case_process, description=f"bulk {n}")).id for n in range(3)]
    signed_in("acceptor02").post(f"/tasks/{tasks[1]}/claim", headers=JSON)
    answer = signed_in("acceptor01").post("/tasks/claim", json={"task_ids": [*tasks, 999999999]}, headers=JSON)
    assert answer.json is not None
    outcomes = {entry["task_id"]: entry["outcome"] for entry in answer.json["outcomes"]}
    assert list(outcomes.values()) == ["claimed", "task-already-claimed", "claimed", "not-found"]
    assert answer.json["claimed"] == 2
    taken = next(entry for entry in answer.json["outcomes"] if entry["task_id"] == tasks[1])
    assert "受理员 02" in taken["detail"]


@pytest.mark.parametrize("ids", [[], ["x"], [0], [-1], list(range(1, 60)), "12", [2**70], [None]])
def test_a_senseless_bulk_claim_is_refused_at_its_field(signed_in: SignedIn, ids: object) -> None:
    answer = signed_in("acceptor01").post("/tasks/claim", json={"task_ids": ids}, headers=JSON)
    assert answer.status_code in {404, 422}
    if answer.status_code == 422:
        assert answer.json is not None
        assert "task_ids" in answer.json["errors"]


def test_an_empty_list_says_what_is_empty_and_the_way_out(case_process: TestDatabase, signed_in: SignedIn) -> None:
    page = text(signed_in("acceptor01"), "/?q=没有这样的地方")
    assert "没有与“没有这样的地方”相符的任务" in page
    assert "在全部中搜索" in page


@pytest.mark.parametrize("query", ["after=%00", "after=abc", "after=" + "A" * 500])
def test_a_tampered_page_position_is_refused_in_words(signed_in: SignedIn, query: str) -> None:
    answer = signed_in("acceptor01").get(f"/?{query}", headers=JSON)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query",
    ["scope=nonsense", "state=x&holder=y", "step=" + "s" * 999, "q=%27%3B--", "q=%3Cscript%3E"],
)
def test_unknown_words_in_the_address_open_the_list_all_the_same(signed_in: SignedIn, query: str) -> None:
    answer = signed_in("acceptor01").get(f"/?{query}")
    assert answer.status_code == 200
    assert "<script>" not in answer.get_data(as_text=True)


def test_a_byte_that_cannot_be_stored_is_refused_and_no_crash(signed_in: SignedIn) -> None:
    answer = signed_in("acceptor01").get("/?community=%00")
    assert answer.status_code == 422
    assert "无法保存" in answer.get_data(as_text=True)


def test_the_fragment_is_the_inside_of_the_page_alone(signed_in: SignedIn) -> None:
    page = signed_in("acceptor01").get("/", headers={"X-Fragment": "list"}).get_data(as_text=True)
    assert page.lstrip().startswith('<div class="gw-work">')
    assert "<html" not in page


def test_the_english_page_speaks_english(case: str, case_process: TestDatabase, signed_in: SignedIn) -> None:
    client, task = signed_in("acceptor01"), stage.task_of(case_process, case)
    client.set_cookie("language", "en")
    row = row_of(text(client, search(case)), task.id)
    assert re.search(r"0:1\d left", row)
    for word in ("Unclaimed", "Accept", "Claim"):
        assert word in row


def test_a_page_needs_at_most_six_statements(
    case: str, case_process: TestDatabase, signed_in: SignedIn, app: object
) -> None:
    client = signed_in("acceptor01")
    engine = client.application.extensions["gridwhistle.engine"]
    with statements_of(engine) as first:
        assert client.get("/").status_code == 200
    with statements_of(engine) as later:
        assert client.get("/").status_code == 200
    assert len(later) <= 6, later
    assert len(first) <= 12, first
