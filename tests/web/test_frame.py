"""What every answer carries: rules, headers, problem documents, languages, health."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from bpmn import heartbeat
from tests.support.databases import TestDatabase
from tests.support.towns import NOW
from tests.web.conftest import MakeApp
from webapp import access
from webapp.config import Config
from webapp.i18n import TRANSLATIONS

WEBAPP = Path(access.__file__).parent


def test_a_route_without_a_rule_stops_the_start(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to everybody")
    with pytest.raises(RuntimeError, match="/forgotten"):
        access.refuse_routes_without_rule(app)


def test_pages_load_nothing_from_other_hosts_and_run_no_unknown_script(client: FlaskClient) -> None:
    answer = client.get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http:" not in policy
    assert "https:" not in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/login").headers["Content-Security-Policy"] != policy, "the nonce is new each time"


def test_https_makes_the_cookie_secure_and_asks_for_https(config: Config, make_app: MakeApp) -> None:
    app = make_app(replace(config, is_https=True))
    answer = app.test_client().get("/login", base_url="https://town.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_files_that_caches_may_share_carry_no_cookie(signed_in: Callable[[str], FlaskClient]) -> None:
    with signed_in("dispatcher01").get("/static/favicon.svg") as answer:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def test_a_program_is_answered_in_the_language_it_asks_for(client: FlaskClient) -> None:
    for language, sentence in (("en", "Please sign in."), ("zh-CN,zh;q=0.9", "请先登录。"), ("fr", "请先登录。")):
        answer = client.get("/api/v1/tasks", headers={"Accept-Language": language})
        assert answer.json is not None
        assert answer.json["detail"] == sentence


def test_a_missing_page_is_a_page_for_people_and_a_problem_for_programs(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "回到任务列表" in page.get_data(as_text=True)
    problem = client.get("/api/v1/nowhere", headers={"X-Request-ID": "trace-me-0001"})
    assert problem.mimetype == "application/problem+json"
    assert problem.json is not None
    assert (problem.json["status"], problem.json["record"]) == (404, "trace-me-0001")


def test_a_crash_shows_no_traceback(app: Flask, client: FlaskClient) -> None:
    def crash() -> str:
        raise ZeroDivisionError("secret detail")

    app.view_functions["auth.login"] = crash
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/login")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret detail" not in text
    assert "Traceback" not in text
    assert "记录" in text


def test_without_a_database_pages_answer_503_and_say_when_to_come_again(config: Config, make_app: MakeApp) -> None:
    app = make_app(replace(config, database_url="postgresql://nobody@127.0.0.1:9/none"))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = "anything"
    page = client.get("/")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "3"
    assert "没有任何改动" in page.get_data(as_text=True)
    health = client.get("/health")
    assert health.status_code == 503
    assert health.json is not None
    assert "database" in health.json["missing"]


def test_a_restart_of_the_database_is_not_noticed_by_the_next_page(
    signed_in: Callable[[str], FlaskClient], web_database: TestDatabase
) -> None:
    client = signed_in("dispatcher01")
    assert client.get("/").status_code == 200
    with psycopg.connect(web_database.url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert client.get("/").status_code == 200
    web_database.engine.dispose()


def test_health_is_good_while_ticker_and_worker_give_signs(client: FlaskClient, web_database: TestDatabase) -> None:
    assert client.get("/health").status_code == 503
    with web_database.factory.begin() as session:
        heartbeat.beat(session, "ticker", now=NOW)
        heartbeat.beat(session, "worker", now=NOW)
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["status"], answer.json["missing"]) == ("ok", [])
    with web_database.factory.begin() as session:
        heartbeat.forget(session, "ticker")
        heartbeat.forget(session, "worker")


def test_metrics_count_what_waits_and_time_requests_by_route(client: FlaskClient) -> None:
    client.get("/login")
    text = client.get("/metrics").get_data(as_text=True)
    for name in ("gridwhistle_open_tasks", "gridwhistle_due_timers", "gridwhistle_open_incidents"):
        assert f"\n{name} " in text
    assert 'gridwhistle_http_request_seconds_count{method="GET",route="/login"}' in text


@pytest.mark.parametrize("username", ["dispatcher01", "volunteer01-1", "admin01", "cg-lead", "leader01"])
def test_no_page_without_parameters_fails_for_any_position(
    app: Flask, signed_in: Callable[[str], FlaskClient], username: str
) -> None:
    client = signed_in(username)
    for endpoint, method, path, _rule in access.rules_of(app):
        if method == "GET" and "<" not in path and endpoint not in {"live.stream", "ops.health"}:
            with client.get(path) as answer:
                assert answer.status_code in {200, 303, 403, 404, 422}, path


def test_every_english_sentence_has_a_chinese_one() -> None:
    with (TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    known = {message.id for message in catalogue if message.id and message.string}
    used = {str(found[2]) for found in _messages()}
    assert not used - known


def _messages() -> list[tuple[object, ...]]:
    return list(
        extract_from_dir(
            WEBAPP,
            method_map=[("frontend/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")],
            options_map={"templates/**.html": {"trim_blocks": "true"}},
            keywords={"_": None, "_l": None, "gettext": None, "lazy_gettext": None},
        )
    )


def test_no_module_of_the_web_names_people_in_english_only() -> None:
    """Sentences for people go through `_`, `pick` or the errors: no flash with a plain text."""
    for path in WEBAPP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "flash":
                assert not isinstance(node.args[0], ast.Constant), path
