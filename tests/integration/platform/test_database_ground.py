"""The ground under all tests and services: embedded server, schema, transactions, notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bpmn import notify, transactions
from bpmn.errors import InlineFailure, UnavailableError
from tests.support.databases import TestDatabase


def test_a_committed_database_holds_the_platform_and_the_job_queue(committed: TestDatabase) -> None:
    with committed.factory() as session:
        assert session.scalar(text("SELECT count(*) FROM user_task")) == 0
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert session.scalar(text("SHOW timezone")) == "UTC"
        assert session.scalar(text("SHOW server_encoding")) == "UTF8"


def test_an_inline_failure_is_rolled_back_and_remembered_for_the_second_attempt(committed: TestDatabase) -> None:
    seen: list[dict[str, Any]] = []

    def work(session: Session) -> str:
        seen.append(dict(session.info[transactions.FAILURES]))
        session.execute(text("INSERT INTO service_heartbeat VALUES ('x', 'y', now(), now())"))
        if len(seen) == 1:
            try:
                raise ValueError("inner")
            except ValueError as error:
                raise InlineFailure(element_id="Task_A", kind="handler") from error
        return "done"

    assert transactions.run(committed.factory, work) == "done"
    assert seen[0] == {}
    kind, zh, en, trace = seen[1]["Task_A"]
    assert kind == "handler"
    assert "ValueError" in zh
    assert "ValueError" in en
    assert "inner" in trace
    with committed.factory() as session:
        assert session.scalar(text("SELECT count(*) FROM service_heartbeat")) == 1


def test_an_element_that_fails_again_although_remembered_ends_the_work(committed: TestDatabase) -> None:
    def work(session: Session) -> None:
        raise InlineFailure(element_id="Task_A", kind="handler")

    with pytest.raises(InlineFailure):
        transactions.run(committed.factory, work)


def test_a_connection_that_died_in_the_pool_is_replaced(committed: TestDatabase) -> None:
    transactions.run(committed.factory, lambda session: session.execute(text("SELECT 1")).all())
    with committed.engine.connect() as connection, psycopg.connect(committed.url, autocommit=True) as admin:
        connection.rollback()
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert transactions.run(committed.factory, lambda session: session.scalar(text("SELECT 7"))) == 7


def test_a_missing_server_is_unavailable(committed: TestDatabase) -> None:
    from bpmn.database import make_engine, make_session_factory

    engine = make_engine("postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(UnavailableError):
        transactions.run(make_session_factory(engine), lambda session: session.scalar(text("SELECT 1")))
    engine.dispose()


def test_notifications_leave_together_after_the_commit_and_never_after_a_rollback(committed: TestDatabase) -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    with psycopg.connect(committed.url, autocommit=True) as listener:
        listener.execute("LISTEN gridwhistle")
        listener.execute("LISTEN gridwhistle_timer")
        with committed.factory() as session:
            session.execute(text("SELECT 1"))
            notify.tell(session, kind="task", task_id=0)
            session.rollback()
            notify.wake_ticker(session, due + timedelta(hours=1))
            notify.wake_ticker(session, due)
            for number in range(300):
                notify.tell(session, kind="task", task_id=number, groups=["acceptor@441302008"])
            session.execute(text("SELECT 1"))
            session.commit()
        heard = list(listener.notifies(timeout=5, stop_after=4))
    timers = [note.payload for note in heard if note.channel == notify.TIMER_CHANNEL]
    told = [orjson.loads(note.payload) for note in heard if note.channel == notify.CHANNEL]
    events = [event for payload in told for event in payload["events"]]
    assert timers == [due.isoformat()]
    assert [event["task_id"] for event in events] == list(range(300))
