"""A first start that was interrupted: the next one knows it and makes the demo town anew, or leaves people's work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.database import make_engine, new_id
from handlers.cases.tables import Case, CaseEvent
from handlers.org.tables import OrgChange, Person
from tests.support.databases import with_database
from tools import demo
from webapp import migrations

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def url(database_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated, empty database, and a folder for what belongs to it."""
    monkeypatch.setenv("GRIDWHISTLE_VAR", str(tmp_path))
    monkeypatch.setenv("GRIDWHISTLE_SECRET_KEY", "a secret of this test only, long enough")
    name = f"test_{new_id().replace('-', '')}"
    with psycopg.connect(database_server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    made = with_database(database_server, name)
    engine = make_engine(made)
    try:
        migrations.upgrade(engine)
        engine.dispose()
        yield made
    finally:
        engine.dispose()
        with psycopg.connect(database_server, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def start(url: str, *, stop_at: str = "", cases: int = 4) -> list[str]:
    """Start and return what was told; Ctrl-C when `stop_at` is told."""
    told: list[str] = []

    def say(text: str) -> None:
        told.append(text)
        if stop_at and stop_at in text:
            raise KeyboardInterrupt

    if stop_at:
        with pytest.raises(KeyboardInterrupt):
            demo.ensure(url, say=say, cases=cases, seed=7, now=NOW)
    else:
        demo.ensure(url, say=say, cases=cases, seed=7, now=NOW)
    return told


def counts(url: str) -> tuple[int, int]:
    engine = make_engine(url)
    with Session(engine) as session:
        found = tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Person, Case))
    engine.dispose()
    return found[0], found[1]


@pytest.mark.parametrize("stop_at", ["three weeks are passing", "2 of 4 cases"])
def test_an_interrupted_town_is_told_and_made_anew_once(url: str, stop_at: str) -> None:
    start(url, stop_at=stop_at)
    people, cases = counts(url)
    assert people > 0
    assert cases < 4
    told = start(url)
    assert "interrupted" in told[0]
    assert counts(url) == (people, 4)
    assert start(url) == []
    assert counts(url) == (people, 4)


def test_what_people_did_in_an_interrupted_town_is_never_emptied(url: str) -> None:
    start(url, stop_at="2 of 4 cases")
    engine = make_engine(url)
    with Session(engine) as session, session.begin():
        last = session.scalars(select(CaseEvent).order_by(CaseEvent.id.desc()).limit(1)).one()
        session.add(
            OrgChange(
                at=NOW + timedelta(minutes=1),
                actor=last.actor_id,
                tag="org:person:language",
                unit_code=None,
                person_id=None,
                detail={},
            )
        )
    engine.dispose()
    before = counts(url)
    (told,) = start(url)
    assert "stays incomplete" in told
    assert counts(url) == before
