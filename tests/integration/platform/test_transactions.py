"""`bpmn.transactions`: what is committed, tried again and answered when the database is away."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bpmn import transactions
from bpmn.database import make_engine, make_session_factory
from bpmn.errors import InlineFailure, OutcomeUnknownError, UnavailableError
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


def _kill_other_backends(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_connection_lost_in_the_commit_says_that_the_outcome_is_unknown(committed: TestDatabase) -> None:
    def work(session: Session) -> None:
        _insert(session, "a")
        event.listen(session, "before_commit", lambda _: _kill_other_backends(committed.url), once=True)

    with pytest.raises(OutcomeUnknownError):
        transactions.run(committed.factory, work)
    assert _count(committed) == 0


def test_a_connection_lost_before_the_commit_is_replaced_and_the_work_done_once(committed: TestDatabase) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        _insert(session, "a")
        tries.append(1)
        if len(tries) == 1:
            _kill_other_backends(committed.url)
        session.execute(text("SELECT 1"))

    transactions.run(committed.factory, work)
    assert (len(tries), _count(committed)) == (2, 1)


def test_two_that_lock_each_other_out_both_succeed_in_the_end(committed: TestDatabase) -> None:
    transactions.run(committed.factory, lambda session: [_insert(session, name) for name in "ab"])
    barrier = threading.Barrier(2)
    tries: list[str] = []
    errors: list[BaseException] = []

    def lock_in_order(order: str) -> None:
        first = True

        def work(session: Session) -> None:
            nonlocal first
            tries.append(order)
            for name in order:
                session.execute(text("UPDATE service_heartbeat SET beat_at = now() WHERE name = :name"), {"name": name})
                if first and name == order[0]:
                    first = False
                    barrier.wait(10)

        try:
            transactions.run(committed.factory, work)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=lock_in_order, args=(order,)) for order in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(tries) == 3


def test_a_database_conflict_inside_a_handler_is_no_failure_of_the_handler(committed: TestDatabase) -> None:
    tries: list[int] = []

    def work(session: Session) -> str:
        tries.append(1)
        try:
            if len(tries) == 1:
                session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        except DBAPIError as error:
            raise InlineFailure(element_id="Task_A", kind="handler") from error
        assert session.info[transactions.FAILURES] == {}
        return "done"

    assert transactions.run(committed.factory, work) == "done"
