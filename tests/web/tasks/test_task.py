"""The page of one task: form, draft, photos, completion, and refusals that lose nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.databases import TestDatabase
from tests.web.conftest import SignedIn
from tests.web.stage import answer, jpeg, reported, task_of, upload

JSON = {"Accept": "application/json"}


def at_handling(database: TestDatabase) -> tuple[str, int]:
    """A case whose department has signed for it, and its task."""
    number = reported(database)
    answer(database, number, "acceptor01", {"outcome": "submit"})
    condition = condition_of(database, number)
    answer(database, number, "shiftleader01", {"outcome": "file", "condition": condition, "grade": "C"})
    answer(database, number, "dispatcher01", {"lead_unit": "441302008-hw"})
    answer(database, number, "hw01", {"outcome": "accept"})
    return number, task_of(database, number).id


def condition_of(database: TestDatabase, number: str) -> str:
    from handlers.cases import choices, queries

    with database.factory() as session:
        return choices.filing_conditions(session, queries.get(session, number))[0].code


def block(page: str, name: str) -> Any:
    return json.loads(
        page.split(f'<script type="application/json" data-{name}')[1].split(">", 1)[1].split("</script>", maxsplit=1)[0]
    )


def form_page(client: FlaskClient, task_id: int) -> str:
    found = client.get(f"/tasks/{task_id}")
    assert found.status_code == 200
    return found.text


def test_the_page_has_the_form_the_facts_and_the_clock(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process, description="墙角一堆")
    page = form_page(signed_in("acceptor01"), task_of(case_process, number).id)
    assert "受理登记" in page
    assert "墙角一堆" in page
    assert "剩 0:15" in page
    assert block(page, "schema")["components"][0]["key"] == "outcome"
    assert 'name="outcome"' in page, "the plain form is there without JavaScript"


def test_choices_of_the_case_are_offered_and_nothing_else_is_taken(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number = reported(case_process)
    answer(case_process, number, "acceptor01", {"outcome": "submit"})
    leader = signed_in("shiftleader01")
    task_id = task_of(case_process, number).id
    values = block(form_page(leader, task_id), "values")
    offered = {each["value"] for each in values["filing_conditions"]}
    assert condition_of(case_process, number) in offered
    bad = {"values": {"outcome": "file", "condition": "E9999-9", "grade": "C"}}
    refused = leader.post(f"/tasks/{task_id}/complete", json=bad, headers=JSON)
    assert refused.status_code == 422
    assert "condition" in refused.json["errors"]


def test_completing_goes_back_to_the_list_with_a_word(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    client = signed_in("acceptor01")
    task_id = task_of(case_process, number).id
    done = client.post(f"/tasks/{task_id}/complete", json={"values": {"outcome": "submit"}}, headers=JSON)
    assert done.status_code == 200
    assert done.json["location"] == "/"
    assert f"已办：受理登记，{number}" in client.get("/").text
    assert task_of(case_process, number).element_id == "Task_File"


def test_the_plain_form_completes_too(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    answered = signed_in("acceptor01").post(f"/tasks/{task_id}/complete", data={"outcome": "submit"})
    assert answered.status_code == 303
    assert answered.headers["Location"] == "/"


def test_a_missing_answer_comes_back_at_its_field_with_what_was_typed(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    client = signed_in("acceptor01")
    answered = client.post(f"/tasks/{task_id}/complete", data={"outcome": "refuse", "reason": ""})
    assert answered.status_code == 422
    assert "还没有提交" in answered.text
    assert 'id="f-reason-error"' in answered.text
    assert block(answered.text, "values")["outcome"] == "refuse"


def test_bad_values_are_refused_at_their_fields(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    client = signed_in("acceptor01")
    for values, field in (
        ({}, "outcome"),
        ({"outcome": 7}, "outcome"),
        ({"outcome": "void", "reason": "x" * 2000}, "reason"),
        ({"outcome": "submit", "surprise": 1}, "surprise"),
    ):
        answered = client.post(f"/tasks/{task_id}/complete", json={"values": values}, headers=JSON)
        assert answered.status_code == 422, values
        assert field in answered.json["errors"], values
    assert task_of(case_process, number).id == task_id


def test_someone_elses_claim_is_told_with_name_and_way_out(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    assert signed_in("acceptor02").post(f"/tasks/{task_id}/claim", headers=JSON).status_code == 200
    late = signed_in("acceptor01")
    refused = late.post(f"/tasks/{task_id}/complete", json={"values": {"outcome": "submit"}}, headers=JSON)
    assert refused.status_code == 409
    assert "受理员 02" in refused.json["title"]
    assert "没有提交" in refused.json["detail"]
    assert {way["url"] for way in refused.json["ways"]} >= {"/", f"/cases/{number}"}
    page = late.post(f"/tasks/{task_id}/complete", data={"outcome": "void", "reason": "写好的理由"})
    assert page.status_code == 409
    assert "写好的理由" in page.text
    closed = form_page(late, task_id)
    assert "受理员 02" in closed
    assert "data-send" not in closed


def test_a_second_completion_says_who_did_it(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    answer(case_process, number, "acceptor03", {"outcome": "submit"})
    late = signed_in("acceptor01")
    refused = late.post(f"/tasks/{task_id}/complete", json={"values": {"outcome": "submit"}}, headers=JSON)
    assert refused.status_code == 409
    assert "受理员 03" in refused.json["detail"]
    assert late.get(f"/tasks/{task_id}", headers=JSON).status_code == 409


def test_a_closed_task_leads_to_its_case_and_says_who_closed_it(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    answer(case_process, number, "acceptor03", {"outcome": "submit"})
    late = signed_in("acceptor01")
    answered = late.get(f"/tasks/{task_id}")
    assert (answered.status_code, answered.headers["Location"]) == (303, f"/cases/{number}")
    assert "这一步已由受理员 03于" in late.get(f"/cases/{number}").text
    assert signed_in("sj01").get(f"/tasks/{task_id}").status_code == 404, "whoever may not see the case"


def test_an_outdated_form_comes_back_with_what_was_typed(
    app: Flask, signed_in: SignedIn, case_process: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    client = signed_in("acceptor01")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    typed = {"outcome": "void", "reason": "写了很久的理由", "csrf_token": "out of date"}
    refused = client.post(f"/tasks/{task_id}/complete", data=typed)
    assert refused.status_code == 400
    assert "页面已过期" in refused.text
    assert block(refused.text, "values")["reason"] == "写了很久的理由"
    assert task_of(case_process, number).id == task_id
    fresh = refused.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post(f"/tasks/{task_id}/complete", data={**typed, "csrf_token": fresh}).status_code == 303
    visitor = app.test_client().post(f"/tasks/{task_id}/complete", data=typed)
    assert "写了很久的理由" not in visitor.text


def test_a_draft_survives_leaving_the_page_and_is_ones_own(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    client = signed_in("acceptor01")
    typed = {"values": {"outcome": "void", "reason": "写到一半"}}
    assert client.put(f"/tasks/{task_id}/draft", json=typed).status_code == 200
    page = form_page(client, task_id)
    assert block(page, "values")["reason"] == "写到一半"
    assert "已恢复" in page
    assert "写到一半" not in form_page(signed_in("acceptor02"), task_id)
    assert client.put(f"/tasks/{task_id}/draft", json=[1], headers=JSON).status_code == 422


def test_photos_are_taken_in_first_and_belong_to_the_answer(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number, task_id = at_handling(case_process)
    worker = signed_in("hw01")
    made = worker.post(f"/tasks/{task_id}/photos", data={"photo": upload(jpeg("#ffffff"))}, headers=JSON)
    assert made.status_code == 201
    values = {"outcome": "done", "result": "清走了", "photos": [made.json["id"]]}
    done = worker.post(f"/tasks/{task_id}/complete", json={"values": values}, headers=JSON)
    assert done.status_code == 200, done.json
    page = signed_in("checker01").get(f"/cases/{number}").text
    assert "清走了" in page
    assert made.json["id"] in page


def test_the_plain_form_sends_photos_with_the_answer(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number, task_id = at_handling(case_process)
    data = {"outcome": "done", "result": "已清运", "photos": upload(jpeg("#abcdef"))}
    assert signed_in("hw02").post(f"/tasks/{task_id}/complete", data=data).status_code == 303
    assert "附照片 1 张" in signed_in("checker01").get(f"/cases/{number}").text


def test_a_photo_that_is_none_keeps_the_answers(signed_in: SignedIn, case_process: TestDatabase) -> None:
    _number, task_id = at_handling(case_process)
    data = {"outcome": "done", "result": "不能丢", "photos": upload(b"no photo at all", "x.jpg")}
    answered = signed_in("hw02").post(f"/tasks/{task_id}/complete", data=data)
    assert answered.status_code == 422
    assert "不是照片" in answered.text
    assert "不能丢" in answered.text


def test_who_handled_may_not_check_and_reads_why(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number, _task = at_handling(case_process)
    answer(case_process, number, "hw01", {"outcome": "done", "result": "好了"})
    task_id = task_of(case_process, number).id
    page = form_page(signed_in("hw01"), task_id)
    assert "data-send" not in page
    assert "不在您的队列" in page or "同事" in page
    refused = signed_in("hw01").post(f"/tasks/{task_id}/complete", json={"values": {"outcome": "pass"}}, headers=JSON)
    assert refused.status_code == 403


def test_a_foreign_task_does_not_exist(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    for path in (f"/tasks/{task_id}", "/tasks/999999999"):
        assert signed_in("sj01").get(path).status_code == 404
    assert signed_in("sj01").post(f"/tasks/{task_id}/complete", json={"values": {}}, headers=JSON).status_code == 404
    assert signed_in("volunteer01-1").post(f"/tasks/{task_id}/complete", headers=JSON).status_code == 403


def test_returning_a_task_keeps_the_draft(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task_id = task_of(case_process, number).id
    client = signed_in("acceptor01")
    assert client.post(f"/tasks/{task_id}/claim", headers=JSON).status_code == 200
    page = form_page(client, task_id)
    assert "退回队列" in page
    client.put(f"/tasks/{task_id}/draft", json={"values": {"outcome": "void", "reason": "稍后再说"}})
    assert client.post(f"/tasks/{task_id}/unclaim", headers=JSON).status_code == 200
    assert block(form_page(client, task_id), "values")["reason"] == "稍后再说"


def test_forms_are_in_english_on_english_pages(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    client = signed_in("acceptor01")
    client.set_cookie("language", "en")
    schema = block(form_page(client, task_of(case_process, number).id), "schema")
    assert schema["components"][0]["label"] == "Decision"
    assert not any("\u4e00" <= character <= "\u9fff" for character in json.dumps(schema, ensure_ascii=False))


def test_an_answer_that_the_plain_form_does_not_ask_is_refused_by_name(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    _number, task_id = at_handling(case_process)
    data = {"outcome": "done", "result": "不能丢", "csrf_token": "x", "colour": "red"}
    answered = signed_in("hw02").post(f"/tasks/{task_id}/complete", data=data)
    assert answered.status_code == 422
    assert "没有“colour”这一项" in answered.text
    assert "不能丢" in answered.text
    del data["colour"]
    assert signed_in("hw02").post(f"/tasks/{task_id}/complete", data=data).status_code == 303
