"""Rivals: the same deed done at once by many threads of several processes on one database.

Every process loads everything first; a barrier over all threads of all processes lets them go together.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from bpmn import transactions
from bpmn.database import make_engine, make_session_factory
from bpmn.errors import GridWhistleError

Deed = Callable[[Session, Any], Any]
"""A module-level function: (session, argument) to a small answer."""
Outcome = tuple[str, Any]
"""("done", answer) or (error code, facts as text)."""


def race(url: str, deeds: Sequence[tuple[Deed, Any]], *, processes: int = 2) -> list[Outcome]:
    """Do all deeds at the same moment, spread over processes; what became of each, in no order."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(deeds))
    answers: Queue[Outcome] = context.Queue()
    shares = [deeds[number::processes] for number in range(processes)]
    children = [context.Process(target=_process, args=(url, share, barrier, answers)) for share in shares if share]
    for child in children:
        child.start()
    outcomes = [answers.get(timeout=120) for _ in deeds]
    for child in children:
        child.join(30)
    return outcomes


def _process(url: str, deeds: Sequence[tuple[Deed, Any]], barrier: Any, answers: Queue[Outcome]) -> None:
    engine = make_engine(url, pool_size=len(deeds), max_overflow=5)
    factory = make_session_factory(engine)
    threads = [threading.Thread(target=_thread, args=(factory, deed, barrier, answers)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()


def _thread(factory: sessionmaker[Session], deed: tuple[Deed, Any], barrier: Any, answers: Queue[Outcome]) -> None:
    function, argument = deed
    with factory() as session:
        session.connection()  # The connection is open before the start.
    barrier.wait(60)
    try:
        answers.put(("done", transactions.run(factory, lambda session: function(session, argument))))
    except GridWhistleError as error:
        answers.put((error.code, {name: str(value) for name, value in error.facts.items()}))
    except BaseException as error:
        answers.put(("crashed", repr(error)))
        raise
