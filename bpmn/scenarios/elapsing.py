"""Lets time pass in a walk: timers that fall due meanwhile fire in the order of their moments.

Timers that wait for a domain clock do not move; a scenario lets those fall due by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bpmn import moments
from bpmn.engine.contract import TimerWait
from bpmn.engine.memory import Run


def elapse(
    run: Run, now: datetime, length: str, opened: Callable[[], Mapping[str, datetime]], tell: Callable[[datetime], None]
) -> datetime:
    """Fire what falls due within `length` (ISO 8601) from `now`; returns the moment after it.

    `opened` says since when each wait is open, `tell` is called with the moment of each firing.
    :raises MomentError: a timer or the length cannot be read.
    """
    until = moments.duration(length, now)
    while run.status == "running":
        since = opened()
        ripe = [
            (due, wait.key, wait.element_id)
            for wait in run.of(TimerWait)
            if (due := due_of(wait, since.get(wait.key, now))) is not None and due <= until
        ]
        if not ripe:
            break
        due, _, element_id = min(ripe)
        run.fire(element_id)
        tell(due)
    return until


def due_of(wait: TimerWait, since: datetime) -> datetime | None:
    """When a timer that waits since then falls due; None for clocks.

    :raises MomentError: its text cannot be read.
    """
    match wait.kind:
        case "duration":
            return moments.duration(wait.value, since)
        case "date":
            return moments.date(wait.value)
        case "cycle":
            return moments.Cycle.read(wait.value).first(since)
        case "cron":
            return moments.cron(wait.value, since)
        case _:
            return None
