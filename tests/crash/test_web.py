"""The web process is killed around its commits: what was acknowledged holds, what was not may be sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.crash.conftest import token
from tests.crash.service import Service, kill
from tests.support.databases import TestDatabase
from tests.support.waiting import until

REPORT = {
    "category_code": "0110",
    "lon": 114.4131,
    "lat": 23.0819,
    "description": "垃圾桶外散落十余袋垃圾",
    "address": "学府路 8 号",
}


def scalar(database: TestDatabase, statement: str, **values: Any) -> Any:
    with database.engine.connect() as connection:
        return connection.execute(text(statement), values).scalar()


def post(running: Service, path: str, bearer: str, key: str, body: dict[str, Any]) -> requests.Response:
    return requests.post(
        f"{running.base}/api/v1/{path}",
        json=body,
        headers={"Authorization": f"Bearer {bearer}", "Idempotency-Key": key},
        timeout=30,
    )


def refuses_to_answer(send: Callable[[], requests.Response]) -> bool:
    try:
        send()
    except requests.ConnectionError:
        return True
    return False


@pytest.mark.parametrize(("place", "is_done"), [("transaction.before_commit", 0), ("transaction.after_commit", 1)])
def test_a_report_cut_off_at_its_commit_is_one_case_in_the_end(
    place: str, is_done: int, running: Service, database: TestDatabase
) -> None:
    bearer = token(database, "collector01")

    def send() -> requests.Response:
        return post(running, "cases", bearer, "report-1", REPORT)

    web = running.web(failpoint=place)
    assert refuses_to_answer(send)
    kill(web)
    assert scalar(database, "SELECT count(*) FROM process_instance") == is_done

    running.web()
    first, again = send(), send()
    assert first.status_code == again.status_code == 201, running.said()
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert scalar(database, "SELECT count(*) FROM process_instance") == 1
    assert scalar(database, "SELECT count(*) FROM grid_case") == 1
    assert scalar(database, "SELECT count(*) FROM user_task") == 1


@pytest.mark.parametrize("action", ["claim", "complete"])
@pytest.mark.parametrize(("place", "is_done"), [("transaction.before_commit", 0), ("transaction.after_commit", 1)])
def test_an_answer_cut_off_at_its_commit_counts_once(
    place: str, is_done: int, action: str, running: Service, database: TestDatabase
) -> None:
    collector, acceptor = token(database, "collector01"), token(database, "acceptor01")
    whole = running.web()
    reported = post(running, "cases", collector, "report", REPORT)
    assert reported.status_code == 201, reported.text
    task_id = scalar(database, "SELECT id FROM user_task")
    kill(whole)
    verify = {"values": {"outcome": "verify", "reason": "请到现场核实位置和范围"}}
    body: dict[str, Any] = verify if action == "complete" else {}

    def send() -> requests.Response:
        return post(running, f"tasks/{task_id}/{action}", acceptor, f"{action}-1", body)

    web = running.web(failpoint=place)
    assert refuses_to_answer(send), running.said()
    kill(web)
    done = "SELECT count(*) FROM history WHERE task_id = :task AND tag = :tag"
    assert scalar(database, done, task=task_id, tag=f"task:{action}") == is_done

    running.web()
    first, again = send(), send()
    assert first.status_code == again.status_code, (first.text, again.text)
    assert first.status_code in (200, 204), first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert scalar(database, done, task=task_id, tag=f"task:{action}") == 1
    assert scalar(database, "SELECT count(*) FROM user_task") == 1


def test_the_pages_come_back_by_themselves_when_a_web_process_is_killed(
    running: Service, database: TestDatabase
) -> None:
    """gunicorn's own watch: the master starts another process, nobody has to help."""
    import psutil

    web = running.web()
    (child,) = psutil.Process(web.pid).children()
    child.kill()
    until(lambda: any(one.pid != child.pid and one.is_running() for one in psutil.Process(web.pid).children()))
    bearer = token(database, "collector01")
    assert post(running, "cases", bearer, "report", REPORT).status_code == 201
