"""Live updates: who hears what, what happens when the database or a page falls behind, and how many may listen."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import psycopg
import pytest
from flask.testing import FlaskClient

from tests.support.databases import TestDatabase
from tests.web.conftest import MakeApp
from webapp.config import Config
from webapp.live.hub import QUEUE_LENGTH, RESYNC, Hub, Stream, read_events

PATIENCE = 10.0


@pytest.fixture
def hub(web_database: TestDatabase) -> Iterator[Hub]:
    made = Hub(web_database.url, limit=3)
    yield made
    for stream in list(made._streams):
        made.leave(stream)


def notify(database: TestDatabase, *events: Mapping[str, Any]) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        payload = orjson.dumps({"events": list(events)}).decode()
        connection.execute("SELECT pg_notify('gridwhistle', %s)", [payload])


def next_of(stream: Stream) -> Mapping[str, Any]:
    return stream.inbox.get(timeout=PATIENCE)


def join_and_wait(hub: Hub, database: TestDatabase, stream: Stream) -> None:
    """Join, and go on once the hub listens: events are repeated until one arrives."""
    assert hub.join(stream)
    for _ in range(200):
        notify(database, {"kind": "task", "groups": sorted(stream.groups), "business_key": stream.business_key})
        try:
            stream.inbox.get(timeout=0.1)
        except queue.Empty:
            continue
        break
    while not stream.inbox.empty():
        stream.inbox.get_nowait()


def test_a_page_hears_of_its_own_queues_and_of_no_others(hub: Hub, web_database: TestDatabase) -> None:
    mine = Stream("p1", frozenset({"dispatcher@441302008"}))
    join_and_wait(hub, web_database, mine)
    notify(
        web_database,
        {"kind": "task", "groups": ["acceptor@441302008"], "task_id": 1},
        {"kind": "task", "groups": [], "assignee": "p1", "task_id": 2},
        {"kind": "task", "groups": ["dispatcher@441302008"], "task_id": 3},
    )
    heard = {next_of(mine).get("task_id"), next_of(mine).get("task_id")}
    assert heard == {2, 3}
    assert mine.inbox.empty()


def test_a_case_page_hears_of_its_case_only(hub: Hub, web_database: TestDatabase) -> None:
    page = Stream("p1", frozenset({"dispatcher@441302008"}), business_key="HZ-1")
    join_and_wait(hub, web_database, page)
    notify(
        web_database,
        {"kind": "task", "groups": ["dispatcher@441302008"], "business_key": "HZ-2", "task_id": 1},
        {"kind": "task", "groups": [], "business_key": "HZ-1", "task_id": 2},
    )
    assert next_of(page)["task_id"] == 2
    assert page.inbox.empty()


def test_after_a_lost_connection_every_page_asks_again(hub: Hub, web_database: TestDatabase) -> None:
    page = Stream("p1", frozenset({"g"}))
    join_and_wait(hub, web_database, page)
    with psycopg.connect(web_database.url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN gridwhistle'")
    assert next_of(page) is RESYNC


def test_a_page_that_does_not_fetch_loses_its_backlog_and_asks_again() -> None:
    page = Stream("p1", frozenset({"g"}))
    for index in range(QUEUE_LENGTH + 1):
        page.put({"task_id": index})
    assert page.inbox.get_nowait() is RESYNC
    assert page.inbox.empty()


@pytest.mark.parametrize("payload", ["", "no json", "[1, 2]", '{"events": "x"}', "null"])
def test_an_unreadable_notice_never_stops_the_hub(payload: str) -> None:
    for event in read_events(payload):
        assert isinstance(event, dict)


def test_a_full_process_sends_browsers_to_polling(
    config: Config, make_app: MakeApp, signed_in: Callable[[str], FlaskClient]
) -> None:
    cookie = signed_in("dispatcher01").get_cookie("gridwhistle")
    assert cookie is not None
    app = make_app(replace(config, live_limit=0))
    client = app.test_client()
    client.set_cookie("gridwhistle", cookie.value)
    assert client.get("/live").status_code == 204


def test_a_stream_begins_with_a_greeting_and_shows_numbers_only(
    signed_in: Callable[[str], FlaskClient], web_database: TestDatabase
) -> None:
    client = signed_in("dispatcher01")
    with client.get("/live") as answer:
        assert answer.mimetype == "text/event-stream"
        frames = iter(answer.response)
        assert b"event: hello" in _bytes(next(frames))
        hub: Hub = client.application.extensions["gridwhistle.live"]
        [stream] = hub._streams
        stream.put({"kind": "task", "task_id": 7, "business_key": "HZ-1", "groups": ["secret"], "assignee": "p2"})
        frame = _bytes(next(frames)).decode()
    assert orjson.loads(frame.split("data: ")[1]) == {"kind": "task", "task_id": 7, "business_key": "HZ-1"}
    assert len(hub) == 0


def _bytes(chunk: bytes | str) -> bytes:
    return chunk if isinstance(chunk, bytes) else chunk.encode()


def test_a_process_that_stops_ends_its_streams_at_once(
    signed_in: Callable[[str], FlaskClient],
) -> None:
    client = signed_in("dispatcher01")
    with client.get("/live") as answer:
        frames = iter(answer.response)
        next(frames)
        hub: Hub = client.application.extensions["gridwhistle.live"]
        hub.close()
        assert list(frames) == []
    assert client.get("/live").status_code == 204


def test_nobody_listens_to_a_case_that_they_may_not_know_of(signed_in: Callable[[str], FlaskClient]) -> None:
    assert signed_in("volunteer01-1").get("/live?case=HZ202601010001").status_code == 404


def test_a_visitor_hears_nothing(client: FlaskClient) -> None:
    assert client.get("/live", headers={"Accept": "text/event-stream"}).status_code == 401
