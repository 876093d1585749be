"""Signing in and out: passwords, guesses, sessions, tokens, languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from handlers.org import people, seed
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, PASSWORD, person
from tests.web.conftest import Clock


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def sign_in(
    client: FlaskClient, username: str, password: str, *, target: str = "", address: str = "10.0.0.1"
) -> TestResponse:
    page = client.get("/login").get_data(as_text=True)
    data = {"username": username, "password": password, "next": target, "csrf_token": token_of(page)}
    return client.post("/login", data=data, environ_base={"REMOTE_ADDR": address})


def test_the_right_password_opens_the_task_list(client: FlaskClient) -> None:
    answer = sign_in(client, "dispatcher01", f"{PASSWORD}-dispatcher01")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "派遣员 01" in client.get("/").get_data(as_text=True)


def test_the_session_cookie_is_safe_by_default(client: FlaskClient) -> None:
    cookie = sign_in(client, "dispatcher01", f"{PASSWORD}-dispatcher01").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_wrong_password_and_unknown_account_get_the_same_answer(client: FlaskClient) -> None:
    pages = []
    for username in ("acceptor02", "nobody-at-all"):
        answer = sign_in(client, username, "wrong-password", address="10.0.0.2")
        assert answer.status_code == 422
        pages.append(re.sub(r'value="[^"]*"|nonce="[^"]*"|content="[^"]*"', "", answer.get_data(as_text=True)))
    assert "账号或口令不对" in pages[0]
    assert pages[0] == pages[1]


def test_five_wrong_passwords_lock_the_account_here_and_the_lock_ends_by_itself(
    client: FlaskClient, clock: Clock
) -> None:
    for left in (4, 3, 2, 1, 0):
        page = sign_in(client, "checker01", "wrong-password", address="10.0.0.3").get_data(as_text=True)
        assert (f"还可再试 {left} 次" in page) == (left > 0)
    locked = sign_in(client, "checker01", f"{PASSWORD}-checker01", address="10.0.0.3")
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    assert "14:45" in locked.get_data(as_text=True)
    elsewhere = sign_in(client, "checker01", f"{PASSWORD}-checker01", address="10.0.0.4")
    assert elsewhere.status_code == 303
    client.delete_cookie("gridwhistle")
    clock.forward(timedelta(minutes=15))
    assert sign_in(client, "checker01", f"{PASSWORD}-checker01", address="10.0.0.3").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    answer = sign_in(client, "dispatcher01", f"{PASSWORD}-dispatcher01", target=target)
    assert answer.location == "/"


def test_a_page_asked_for_before_signing_in_opens_afterwards(client: FlaskClient) -> None:
    turned_away = client.get("/?scope=mine")
    assert turned_away.status_code == 303
    assert turned_away.location == "/login?next=/?scope%3Dmine"
    answer = sign_in(client, "dispatcher01", f"{PASSWORD}-dispatcher01", target="/?scope=mine")
    assert answer.location == "/?scope=mine"


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/login", data={"username": "dispatcher01", "password": f"{PASSWORD}-dispatcher01"})
    assert answer.status_code == 400


def test_signing_out_ends_the_session_on_the_server(client: FlaskClient, app: Flask) -> None:
    sign_in(client, "dispatcher02", f"{PASSWORD}-dispatcher02")
    stolen = client.get_cookie("gridwhistle")
    assert stolen is not None
    client.post("/logout", data={"csrf_token": token_of(client.get("/me").get_data(as_text=True))})
    thief = app.test_client()
    thief.set_cookie("gridwhistle", stolen.value)
    assert thief.get("/").location.startswith("/login")


def test_a_new_password_ends_every_session_and_a_closed_account_its_tokens(
    signed_in: Callable[[str], FlaskClient],
    bearer: Callable[[str], dict[str, str]],
    web_database: TestDatabase,
    client: FlaskClient,
) -> None:
    open_page, header = signed_in("evaluator01"), bearer("evaluator01")
    assert open_page.get("/").status_code == 200
    assert client.get("/api/v1/tasks", headers=header).status_code == 200
    with web_database.factory.begin() as session:
        owner = person(session, "evaluator01").id
        people.set_password(session, owner, "another-long-one", actor=seed.SEED, now=NOW)
        people.set_active(session, owner, False, actor=seed.SEED, now=NOW)
    assert open_page.get("/").status_code == 303
    assert client.get("/api/v1/tasks", headers=header).status_code == 401


def test_signing_out_everywhere_else_keeps_this_browser(signed_in: Callable[[str], FlaskClient]) -> None:
    here, there = signed_in("leader01"), signed_in("leader01")
    assert here.post("/logout-everywhere").status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303


def test_a_session_ends_after_its_length(signed_in: Callable[[str], FlaskClient], clock: Clock) -> None:
    page = signed_in("leader01")
    clock.forward(timedelta(hours=12, seconds=1))
    assert page.get("/").status_code == 303


def test_the_language_is_switched_and_kept(signed_in: Callable[[str], FlaskClient]) -> None:
    page = signed_in("dispatcher01")
    assert '<html lang="zh-CN"' in page.get("/").get_data(as_text=True)
    assert page.post("/language", data={"language": "en", "next": "/?scope=mine"}).location == "/?scope=mine"
    assert '<html lang="en"' in page.get("/").get_data(as_text=True)


def test_a_token_is_shown_once_and_can_be_revoked(signed_in: Callable[[str], FlaskClient], client: FlaskClient) -> None:
    page = signed_in("assistant01")
    shown = page.post("/me/tokens", data={"name": "nightly"}).get_data(as_text=True)
    found = re.search(r"<code>(gw_[^<]+)</code>", shown)
    assert found is not None
    header = {"Authorization": f"Bearer {found[1]}"}
    assert client.get("/api/v1/tasks", headers=header).status_code == 200
    listed = page.get("/me").get_data(as_text=True)
    assert found[1] not in listed
    revoke = re.search(r'action="(/me/tokens/[^"]+/revoke)"', listed)
    assert revoke is not None
    page.post(revoke[1])
    assert client.get("/api/v1/tasks", headers=header).status_code == 401
