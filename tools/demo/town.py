"""Seeds an empty database: calendars, catalogue, organisation, processes; then lets three weeks pass."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

import handlers
from bpmn import definitions, transactions
from bpmn.database import make_engine, make_session_factory
from bpmn.scenarios.folders import files_of, process_folders
from bpmn.values import Actor
from handlers import catalogue, clocks, shipped
from handlers.cases import settings
from handlers.catalogue import imports
from handlers.org import seed as org_seed
from handlers.org.seed import Seeded
from tools.demo import progress
from tools.demo.simulation import Simulation

CASES: Final = 240
SEED: Final = 20261122
WEEKS: Final = timedelta(days=21)
ADMINISTRATOR: Final = Actor("system:demo", "演示数据", system=True)
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"

Say = Callable[[str], None]


def ensure(url: str, *, say: Say, cases: int = CASES, seed: int = SEED, now: datetime | None = None) -> str:
    """Fill an empty database. Returns what to tell about the accounts.

    A town whose making was interrupted is made anew; any other database with people in it stays as it is.
    """
    handlers.load()
    _configure_photos()
    engine = make_engine(url)
    try:
        event.listen(engine, "connect", _hurry)
        factory = make_session_factory(engine)
        with factory() as session:
            state = progress.state_of(session)
        if state == "worked in":
            say("demo town: its making was interrupted, but people have worked in it since; it stays incomplete")
        if state == "interrupted":
            say("demo town: its making was interrupted and it is incomplete; it is emptied and made anew")
        if state in ("empty", "interrupted"):
            _fill(factory, say=say, cases=cases, seed=seed, now=now or datetime.now(UTC))
    finally:
        engine.dispose()
    return _told()


def _hurry(connection: Any, _record: Any) -> None:
    """Nobody is told that a demo case is safe: its commits need not wait for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    connection.commit()


def _fill(factory: sessionmaker[Session], *, say: Say, cases: int, seed: int, now: datetime) -> None:
    began = time.monotonic()
    password = _new_password()
    accounts = transactions.run(factory, lambda session: _lay_ground(session, now, password))
    _keep(password, accounts)
    say(f"demo town: {len(accounts)} accounts, {len(catalogue.categories())} categories; three weeks are passing …")
    simulation = Simulation(factory, cases=cases, seed=seed, start=now - WEEKS, end=now, say=say)
    simulation.run()
    transactions.run(factory, lambda session: progress.finish(session, actor=ADMINISTRATOR, now=now))
    say(f"demo town: {simulation.summary()}, {time.monotonic() - began:.0f} s")


def _lay_ground(session: Session, now: datetime, password: str) -> tuple[Seeded, ...]:
    before = now - WEEKS
    if progress.state_of(session) == "interrupted":
        progress.empty(session)
    progress.begin(session, actor=ADMINISTRATOR, now=now)
    clocks.seed(session, actor=ADMINISTRATOR, now=before)
    imports.load_files(session, actor=ADMINISTRATOR, now=before)
    accounts = org_seed.load(session, before, lambda _username: password)
    for folder in process_folders(shipped.path()):
        definitions.deploy(session, folder.name, files_of(folder), actor=ADMINISTRATOR, now=before)
    return accounts


def _configure_photos() -> None:
    """Photos and contacts go where the service of this machine looks for them."""
    from webapp.config import Config

    config = Config.from_env({"GRIDWHISTLE_DATABASE_URL": "", **os.environ})
    settings.configure(settings.Settings(uploads=config.var / "uploads", secret=config.secret_key))


def _new_password() -> str:
    """Twelve letters and digits that nobody confuses, in groups for typing."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


# --- the accounts, told at every start ----------------------------------------------------------------------------


def _note() -> Path:
    return Path(os.environ.get("GRIDWHISTLE_VAR", "var")).absolute() / "demo-accounts.txt"


def _keep(password: str, accounts: Sequence[Seeded]) -> None:
    """Remember what to tell, readable by the owner alone."""
    shown: dict[str, Seeded] = {}
    for account in accounts:
        shown.setdefault(account.position, account)
    lines = [f"  Demo accounts, all with the password  {password}", ""]
    lines += [f"    {account.username:<16}{account.name_zh}" for account in shown.values()]
    lines += ["", f"  and {len(accounts) - len(shown)} more (administration, people)."]
    note = _note()
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch(mode=0o600)
    note.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _told() -> str:
    note = _note()
    return note.read_text(encoding="utf-8") if note.is_file() else ""
