"""The demo town for tests: loaded once per test process through the real services, seen by tests that roll back.

Import the fixtures `town_database` and `town` in the conftest of a folder that needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from handlers import catalogue, org
from handlers.org import seed
from handlers.org.tables import Person
from tests.support import databases
from tests.support.databases import TestDatabase

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
PASSWORD = "river-lamp-0231"
STREET = "441302008"


@pytest.fixture(scope="session")
def town_database(database_server: str, database_template: str) -> Iterator[TestDatabase]:
    """A database with the demo town and the catalogue in it."""
    with databases.fresh(database_server, database_template) as database:
        with database.factory.begin() as session:
            seed.load(session, NOW, lambda username: f"{PASSWORD}-{username}")
            catalogue.seed(session, actor=seed.SEED, now=NOW)
        yield database


@pytest.fixture
def town(town_database: TestDatabase) -> Iterator[Session]:
    """A session in the demo town whose transaction is rolled back after the test."""
    with town_database.engine.connect() as connection:
        outer = connection.begin()
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """The SQL statements that are sent inside the block."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def person(session: Session, username: str) -> Person:
    """The person of a user name."""
    return session.scalars(select(Person).where(Person.username == username)).one()


def viewer(session: Session, username: str, now: datetime = NOW) -> org.Viewer:
    """The viewer of a user name."""
    return org.viewer(session, person(session, username).id, now)
