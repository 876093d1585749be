"""A backup holds everything, and a restored installation goes on where it was."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, select, text

from bpmn.database import make_engine, make_session_factory, new_id
from bpmn.tables import ProcessInstance
from handlers.cases import photos, settings
from handlers.cases.tables import Case, Photo
from tests.support.databases import with_database
from tools import demo
from tools.demo.simulation import Simulation
from webapp import backups, migrations

SECRET = "a secret for tests"
TAKEN_AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Installation:
    """A database and a folder of files."""

    url: str
    var: Path


@pytest.fixture(scope="module")
def town(database_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A migrated database with a few cases in several stages, made by the real engine."""
    with installation(database_server, tmp_path_factory.mktemp("town")) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWHISTLE_VAR", str(made.var))
        patch.setenv("GRIDWHISTLE_SECRET_KEY", SECRET)
        engine = make_engine(made.url)
        migrations.upgrade(engine)
        demo.ensure(made.url, say=lambda _: None, cases=8, seed=7, now=TAKEN_AT)
        last_hours = life(engine, since=TAKEN_AT - timedelta(hours=3), until=TAKEN_AT)
        for number in range(6):
            last_hours.report(TAKEN_AT - timedelta(minutes=170 - 30 * number))
        last_hours.run()
        engine.dispose()
        yield made


def life(engine: Engine, *, since: datetime, until: datetime) -> Simulation:
    """The demo town's people at work between two moments."""
    factory = make_session_factory(engine)
    return Simulation(factory, cases=0, seed=8, start=since, end=until, say=lambda _: None)


@contextmanager
def installation(server: str, var: Path) -> Iterator[Installation]:
    """An empty installation, its database dropped at the end."""
    name = f"test_{new_id().replace('-', '')}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield Installation(with_database(server, name), var)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def elsewhere(database_server: str, tmp_path: Path) -> Iterator[Installation]:
    with installation(database_server, tmp_path / "elsewhere") as made:
        yield made


@pytest.fixture(scope="module")
def archive(town: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "town.tar"
    backups.backup(town.url, town.var, path, secret=SECRET, now=TAKEN_AT)
    return path


def contents(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Number and hash of the rows, by table."""
    count = "SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY t::text), '')) FROM {} t"
    with engine.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        return {table: tuple(connection.execute(text(count.format(table))).one()) for table in sorted(tables)}


def test_a_restored_database_holds_every_row_and_every_file(
    town: Installation, archive: Path, elsewhere: Installation
) -> None:
    backups.restore(elsewhere.url, elsewhere.var, archive, secret=SECRET)
    before, after = make_engine(town.url), make_engine(elsewhere.url)
    try:
        assert contents(after) == contents(before)
    finally:
        before.dispose()
        after.dispose()
    names = {path.relative_to(town.var) for path in (town.var / "uploads").rglob("*") if path.is_file()}
    assert names
    for name in names:
        assert (elsewhere.var / name).read_bytes() == (town.var / name).read_bytes()


def test_a_restored_installation_brings_its_open_cases_to_their_end(archive: Path, elsewhere: Installation) -> None:
    backups.restore(elsewhere.url, elsewhere.var, archive, secret=SECRET)
    settings.configure(settings.Settings(uploads=elsewhere.var / "uploads", secret=SECRET))
    engine = make_engine(elsewhere.url)
    factory = make_session_factory(engine)
    try:
        running = select(ProcessInstance.business_key).where(ProcessInstance.status == "running")
        with factory() as session:
            open_cases = list(session.scalars(running))
        people = life(engine, since=TAKEN_AT, until=TAKEN_AT + timedelta(days=90))
        assert people.adopt(TAKEN_AT) == len(open_cases) >= 2
        people.run()
        with factory() as session:
            assert list(session.scalars(running)) == []
            ended = session.scalars(select(Case.status).where(Case.number.in_(open_cases))).all()
            assert set(ended) <= {"closed", "void", "not_accepted"}
            photo = session.scalars(select(Photo).limit(1)).one()
            assert photos.read(photo).read_bytes()[:2] == b"\xff\xd8"
    finally:
        engine.dispose()


def test_restoring_over_a_used_database_is_refused_and_changes_nothing(town: Installation, archive: Path) -> None:
    engine = make_engine(town.url)
    try:
        before = contents(engine)
        with pytest.raises(backups.BackupError, match="not empty"):
            backups.restore(town.url, town.var, archive, secret=SECRET)
        assert contents(engine) == before
    finally:
        engine.dispose()


def test_restoring_by_force_is_refused_while_others_are_connected(archive: Path, elsewhere: Installation) -> None:
    backups.restore(elsewhere.url, elsewhere.var, archive, secret=SECRET)
    with psycopg.connect(elsewhere.url) as other:
        other.execute("SELECT 1")
        with pytest.raises(backups.BackupError, match="Stop web, worker and ticker"):
            backups.restore(elsewhere.url, elsewhere.var, archive, force=True, secret=SECRET)
    backups.restore(elsewhere.url, elsewhere.var, archive, force=True, secret=SECRET)


def test_a_backup_made_under_another_secret_is_refused(archive: Path, elsewhere: Installation) -> None:
    with pytest.raises(backups.BackupError, match="another GRIDWHISTLE_SECRET_KEY"):
        backups.restore(elsewhere.url, elsewhere.var, archive, secret="something else")
    with psycopg.connect(elsewhere.url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_generated_secret_travels_with_the_backup(
    town: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    var.mkdir()
    (var / "secret.key").write_text("generated once\n")
    backups.backup(town.url, var, tmp_path / "b.tar", secret="generated once", now=TAKEN_AT)
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    backups.restore(elsewhere.url, elsewhere.var, tmp_path / "b.tar")
    assert (elsewhere.var / "secret.key").read_text().strip() == "generated once"
    assert (elsewhere.var / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["no tar", "another tar", "climbing out", "newer version"])
def test_what_is_no_backup_of_ours_is_refused_before_anything_changes(
    kind: str, archive: Path, elsewhere: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "odd.tar"
    if kind == "no tar":
        path.write_bytes(b"not a tar at all" * 100)
    else:
        name, content = {
            "another tar": ("readme.txt", b"hello"),
            "climbing out": ("../escaped.txt", b"hello"),
            "newer version": (
                "manifest.json",
                b'{"format": 1, "created_at": "", "revision": "9999", "secret_fingerprint": "", "files": 0}',
            ),
        }[kind]
        with tarfile.open(path, "w") as tar:
            facts = tarfile.TarInfo(name)
            facts.size = len(content)
            tar.addfile(facts, io.BytesIO(content))
    with pytest.raises(backups.BackupError):
        backups.restore(elsewhere.url, elsewhere.var, path, secret=SECRET)
    assert not (tmp_path / "escaped.txt").exists()
