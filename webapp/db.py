"""Database sessions of a request: one for reading, and one transaction per write through `bpmn.transactions`.

Owns when a session begins and ends. What is read or written belongs to the services.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, g
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from bpmn import transactions
from bpmn.database import make_engine, make_session_factory

T = TypeVar("T")


def init_app(app: Flask, url: str, pool_size: int) -> None:
    """Create the engine (connections are opened when first needed, so this is safe before a fork)."""
    engine = make_engine(url, pool_size=pool_size)
    app.extensions["gridwhistle.engine"] = engine
    app.extensions["gridwhistle.sessions"] = make_session_factory(engine)
    app.extensions["gridwhistle.readers"] = _readers(engine)
    app.teardown_appcontext(_close)


def _readers(engine: Engine) -> sessionmaker[Session]:
    made = make_session_factory(engine.execution_options(isolation_level="AUTOCOMMIT"))
    event.listen(made, "before_flush", _refuse_to_write)
    return made


def _refuse_to_write(session: Session, *_: object) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("the reading session does not write; use webapp.db.write")


def engine() -> Engine:
    """The engine of this process."""
    found: Engine = current_app.extensions["gridwhistle.engine"]
    return found


def factory() -> sessionmaker[Session]:
    """The session factory of this process."""
    found: sessionmaker[Session] = current_app.extensions["gridwhistle.sessions"]
    return found


def read() -> Session:
    """The request's reading session, closed at the end of the request. It has no transaction: nothing to begin or
    to end, two round trips less; a page that writes through it fails at once."""
    session: Session | None = g.get("reading")
    if session is None:
        session = g.reading = current_app.extensions["gridwhistle.readers"]()
    return session


def write(work: Callable[[Session], T]) -> T:
    """Run `work` in one transaction and commit; the reading session gives its connection back before.

    :raises UnavailableError: the database does not answer; nothing was changed.
    """
    done_reading()
    return transactions.run(factory(), work)


def done_reading() -> None:
    """Give the reading connection back early: before a write, before a stream, before anything slow."""
    _close(None)


def _close(error: BaseException | None) -> None:
    session: Session | None = g.pop("reading", None)
    if session is not None:
        session.close()
