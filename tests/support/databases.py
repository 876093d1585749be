"""Databases for tests: one embedded server per checkout, a template per state of the tables, cheap copies of it.

Several pytest processes and xdist workers share the server; every database carries a name of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from bpmn import embedded
from bpmn.database import make_engine, make_session_factory, new_id
from webapp import migrations
from webapp.migrations import jobs

CHECKOUT = Path(__file__).resolve().parents[2]
DATA_DIR = CHECKOUT / "var" / "testdb"


@dataclass(frozen=True)
class TestDatabase:
    """A database of one's own: its URL for other processes, engine and session factory for this one."""

    __test__ = False

    url: str
    engine: Engine
    factory: sessionmaker[Session]


def start_server() -> str:
    """The URL of the maintenance database of the test server, started when it does not run."""
    given = os.environ.get("GRIDWHISTLE_TEST_DATABASE_URL")
    return given or embedded.start(DATA_DIR, database="postgres", durable=False, keep=False)


def template(server_url: str) -> str:
    """The name of the template database for the present migrations; built once, under a lock."""
    name = f"template_{_migrations_fingerprint()}"
    DATA_DIR.parent.mkdir(parents=True, exist_ok=True)
    with (DATA_DIR.parent / ".template.lock").open("a") as lock, psycopg.connect(server_url, autocommit=True) as admin:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        raw = f"raw_{new_id().replace('-', '')}"
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(raw)))
        engine = make_engine(with_database(server_url, raw), pool_size=1)
        try:
            migrations.upgrade(engine)
        finally:
            engine.dispose()
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(raw), sql.Identifier(name)))
    return name


def _migrations_fingerprint() -> str:
    """Changes with every change of the migrations, the job queue's own among them."""
    digest = hashlib.sha256(jobs.newest().encode())
    for path in sorted(Path(migrations.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def fresh(server_url: str, template_name: str, *, pool_size: int = 10) -> Iterator[TestDatabase]:
    """A copy of the template, dropped afterwards whoever is still connected to it."""
    name = f"test_{new_id().replace('-', '')}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template_name)
            )
        )
    url = with_database(server_url, name)
    engine = make_engine(url, pool_size=pool_size, max_overflow=60)
    try:
        yield TestDatabase(url=url, engine=engine, factory=make_session_factory(engine))
    finally:
        engine.dispose()
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(url: str, name: str) -> str:
    """`url` with another database name."""
    base, _, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
