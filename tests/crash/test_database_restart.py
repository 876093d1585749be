"""PostgreSQL is restarted under load: people are told to try again, and everything recovers without help."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from bpmn import embedded
from bpmn.database import make_engine, make_session_factory
from tests.crash import conftest as town
from tests.crash.service import Service, service
from tests.crash.test_web import REPORT, post
from tests.support.databases import TestDatabase
from tests.support.waiting import until
from webapp import migrations

SENDERS = 4
RESTARTS = 3


@pytest.fixture
def own_server(open_folder: Path) -> Iterator[tuple[Path, TestDatabase]]:
    """A server of this test alone, since it is stopped and started."""
    folder = open_folder / "postgres"
    url = embedded.start(folder, durable=False)
    engine = make_engine(url)
    try:
        migrations.upgrade(engine)
        database = TestDatabase(url=url, engine=engine, factory=make_session_factory(engine))
        town.furnish(database, datetime.now(UTC))
        yield folder, database
    finally:
        engine.dispose()
        embedded.stop(folder)


class Load:
    """People who report problems as fast as they can, and what they were told."""

    def __init__(self, running: Service, bearer: str) -> None:
        self.running, self.bearer = running, bearer
        self.stopping = threading.Event()
        self.told: Counter[int] = Counter()
        self.odd: list[str] = []
        self.acknowledged: set[str] = set()
        self.guard = threading.Lock()
        self.threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def _send(self, sender: int) -> None:
        for number in range(5000):
            if self.stopping.is_set():
                return
            self._note(post(self.running, "cases", self.bearer, f"{sender}-{number}", REPORT))

    def _note(self, answer: requests.Response) -> None:
        with self.guard:
            self.told[answer.status_code] += 1
            if answer.status_code == 201:
                self.acknowledged.add(answer.json()["number"])
            elif answer.status_code != 503 or "Retry-After" not in answer.headers:
                self.odd.append(f"{answer.status_code} {answer.text[:300]}")


def test_a_restart_of_the_database_is_answered_with_503_and_healed_without_help(
    own_server: tuple[Path, TestDatabase], tmp_path: Path
) -> None:
    folder, database = own_server
    with service(database.url, tmp_path / "var") as running:
        running.web()
        processes = [*running.processes, running.worker(), running.ticker()]
        until(lambda: requests.get(f"{running.base}/health", timeout=10).status_code == 200, within=60)
        with Load(running, town.token(database, "collector01")) as load:
            for _ in range(RESTARTS):
                seen = load.told[201]
                until(lambda seen=seen: load.told[201] > seen + 5, within=60)
                embedded.stop(folder)
                until(lambda: load.told[503] > 0, within=60)
                embedded.start(folder, durable=False)
            seen = load.told[201]
            until(lambda: load.told[201] > seen + 5, within=60)
        assert load.odd == [], running.said()
        until(lambda: requests.get(f"{running.base}/health", timeout=10).status_code == 200, within=60)
        assert [process.poll() for process in processes] == [None, None, None], running.said()
    database.engine.dispose()
    with database.engine.connect() as connection:
        kept = set(connection.scalars(text("SELECT number FROM grid_case")))
    assert load.acknowledged - kept == set()
