"""Runs one unit of work as one transaction, again where that is right, and turns a lost server into an answer.

Every write of the web process and the workers goes through `run`. What the work does is the caller's business;
the notifications it collected are sent by `bpmn.notify` at the commit.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable
from typing import TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

import bpmn.notify  # noqa: F401  (hangs the notifications onto the commit)
from bpmn import failpoints
from bpmn.errors import GridWhistleError, InlineFailure, OutcomeUnknownError, UnavailableError

T = TypeVar("T")
Failure = tuple[str, str, str, str]
"""(kind, zh, en, traceback) of an element that failed."""

FAILURES = "failures"
_MAX_FAILURES = 50
_RETRIED = ("40001", "40P01", "55P03")
"""Serialization failure, deadlock, lock not available."""
_SERVER_GONE = ("08", "57P", "53")
"""Connection errors, shutdown of the server, too little of something."""


def run(factory: sessionmaker[Session], work: Callable[[Session], T], *, attempts: int = 5) -> T:
    """Do `work` in one transaction and commit it.

    An `InlineFailure` rolls everything back and runs the work again with the failure remembered in
    `session.info["failures"]`: the failed element then becomes an incident instead of being called again.
    Serialization failures, deadlocks and connections that died while idle are tried again, `attempts` in all.

    :raises UnavailableError: the server does not answer; nothing was changed.
    :raises OutcomeUnknownError: the connection was lost during the commit itself.
    """
    failures: dict[str, Failure] = {}
    tried = 0
    while True:
        session = factory(info={FAILURES: failures})
        committing = False
        try:
            result = work(session)
            session.flush()
            committing = True
            failpoints.reach("transaction.before_commit")
            session.commit()
            failpoints.reach("transaction.after_commit")
            return result
        except InlineFailure as failure:
            _rollback(session)
            if isinstance(failure.__cause__, DBAPIError) and _is_passing(failure.__cause__):
                tried += 1
                _may_repeat(failure.__cause__, tried, attempts, committing)
            else:
                remember(failures, failure)
        except PoolTimeoutError as error:
            raise UnavailableError() from error
        except DBAPIError as error:
            tried += 1
            _rollback(session)
            if not _may_repeat(error, tried, attempts, committing):
                raise
        finally:
            _close(session)


def remember(failures: dict[str, Failure], failure: InlineFailure) -> None:
    """Note the failed element, so that the next attempt opens an incident there. Gives up on an endless chain."""
    element_id = str(failure.facts["element_id"])
    if element_id in failures or len(failures) >= _MAX_FAILURES:
        raise failure
    cause = failure.__cause__ or failure
    zh, en = sentences(cause)
    trace = "".join(traceback.format_exception(cause))
    failures[element_id] = (str(failure.facts.get("kind", "handler")), zh, en, trace)


def sentences(cause: BaseException) -> tuple[str, str]:
    """The failure for people, zh and en: our own errors speak for themselves, others are named by their class."""
    if isinstance(cause, GridWhistleError):
        return cause.message("zh"), cause.message("en")
    name = type(cause).__name__
    en = f"The handler failed ({name}); an administrator has to look at it."
    return f"处理程序出错（{name}），需要管理员处理。", en


def _is_passing(error: DBAPIError) -> bool:
    """Whether the database, not the handler that met it, is the cause."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRIED or error.connection_invalidated or _is_gone(error.orig, state)


def _may_repeat(error: DBAPIError, tried: int, attempts: int, committing: bool) -> bool:
    """Whether to run the work again; raises when the server is gone."""
    state = getattr(error.orig, "sqlstate", None)
    if state in _RETRIED:
        if tried >= attempts:
            raise UnavailableError() from error
        time.sleep(random.uniform(0, 0.01 * 2**tried))  # noqa: S311  (spreads rivals, no secret)
        return True
    gone = error.connection_invalidated or _is_gone(error.orig, state)
    if not gone:
        return False
    if committing:
        raise OutcomeUnknownError() from error
    if error.connection_invalidated and tried == 1:
        return True  # The pool held a connection from before a restart of the server.
    raise UnavailableError() from error


def _is_gone(cause: BaseException | None, state: str | None) -> bool:
    if state is None:
        return isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError))
    return state.startswith(_SERVER_GONE)


def _rollback(session: Session) -> None:
    try:
        session.rollback()
    except DBAPIError:
        session.invalidate()


def _close(session: Session) -> None:
    try:
        session.close()
    except DBAPIError:
        session.invalidate()
