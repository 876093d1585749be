"""The real worker and ticker on the real clock, each in a thread, and what a restarted database does to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select, text

from bpmn import embedded, heartbeat, messages, registry, schema, transactions, worker
from bpmn import ticker as ticker_module
from bpmn.database import make_engine, make_session_factory
from bpmn.errors import UnavailableError
from bpmn.tables import History, Message, ProcessInstance
from bpmn.ticker import Ticker
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import SYSTEM, deploy, instance, start
from tests.support.waiting import until


@contextmanager
def working(url: str) -> Iterator[None]:
    """A worker thread while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(url,), kwargs={"stop": stop, "concurrency": 2})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def ticking(url: str) -> Iterator[Ticker]:
    """A ticker thread while the block runs."""
    ticker = Ticker(url)
    thread = threading.Thread(target=ticker.run)
    thread.start()
    try:
        yield ticker
    finally:
        ticker.stop()
        thread.join(30)
        assert not thread.is_alive()


def completed(database: TestDatabase) -> int:
    with database.factory() as session:
        query = select(func.count()).select_from(ProcessInstance).where(ProcessInstance.status == "completed")
        return session.scalar(query) or 0


def test_ticker_and_worker_fire_what_falls_due_once_and_close_to_its_moment(committed: TestDatabase) -> None:
    now = datetime.now(UTC)
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT2S")), now)
    with working(committed.url), ticking(committed.url), ticking(committed.url):
        for number in range(10):
            start(committed.factory, "sample", datetime.now(UTC), business_key=f"C-{number}")
        until(lambda: completed(committed) == 10, within=30)
    with committed.factory() as session:
        fired = session.scalars(select(History).where(History.tag == "timer:fire")).all()
        assert len(fired) == 10
        late = [(row.at - datetime.fromisoformat((row.detail or {})["due"])).total_seconds() for row in fired]
        assert min(late) >= 0
        assert max(late) < 10
        assert heartbeat.last(session) == {}


def test_the_worker_runs_background_jobs_and_thrown_messages_and_signals(committed: TestDatabase) -> None:
    now = datetime.now(UTC)
    seen: list[str] = []
    before = dict(registry._handlers)

    @registry.handler("test.slow", background=True)
    def work(word: str) -> dict[str, Any]:
        seen.append(word)
        return {"said": word.upper()}

    top = '<message id="M1" name="answer"/><signal id="S1" name="alarm"/>'
    throws = "".join(
        f'<intermediateThrowEvent id="Throw_{kind}"><{kind}EventDefinition {kind}Ref="{ref}"/>'
        "</intermediateThrowEvent>,"
        for kind, ref in (("message", "M1"), ("signal", "S1"))
    ).split(",")[:2]
    catches = [throw.replace("Throw", "Catch") for throw in throws]
    try:
        deploy(committed.factory, models.chain(*catches, key="hearer", top=top), now)
        deploy(committed.factory, models.chain(models.service(topic="test.slow"), *throws, key="sayer", top=top), now)
        hearer = start(committed.factory, "hearer", now)
        sayer = start(committed.factory, "sayer", now, word="hello")
        with working(committed.url):
            until(lambda: instance(committed.factory, sayer).status == "completed")
            until(lambda: [wait[1] for wait in instance(committed.factory, hearer).waits.values()] != ["Catch_message"])
            transactions.run(
                committed.factory, lambda s: messages.signal(s, "alarm", actor=SYSTEM, now=datetime.now(UTC))
            )
            until(lambda: instance(committed.factory, hearer).status == "completed")
    finally:
        registry._handlers.clear()
        registry._handlers.update(before)
    assert seen == ["hello"]
    assert instance(committed.factory, sayer).variables["said"] == "HELLO"
    with committed.factory() as session:
        assert session.scalars(select(Message.status)).all() == ["correlated"]


def test_an_idle_ticker_sleeps(committed: TestDatabase) -> None:
    now = datetime.now(UTC)
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT10H")), now)
    start(committed.factory, "sample", now)
    with ticking(committed.url) as ticker:
        until(lambda: ticker._next is not None)
        process = psutil.Process()
        ended = threading.Event()
        ended.wait(1)
        used = sum(process.cpu_times()[:2])
        ended.wait(8)
        share = (sum(process.cpu_times()[:2]) - used) / 8
    assert share < 0.01, f"{share:.1%} of a core"


@pytest.fixture
def own_server(open_folder: Path) -> Iterator[tuple[Path, TestDatabase]]:
    """A server of this test alone, to be stopped and started."""
    folder = open_folder / "postgres"
    url = embedded.start(folder, durable=False)
    engine = make_engine(url)
    schema.create_all(engine)
    try:
        yield folder, TestDatabase(url, engine, make_session_factory(engine))
    finally:
        engine.dispose()
        embedded.stop(folder)


def test_worker_ticker_and_writes_recover_from_a_restart_of_the_database(
    own_server: tuple[Path, TestDatabase],
) -> None:
    folder, database = own_server
    deploy(database.factory, models.chain(models.timer("Timer_A", "Duration", "PT1S")), datetime.now(UTC))
    with working(database.url), ticking(database.url):
        start(database.factory, "sample", datetime.now(UTC), business_key="before")
        until(lambda: completed(database) == 1)
        start(database.factory, "sample", datetime.now(UTC), business_key="during")
        embedded.stop(folder)
        with pytest.raises(UnavailableError):
            start(database.factory, "sample", datetime.now(UTC), business_key="lost")
        assert embedded.start(folder, durable=False) == database.url
        start(database.factory, "sample", datetime.now(UTC), business_key="after")
        until(lambda: completed(database) == 3, within=60)
    with database.factory() as session:
        keys = session.scalars(select(ProcessInstance.business_key).order_by(ProcessInstance.id)).all()
        fired = session.scalar(select(func.count()).select_from(History).where(History.tag == "timer:fire"))
    assert (keys, fired) == (["before", "during", "after"], 3)


def test_what_a_dead_worker_was_doing_is_done_by_another(committed: TestDatabase) -> None:
    now = datetime.now(UTC)
    top = '<message id="M1" name="answer"/>'
    catch = '<intermediateCatchEvent id="Wait"><messageEventDefinition messageRef="M1"/></intermediateCatchEvent>'
    throw = '<intermediateThrowEvent id="Say"><messageEventDefinition messageRef="M1"/></intermediateThrowEvent>'
    deploy(committed.factory, models.chain(catch, key="hearer", top=top), now)
    deploy(committed.factory, models.chain(throw, key="sayer", top=top), now)
    hearer = start(committed.factory, "hearer", now)
    start(committed.factory, "sayer", now)
    with committed.factory() as session:
        worker_id = session.scalar(text("SELECT worker_id FROM procrastinate_register_worker_v1()"))
        taken = text("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['gridwhistle']::varchar[], :worker)")
        assert session.scalar(taken, {"worker": worker_id}) is not None
        session.commit()
    with committed.factory() as session:
        assert ticker_module.sweep(session, now)["stalled"] == 0
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'"))
        assert ticker_module.sweep(session, now)["stalled"] == 1
        session.commit()
    with ThreadPoolExecutor(1) as own_thread:  # the browser tests of this process may keep a loop in the main one
        own_thread.submit(worker.run, committed.url, wait=False).result()
    assert instance(committed.factory, hearer).status == "completed"


def test_what_still_waits_in_the_queue_is_late_and_not_lost(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT1H")), now)
    start(committed.factory, "sample", now)
    due, later = now + timedelta(hours=1), now + timedelta(hours=2)
    assert ticker_module.tick(committed.factory, due) == 1
    assert transactions.run(committed.factory, lambda s: ticker_module.sweep(s, later))["timers"] == 0
    with committed.factory() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.commit()
    assert transactions.run(committed.factory, lambda s: ticker_module.sweep(s, later))["timers"] == 1


def test_a_ticker_that_is_called_while_it_looks_looks_again(committed: TestDatabase) -> None:
    now = datetime.now(UTC)
    deploy(committed.factory, models.chain(models.timer("Timer_A", "Duration", "PT0S")), now)
    with ticking(committed.url):
        for number in range(40):
            start(committed.factory, "sample", datetime.now(UTC), business_key=f"C-{number}")

        def queued() -> bool:
            with committed.factory() as session:
                return session.scalar(text("SELECT count(*) FROM timer WHERE queued_at IS NULL")) == 0

        until(queued, within=15)
