"""Fixtures for all tests: real PostgreSQL, a fixed moment, Hypothesis profiles."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session, sessionmaker

from tests.support import databases
from tests.support.databases import TestDatabase
from webapp import migrations

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def database_server() -> str:
    """URL of the test server's maintenance database."""
    migrations.metadata()
    return databases.start_server()


@pytest.fixture(scope="session")
def database_template(database_server: str) -> str:
    return databases.template(database_server)


@pytest.fixture(scope="session")
def shared_database(database_server: str, database_template: str) -> Iterator[TestDatabase]:
    """One database per test process, for tests that roll back."""
    with databases.fresh(database_server, database_template) as database:
        yield database


@pytest.fixture(scope="session")
def session_factory(shared_database: TestDatabase) -> sessionmaker[Session]:
    return shared_database.factory


@pytest.fixture
def session(shared_database: TestDatabase) -> Iterator[Session]:
    """A session whose transaction is rolled back after the test; `commit()` inside only ends a savepoint."""
    with shared_database.engine.connect() as connection:
        outer = connection.begin()
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@pytest.fixture
def committed(database_server: str, database_template: str) -> Iterator[TestDatabase]:
    """A fresh database of its own for tests that commit, use several connections or other processes."""
    with databases.fresh(database_server, database_template) as database:
        yield database


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for a database server. Run by root the server is another user, who may not enter pytest's folders."""
    with tempfile.TemporaryDirectory(prefix="gridwhistle-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def now() -> datetime:
    """Sunday 22 November 2026, 14:30 in Shanghai."""
    return datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
