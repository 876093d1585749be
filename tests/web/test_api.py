"""The API: signing in, problem documents, idempotency, tasks, cases, foreign objects, the document."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bpmn.tables import History, Incident
from handlers.cases.tables import Case
from handlers.permissions import POLICY
from tests.support.databases import TestDatabase
from tests.support.towns import statements_of
from tests.web import stage
from tests.web.stage import case_process
from webapp import access

__all__ = ["case_process"]

API = "/api/v1"
Bearer = Callable[[str], dict[str, str]]
_fresh = count(1)


@pytest.fixture
def case(case_process: TestDatabase) -> str:
    return stage.reported(case_process, description=f"api case {next(_fresh)}")


def report(**changes: Any) -> dict[str, Any]:
    lon, lat = stage.PLACE
    return {"category_code": stage.CATEGORY, "lon": lon, "lat": lat, "description": f"r{next(_fresh)}", **changes}


def accepted(**changes: Any) -> dict[str, Any]:
    return {"values": {"outcome": "submit", "reason": "情况属实，建议立案。", **changes}}


def test_without_token_or_cookie_the_answer_is_401(client: FlaskClient) -> None:
    answer = client.get(f"{API}/tasks")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.get(f"{API}/tasks", headers={"Authorization": "Bearer gw_wrong"}).status_code == 401


def test_a_cookie_writes_only_from_our_own_pages(
    case_process: TestDatabase, signed_in: Callable[[str], FlaskClient]
) -> None:
    client = signed_in("collector01")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert client.post(f"{API}/cases", json=report(), headers=headers).status_code == 403
    own = client.post(
        f"{API}/cases", json=report(), headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    )
    assert own.status_code == 201


def test_a_case_travels_over_the_api(case_process: TestDatabase, client: FlaskClient, bearer: Bearer) -> None:
    made = client.post(f"{API}/cases", json=report(), headers=bearer("collector01"))
    assert made.json is not None
    number = made.json["number"]
    acceptor = bearer("acceptor01")
    page = client.get(f"{API}/tasks?scope=queue&q={number}", headers=acceptor).json
    assert page is not None
    [task] = page["items"]
    assert (task["business_key"], task["element_id"], task["assignee"]) == (number, "Task_Accept", None)
    assert client.post(f"{API}/tasks/{task['id']}/claim", headers=acceptor).json["status"] == "claimed"  # type: ignore[index]
    draft = {"values": {"reason": "half a sentence"}}
    assert client.put(f"{API}/tasks/{task['id']}/draft", json=draft, headers=acceptor).status_code == 204
    assert client.get(f"{API}/tasks/{task['id']}/draft", headers=acceptor).json == draft
    done = client.post(f"{API}/tasks/{task['id']}/complete", json=accepted(), headers=acceptor)
    assert done.status_code == 204, done.json
    assert client.get(f"{API}/cases/{number}", headers=acceptor).json["status"] == "accepted"  # type: ignore[index]
    again = client.post(f"{API}/tasks/{task['id']}/complete", json=accepted(), headers=acceptor)
    assert again.status_code == 409
    assert again.json is not None
    assert again.json["code"] == "task-closed"


def test_one_completion_needs_at_most_twelve_statements(
    case: str, case_process: TestDatabase, client: FlaskClient, bearer: Bearer
) -> None:
    acceptor = bearer("acceptor01")
    # The first completion of a process reads definitions and calendars; the second one is counted.
    for number in (case, stage.reported(case_process, description=f"api case {next(_fresh)}")):
        task = stage.task_of(case_process, number)
        with statements_of(client.application.extensions["gridwhistle.engine"]) as sent:
            done = client.post(f"{API}/tasks/{task.id}/complete", json=accepted(), headers=acceptor)
        assert done.status_code == 204, done.json
    assert len(sent) <= 12, "\n".join(sent)


def test_the_same_key_gives_the_same_answer_and_one_effect(
    case_process: TestDatabase, client: FlaskClient, bearer: Bearer
) -> None:
    headers = bearer("collector01") | {"Idempotency-Key": f"key-{next(_fresh)}"}
    body = report()
    first = client.post(f"{API}/cases", json=body, headers=headers)
    second = client.post(f"{API}/cases", json=body, headers=headers)
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    other = client.post(f"{API}/cases", json=report(), headers=headers)
    assert other.status_code == 422
    assert other.json is not None
    assert other.json["code"] == "idempotency-key-reused"
    somebody = bearer("collector02") | {"Idempotency-Key": headers["Idempotency-Key"]}
    assert client.post(f"{API}/cases", json=body, headers=somebody).json != first.json


def test_a_refused_request_leaves_its_key_free(case_process: TestDatabase, client: FlaskClient, bearer: Bearer) -> None:
    headers = bearer("collector01") | {"Idempotency-Key": f"key-{next(_fresh)}"}
    assert client.post(f"{API}/cases", json=report(category_code="9999"), headers=headers).status_code == 422
    assert client.post(f"{API}/cases", json=report(), headers=headers).status_code == 201


def test_a_completed_task_answers_its_repeated_key_with_the_first_answer(
    case: str, case_process: TestDatabase, client: FlaskClient, bearer: Bearer
) -> None:
    task = stage.task_of(case_process, case)
    headers = bearer("acceptor01") | {"Idempotency-Key": f"key-{next(_fresh)}"}
    for _ in range(3):
        answer = client.post(f"{API}/tasks/{task.id}/complete", json=accepted(), headers=headers)
        assert answer.status_code == 204
    with case_process.factory() as session:
        done = select(func.count()).where(History.task_id == task.id, History.tag == "task:complete")
        assert session.scalar(done) == 1


def test_two_requests_with_one_key_at_once_make_one_case(
    case_process: TestDatabase, app: Flask, bearer: Bearer
) -> None:
    headers = bearer("collector01") | {"Idempotency-Key": f"key-{next(_fresh)}"}
    body, together, answers = report(), Barrier(4), list[Any]()

    def send() -> None:
        together.wait()
        answers.append(app.test_client().post(f"{API}/cases", json=body, headers=headers))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["number"] for answer in answers}) == 1
    with case_process.factory() as session:
        assert session.scalar(select(func.count()).where(Case.description == body["description"])) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category_code": "9999"}, "category_code"),
        ({"lon": 116.4, "lat": 39.9}, "place"),
        ({"lon": "here"}, "lon"),
        ({"lat": 91}, "lat"),
        ({"occurred_at": "2026-12-31T00:00:00+08:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-20 08:00"}, "occurred_at"),
        ({"description": "x" * 2001}, "description"),
        ({"source": "gossip"}, "source"),
        ({"colour": "red"}, "colour"),
        ({"submission_id": ""}, "submission_id"),
    ],
)
def test_bad_input_is_named_at_its_field(
    case_process: TestDatabase, client: FlaskClient, bearer: Bearer, changes: dict[str, Any], field: str
) -> None:
    answer = client.post(f"{API}/cases", json=report(**changes), headers=bearer("collector01"))
    assert answer.status_code == 422
    assert answer.json is not None
    named = answer.json["errors"]
    assert field in named or (field == "place" and {"lon", "lat", "position", "location"} & set(named)), named


@pytest.mark.parametrize(
    ("username", "changes", "field"),
    [
        ("collector01", {"source": "hotline"}, "source"),
        ("hw01", {"source": "collector"}, "source"),
        ("volunteer03-1", {"source": "collector"}, "source"),
        ("acceptor01", {"source": "collector"}, "source"),
        ("collector01", {"reporter_name": "王女士"}, "reporter_name"),
        ("volunteer03-1", {"reporter_contact": "13812345678"}, "reporter_contact"),
        ("volunteer03-1", {"self_handled": True, "result": "已清"}, "self_handled"),
    ],
)
def test_nobody_reports_as_somebody_else(
    case_process: TestDatabase,
    client: FlaskClient,
    bearer: Bearer,
    username: str,
    changes: dict[str, Any],
    field: str,
) -> None:
    answer = client.post(f"{API}/cases", json=report(**changes), headers=bearer(username))
    assert answer.status_code == 422
    assert answer.json is not None
    assert field in answer.json["errors"]


@pytest.mark.parametrize(
    ("username", "changes", "source"),
    [
        ("collector01", {}, "collector"),
        ("officer03-1", {}, "collector"),
        ("volunteer03-1", {}, "resident"),
        ("hw01", {}, "department"),
        ("acceptor01", {}, "hotline"),
        ("acceptor01", {"source": "resident", "reporter_name": "王某", "reporter_contact": "13800000000"}, "resident"),
    ],
)
def test_the_source_of_a_report_follows_from_the_senders_position(
    case_process: TestDatabase,
    client: FlaskClient,
    bearer: Bearer,
    username: str,
    changes: dict[str, Any],
    source: str,
) -> None:
    answer = client.post(f"{API}/cases", json=report(**changes), headers=bearer(username))
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    assert answer.json["source"] == source


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"values": 1}', b'{"values": {}, "more": 1}']
)
def test_a_body_that_is_no_answer_is_refused(
    case: str, case_process: TestDatabase, client: FlaskClient, bearer: Bearer, body: bytes
) -> None:
    task = stage.task_of(case_process, case)
    url = f"{API}/tasks/{task.id}/complete"
    answer = client.post(url, data=body, headers=bearer("acceptor01"), content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.mimetype == "application/problem+json"
    assert stage.task_of(case_process, case).id == task.id


def test_unknown_and_missing_answers_are_named_and_nothing_is_lost(
    case: str, case_process: TestDatabase, client: FlaskClient, bearer: Bearer
) -> None:
    url, header = f"{API}/tasks/{stage.task_of(case_process, case).id}/complete", bearer("acceptor01")
    unknown = client.post(url, json=accepted(colour="red"), headers=header)
    missing = client.post(url, json={"values": {}}, headers=header)
    assert unknown.status_code == missing.status_code == 422
    assert "colour" in unknown.json["errors"]  # type: ignore[index]
    assert "outcome" in missing.json["errors"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tasks/{task}"),
        ("POST", "/tasks/{task}/claim"),
        ("POST", "/tasks/{task}/unclaim"),
        ("POST", "/tasks/{task}/complete"),
        ("GET", "/tasks/{task}/draft"),
        ("PUT", "/tasks/{task}/draft"),
        ("GET", "/cases/{case}"),
    ],
)
@pytest.mark.parametrize("who", ["cg01", "yl-lead"])
def test_foreign_objects_do_not_exist(
    case: str, case_process: TestDatabase, client: FlaskClient, bearer: Bearer, method: str, path: str, who: str
) -> None:
    url = API + path.format(task=stage.task_of(case_process, case).id, case=case)
    answer = client.open(url, method=method, json={"values": {}} if method != "GET" else None, headers=bearer(who))
    assert answer.status_code == 404, answer.json


def test_administrative_resources_are_for_their_positions(client: FlaskClient, bearer: Bearer) -> None:
    plain, admin = bearer("acceptor01"), bearer("admin01")
    fetch = {"worker_id": "w", "topics": ["t"]}
    calls = (
        ("/external-tasks/fetch-and-lock", fetch, 200),
        ("/external-tasks/1/complete", {"fence": 1}, 404),
        ("/messages", {"name": "nobody.waits", "ttl_seconds": 0}, 200),
        ("/signals", {"name": "nobody.waits"}, 204),
        ("/incidents/999999/retry", {}, 404),
    )
    for path, body, expected in calls:
        assert client.post(API + path, json=body, headers=plain).status_code == 403, path
        assert client.post(API + path, json=body, headers=admin).status_code == expected, path


def test_a_repeated_message_is_answered_and_not_repeated(client: FlaskClient, bearer: Bearer) -> None:
    body = {"name": "rain.warning", "message_id": f"m-{next(_fresh)}", "business_key": "HZ-none"}
    first = client.post(f"{API}/messages", json=body, headers=bearer("admin01"))
    second = client.post(f"{API}/messages", json=body, headers=bearer("admin01"))
    assert first.status_code == 200, first.json
    assert first.json == second.json


def test_a_wrong_deployment_is_refused_with_every_finding(client: FlaskClient, bearer: Bearer) -> None:
    files = [{"path": "x.bpmn", "content": "<definitions/>"}]
    answer = client.post(f"{API}/deployments", json={"name": "x", "files": files}, headers=bearer("designer01"))
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["findings"][0]["file"] == "x.bpmn"


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (["../../x.bpmn"], "file.path"),
        (["/etc/x.bpmn"], "file.path"),
        (["e.exe"], "file.kind"),
        (["x.bpmn", "x.bpmn"], "file.duplicate"),
        (["x.json"], "file.nothing_to_run"),
    ],
)
def test_a_deployment_of_wrong_paths_is_refused_by_name(
    client: FlaskClient, bearer: Bearer, paths: list[str], code: str
) -> None:
    files = [{"path": path, "content": "{}"} for path in paths]
    answer = client.post(f"{API}/deployments", json={"name": "x", "files": files}, headers=bearer("designer01"))
    assert answer.status_code == 422
    assert answer.json is not None
    assert [each["code"] for each in answer.json["findings"]] == [code]


def test_incidents_are_listed_without_their_traceback(
    case: str, case_process: TestDatabase, client: FlaskClient, bearer: Bearer
) -> None:
    task = stage.task_of(case_process, case)
    with case_process.factory.begin() as session:
        session.add(
            Incident(
                instance_id=task.instance_id,
                wait_key="none",
                element_id="Task_X",
                business_key=case,
                kind="handler",
                zh="出错",
                en="failed",
                traceback="SECRET",
                created_at=stage.NOW,
                resolved_at=None,
                resolved_by=None,
            )
        )
    answer = client.get(f"{API}/incidents?limit=200", headers=bearer("designer01"))
    assert answer.json is not None
    assert any(item["business_key"] == case and item["message"] == "出错" for item in answer.json["items"])
    assert "SECRET" not in answer.get_data(as_text=True)


def test_the_document_names_every_resource_and_its_errors(app: Flask, client: FlaskClient) -> None:
    document = client.get(f"{API}/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    served = {
        path.replace("<int:", "<").replace("<", "{").replace(">", "}")
        for _, _, path, _ in access.rules_of(app)
        if path.startswith(API) and not path.endswith(".json")
    }
    assert served == set(document["paths"])
    for path in document["paths"].values():
        for method, operation in path.items():
            if method != "parameters":
                assert "default" in operation["responses"]


def test_every_rule_of_a_route_stands_in_the_policy(app: Flask) -> None:
    rules = {rule for *_, rule in access.rules_of(app)}
    assert rules <= set(POLICY) | {access.PUBLIC, access.SIGNED_IN}
