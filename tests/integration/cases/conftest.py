"""A town in which cases can be handled: people, grids, catalogue, calendar and the deployed process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import handlers
from bpmn import definitions
from bpmn.scenarios.folders import DEPLOYED
from handlers import clocks
from handlers.cases import settings
from handlers.org.seed import SEED
from tests.integration.cases.desk import Desk
from tests.support.databases import TestDatabase
from tests.support.towns import town, town_database

__all__ = ["town", "town_database"]

PROCESS = Path(__file__).parents[3] / "processes" / "case_handling"
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""Friday 20 November 2026, 09:00 in Shanghai."""


@pytest.fixture(scope="session")
def case_town(town_database: TestDatabase) -> TestDatabase:
    """The demo town with calendar and process."""
    handlers.load()
    files = {
        path.relative_to(PROCESS).as_posix(): path.read_bytes()
        for path in PROCESS.rglob("*")
        if path.suffix in DEPLOYED
    }
    with town_database.factory.begin() as session:
        clocks.seed(session, actor=SEED, now=START - timedelta(days=1))
        definitions.deploy(session, "case_handling", files, actor=SEED, now=START - timedelta(days=1))
    return town_database


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path) -> Path:
    """A photo store of the test's own."""
    folder = tmp_path / "uploads"
    settings.configure(settings.Settings(uploads=folder, secret="a secret of the tests"))
    return folder


@pytest.fixture
def desk(case_town: TestDatabase, town: Session) -> Desk:
    """Everybody's desk, Friday morning at nine; rolled back after the test."""
    return Desk(town, START)
