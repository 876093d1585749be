"""Where an installation lives: its folder and its database. Used by the commands, imports little."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path


def var() -> Path:
    """The installation's folder: `GRIDWHISTLE_VAR`, else `var` where the command runs."""
    return Path(os.environ.get("GRIDWHISTLE_VAR", "var")).absolute()


@contextmanager
def database(*, leave_running: bool = True) -> Iterator[str]:
    """The database's address, also put into the environment for what is started or imported next.

    Without `GRIDWHISTLE_DATABASE_URL` it is the embedded one, which is started for the time of the block. With
    `leave_running` one that was running before goes on.
    """
    configured = os.environ.get("GRIDWHISTLE_DATABASE_URL")
    if configured:
        yield configured
        return
    from bpmn import embedded

    folder = var() / "postgres"
    was_running = embedded.is_running(folder)
    os.environ["GRIDWHISTLE_DATABASE_URL"] = embedded.start(folder)
    try:
        yield os.environ["GRIDWHISTLE_DATABASE_URL"]
    finally:
        del os.environ["GRIDWHISTLE_DATABASE_URL"]
        if not (was_running and leave_running):
            embedded.stop(folder)


@contextmanager
def signs_of_life(url: str, service: str) -> Iterator[Callable[[], None]]:
    """What a process calls every few seconds to say that it works; its row goes when the block ends in order."""
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.orm import Session

    from bpmn import heartbeat
    from bpmn.database import make_engine

    engine = make_engine(url, pool_size=1, max_overflow=0)

    def beat() -> None:
        with Session(engine) as session, session.begin():
            heartbeat.beat(session, service, now=datetime.now(UTC))

    try:
        yield beat
        with suppress(DBAPIError), Session(engine) as session, session.begin():
            heartbeat.forget(session, service)
    finally:
        engine.dispose()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Our own errors become one line for the person at the terminal and exit code 1."""
    import click

    from bpmn.errors import GridWhistleError

    try:
        yield
    except GridWhistleError as error:
        raise click.ClickException(str(error).splitlines()[0]) from error
