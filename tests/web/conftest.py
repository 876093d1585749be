"""The web application over a database of its own with the demo town in it, and clients that are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from handlers import catalogue, clocks
from handlers.org import seed
from tests.support import databases
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, PASSWORD, person
from webapp.app import create_app
from webapp.auth import sessions
from webapp.config import Config


class Clock:
    """The service's clock, moved by tests."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, length: timedelta) -> None:
        self.at += length


@pytest.fixture(scope="session")
def web_database(database_server: str, database_template: str) -> Iterator[TestDatabase]:
    """A database with the demo town, for tests that commit and only add."""
    with databases.fresh(database_server, database_template) as database:
        with database.factory.begin() as session:
            seed.load(session, NOW, lambda username: f"{PASSWORD}-{username}")
            catalogue.seed(session, actor=seed.SEED, now=NOW)
            clocks.seed(session, actor=seed.SEED, now=NOW)
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(web_database: TestDatabase, clock: Clock, tmp_path: Path) -> Config:
    return Config(database_url=web_database.url, secret_key="s" * 48, var=tmp_path, now=clock, pool_size=5)


MakeApp = Callable[[Config], Flask]


@pytest.fixture
def make_app() -> Iterator[MakeApp]:
    """Applications whose connections are closed after the test."""
    made: list[Flask] = []

    def make(config: Config) -> Flask:
        made.append(create_app(config))
        return made[-1]

    yield make
    for app in made:
        app.extensions["gridwhistle.engine"].dispose()


@pytest.fixture
def app(config: Config, make_app: MakeApp) -> Flask:
    return make_app(config)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor."""
    return app.test_client()


SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def signed_in(app: Flask, web_database: TestDatabase, clock: Clock) -> SignedIn:
    """A client with the session of a user name, as the login page would have begun it; forms need no token here."""

    def make(username: str) -> FlaskClient:
        app.config["WTF_CSRF_ENABLED"] = False
        with web_database.factory.begin() as database:
            secret = sessions.begin(
                database,
                person(database, username),
                length=timedelta(hours=12),
                address="127.0.0.1",
                agent="test",
                now=clock(),
            )
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["sid"] = secret
        return client

    return make


@pytest.fixture
def bearer(web_database: TestDatabase, clock: Clock) -> Callable[[str], dict[str, str]]:
    """The header of a token of a user name."""

    def make(username: str) -> dict[str, str]:
        with web_database.factory.begin() as database:
            owner = person(database, username).id
            secret = sessions.issue_token(database, owner, "test", length=timedelta(days=1), now=clock())
        return {"Authorization": f"Bearer {secret}"}

    return make
