"""`bpmn.transactions`: what is committed, tried again and answered when the database is away."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bpmn import transactions
from bpmn.database import make_engine, make_session_factory
from bpmn.errors import UnavailableError
from tests.support.databases import TestDatabase


def _count(database: TestDatabase) -> int:
    with database.factory() as session:
        return session.execute(text("SELECT count(*) FROM service_heartbeat")).scalar_one()


def _insert(session: Session, name: str) -> None:
    session.execute(
        text("INSERT INTO service_heartbeat (service, name, started_at, beat_at) VALUES ('x', :n, now(), now())"),
        {"n": name},
    )


def test_work_is_committed_once(committed: TestDatabase) -> None:
    assert transactions.run(committed.factory, lambda session: (_insert(session, "a"), 7)[1]) == 7
    assert _count(committed) == 1


def test_work_that_raises_leaves_nothing(committed: TestDatabase) -> None:
    def work(session: Session) -> None:
        _insert(session, "a")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        transactions.run(committed.factory, work)
    assert _count(committed) == 0


def test_a_database_that_is_away_is_named_so() -> None:
    factory = make_session_factory(make_engine("postgresql://postgres@/none?host=/nonexistent"))
    with pytest.raises(UnavailableError):
        transactions.run(factory, lambda session: session.execute(text("SELECT 1")))
