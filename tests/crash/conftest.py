"""A town whose cases are worked on by real processes, and an instance that a worker and a ticker bring forward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import handlers
import tests.crash.effects
from bpmn import definitions, scenarios, transactions
from bpmn.values import Actor
from handlers import catalogue, clocks, shipped
from handlers.org import seed
from tests.crash.service import Service, service
from tests.support import databases, towns
from tests.support.databases import TestDatabase
from webapp.auth import sessions

SETUP = Actor("system:test", "测试", system=True)
MODELS = Path(__file__).with_name("models")


def furnish(database: TestDatabase, now: datetime) -> None:
    """Put organisation, catalogue, processes and the table of counted effects into a database."""
    handlers.load()
    before = now - timedelta(hours=1)

    def work(session: Session) -> None:
        clocks.seed(session, actor=SETUP, now=before)
        catalogue.seed(session, actor=SETUP, now=before)
        seed.load(session, before, lambda _username: towns.PASSWORD)
        session.execute(text(tests.crash.effects.TABLE))
        for folder in (shipped.path("case_handling"), MODELS):
            definitions.deploy(session, folder.name, scenarios.files_of(folder), actor=SETUP, now=before)

    transactions.run(database.factory, work)


@pytest.fixture(scope="session")
def crash_template(database_server: str, database_template: str) -> Iterator[str]:
    """The name of a furnished database to copy."""
    with databases.fresh(database_server, database_template) as database:
        furnish(database, datetime.now(UTC))
        name = database.engine.url.database
        database.engine.dispose()
        assert name
        yield name


@pytest.fixture
def database(database_server: str, crash_template: str) -> Iterator[TestDatabase]:
    """A copy of its own for one test."""
    with databases.fresh(database_server, crash_template) as made:
        yield made


@pytest.fixture
def running(database: TestDatabase, tmp_path: Path) -> Iterator[Service]:
    """The service of one test; no process runs yet."""
    with service(database.url, tmp_path / "var", CRASH_CALLS=str(tmp_path / "calls")) as made:
        yield made


def token(database: TestDatabase, username: str) -> str:
    """A bearer token of a person of the town."""

    def work(session: Session) -> str:
        person = towns.person(session, username)
        return sessions.issue_token(session, person.id, "test", length=timedelta(days=1), now=datetime.now(UTC))

    return transactions.run(database.factory, work)
