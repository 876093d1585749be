"""Requests made to harm: bodies nobody can keep, targets on other hosts; and moments told in the town's time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from bpmn.errors import TaskAlreadyClaimedError, TaskClosedError
from tests.support.towns import PASSWORD
from tests.web.test_signing_in import sign_in
from webapp.navigation import own_path

LATE = datetime(2026, 11, 1, 23, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        "[" * 500 + "]" * 500,
        '{"lon": ' + "9" * 10_000 + "}",
        '{"title": "\\ud800"}',
        '{"task_ids": [1e400]}',
        '{"task_ids": [NaN]}',
        "{",
    ],
    ids=["open", "deep", "number", "half character", "infinity", "not a number", "cut"],
)
def test_json_that_cannot_be_kept_is_refused_before_any_view_reads_it(client: FlaskClient, body: str) -> None:
    sign_in(client, "dispatcher01", f"{PASSWORD}-dispatcher01")
    for path in ("/api/v1/cases", "/tasks/claim"):
        answer = client.post(path, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500
        assert "Traceback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\t/evil.example",
        "/\\evil.example",
        "/a\\b",
        "/\x00/evil.example",
        "https://evil.example",
        "",
    ],
)
def test_no_target_leads_to_another_host(target: str) -> None:
    assert own_path(target) == "/"


def test_a_path_of_our_own_is_kept() -> None:
    assert own_path("/tasks/7?view=mine#top") == "/tasks/7?view=mine#top"


def test_refusals_tell_moments_in_the_towns_time() -> None:
    held = TaskAlreadyClaimedError(holder="派遣员 05", since=LATE)
    closed = TaskClosedError(by="派遣员 05", at=LATE, outcome_zh="办结", outcome_en="completed")
    assert "11月2日 07:46" in held.message("zh")
    assert "2026-11-02 07:46" in held.message("en")
    assert "11月2日 07:46" in closed.message("zh")
