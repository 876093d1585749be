"""`bpmn.transactions`: what is committed, tried again and answered when the database is away."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bpmn import transactions
from bpmn.database import make_engine, make_session_factory
from bpmn.errors import InlineFailure, UnavailableError
from tests.conftest import Database


def _count(database: Database) -> int:
    with database.factory() as session:
        return session.execute(text("SELECT count(*) FROM service_heartbeat")).scalar_one()


def _insert(session: Session, name: str) -> None:
    session.execute(
        text("INSERT INTO service_heartbeat (service, name, started_at, beat_at) VALUES ('x', :n, now(), now())"),
        {"n": name},
    )


def test_work_is_committed_once(committed: Database) -> None:
    assert transactions.run(committed.factory, lambda session: (_insert(session, "a"), 7)[1]) == 7
    assert _count(committed) == 1


def test_work_that_raises_leaves_nothing(committed: Database) -> None:
    def work(session: Session) -> None:
        _insert(session, "a")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        transactions.run(committed.factory, work)
    assert _count(committed) == 0


def test_an_inline_failure_is_rolled_back_and_known_to_the_second_try(committed: Database) -> None:
    def work(session: Session) -> str:
        _insert(session, "a")
        known = transactions.failure_at(session, "Task_1")
        if known is None:
            raise InlineFailure(element_id="Task_1", kind="handler") from RuntimeError("broken pipe")
        return known[2]

    assert "broken pipe" in transactions.run(committed.factory, work)
    assert _count(committed) == 1


def test_functions_for_the_commit_run_once(committed: Database) -> None:
    def work(session: Session) -> None:
        for _ in range(3):
            transactions.at_commit(session, "mark", lambda opened: _insert(opened, "late"))

    transactions.run(committed.factory, work)
    assert _count(committed) == 1


def test_a_database_that_is_away_is_named_so() -> None:
    factory = make_session_factory(make_engine("postgresql://postgres@/none?host=/nonexistent"))
    with pytest.raises(UnavailableError):
        transactions.run(factory, lambda session: session.execute(text("SELECT 1")))
