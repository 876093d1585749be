"""Where benchmarks run: a durable embedded PostgreSQL, a fresh database for each, processes that start together."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from bpmn import definitions, embedded, execution, schema, tasks, transactions
from bpmn.database import make_engine, make_session_factory
from bpmn.tables import UserTask
from bpmn.values import Actor
from tools.bench.models import MODELS

T = TypeVar("T")

VAR = Path(os.environ.get("GRIDWHISTLE_VAR", Path(__file__).resolve().parents[2] / "var"))
ACTOR = Actor("system:bench", "bench", system=True)


def moment() -> datetime:
    """Now: benchmarks run on the wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Place:
    """A database and how to work in it."""

    url: str
    engine: Engine
    factory: sessionmaker[Session]

    def run(self, work: Callable[[Session], T]) -> T:
        """One transaction, as the service does it."""
        return transactions.run(self.factory, work)

    def start(self, model: str, business_key: str) -> str:
        """Start an instance as the service does it; its id."""
        return self.run(
            lambda session: (
                execution.start(session, model, business_key=business_key, variables={}, actor=ACTOR, now=moment()).id
            )
        )

    def complete(self, task: int, outcome: str = "ok") -> None:
        """Complete a user task as the web process does it: one transaction."""
        self.run(lambda session: tasks.complete(session, task, {"outcome": outcome}, actor=ACTOR, now=moment()))

    def open_tasks(self, prefix: str = "") -> list[int]:
        """The ids of the open tasks whose business keys begin with `prefix`, oldest first."""
        query = select(UserTask.id).where(UserTask.business_key.startswith(prefix)).order_by(UserTask.id)
        with self.factory() as session:
            return list(session.scalars(query))

    def scalar(self, statement: str, *parameters: Any) -> Any:
        """One value of one statement in a transaction of its own."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(statement, parameters or None).fetchone()
            return None if row is None else row[0]

    def execute(self, *statements: str) -> None:
        """Statements outside any transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def import_tables() -> None:
    """Import every `tables` module, so that the schema is whole."""
    for name in ("bpmn", "handlers", "webapp"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if module.name.rpartition(".")[2] == "tables":
                importlib.import_module(module.name)


@contextmanager
def database(name: str) -> Iterator[Place]:
    """A fresh database of this process, dropped afterwards; the server stops with the last benchmark."""
    server = embedded.start(VAR / "bench", database="postgres", durable=True, keep=False)
    own = f"bench_{name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        for (left,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench~_%' ESCAPE '~'"):
            if left == own or not Path(f"/proc/{left.rpartition('_')[2]}").exists():
                _drop(admin, left)
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
        admin.execute(create.format(sql.Identifier(own)))
    place = connect(server.replace("/postgres?", f"/{own}?"))
    try:
        import_tables()
        schema.create_all(place.engine)
        yield place
    finally:
        place.engine.dispose()
        with psycopg.connect(server, autocommit=True) as admin:
            _drop(admin, own)


def _drop(admin: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    """Drop a database, whoever is still connected to it."""
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def connect(url: str) -> Place:
    """The same database from another process."""
    engine = make_engine(url)
    return Place(url, engine, make_session_factory(engine))


def deploy(place: Place, model: str) -> None:
    """Deploy one diagram of `tools/bench/models`."""
    files = {f"{model}.bpmn": (MODELS / f"{model}.bpmn").read_bytes()}
    place.run(lambda session: definitions.deploy(session, model, files, actor=ACTOR, now=moment()))


@dataclass(frozen=True, slots=True)
class Lap:
    """What one process did: begin and end on the machine's monotonic clock, seconds of each single piece."""

    begun: float
    ended: float
    seconds: list[float]


def together(count: int, work: Callable[[str, int, int], Iterator[None]], url: str) -> tuple[float, list[float]]:
    """Run `work(url, index, count)` in `count` processes that start at once.

    `work` is a module-level generator function: what it does before its first `yield` is preparation, each later
    `yield` ends one measured piece. Answers the wall time from the first begin to the last end, and all pieces.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(count)
    queue: Any = context.Queue()
    processes = [
        context.Process(target=_lap, args=(work, (url, index, count), barrier, queue), daemon=True)
        for index in range(count)
    ]
    for process in processes:
        process.start()
    laps: list[Lap | BaseException] = [queue.get(timeout=1800) for _ in processes]
    for process in processes:
        process.join()
    for lap in laps:
        if isinstance(lap, BaseException):
            raise lap
    done = [lap for lap in laps if isinstance(lap, Lap)]
    pieces = [piece for lap in done for piece in lap.seconds]
    return max(lap.ended for lap in done) - min(lap.begun for lap in done), pieces


def _lap(work: Any, arguments: tuple[str, int, int], barrier: Any, queue: Any) -> None:
    try:
        steps = work(*arguments)
        next(steps)
        barrier.wait(timeout=600)
        seconds: list[float] = []
        begun = last = time.monotonic()
        for _ in steps:
            now = time.monotonic()
            seconds.append(now - last)
            last = now
        queue.put(Lap(begun, last, seconds))
    except BaseException as error:
        barrier.abort()
        queue.put(RuntimeError(f"{type(error).__name__}: {error}"))


def bare_commit_ms(place: Place, times: int = 200) -> float:
    """Mean milliseconds of the smallest durable transaction: one row into one table."""
    with psycopg.connect(place.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare_commit (id integer)")
        connection.commit()
        begun = time.perf_counter()
        for number in range(times):
            connection.execute("INSERT INTO bare_commit VALUES (%s)", [number])
            connection.commit()
        return (time.perf_counter() - begun) / times * 1000
