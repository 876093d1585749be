"""Lets time pass in a walk: timers that fall due meanwhile fire in the order of their moments.

Timers that wait for a domain clock do not move; a scenario lets those fall due by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import isodate
from cronsim import CronSim

from bpmn.engine.contract import TimerWait
from bpmn.engine.memory import Run


def elapse(
    run: Run, now: datetime, length: str, opened: Mapping[str, datetime], note_opened: Callable[[], None]
) -> datetime:
    """Fire what falls due within `length` (ISO 8601) from `now`; returns the moment after it."""
    until = now + _length(length)
    while run.status == "running":
        moments = [(due_of(wait, opened.get(wait.key, now)), wait) for wait in run.of(TimerWait)]
        ripe = sorted(((due, wait.key, wait) for due, wait in moments if due is not None and due <= until))
        if not ripe:
            break
        run.fire(ripe[0][2].element_id)
        note_opened()
    return until


def due_of(wait: TimerWait, since: datetime) -> datetime | None:
    """When a timer that waits since then falls due; None for clocks."""
    match wait.kind:
        case "duration":
            return since + _length(wait.value)
        case "date":
            moment = datetime.fromisoformat(wait.value)
            return moment if moment.tzinfo else moment.replace(tzinfo=since.tzinfo or UTC)
        case "cycle":
            return since + _length(wait.value.rsplit("/", maxsplit=1)[-1]) * wait.occurrence
        case "cron":
            return cast(datetime, next(CronSim(wait.value, since)))
        case _:
            return None


def _length(text: str) -> timedelta:
    """An ISO 8601 duration; months and years count as 30 and 365 days in a walk."""
    parsed = isodate.parse_duration(text)
    if isinstance(parsed, timedelta):
        return parsed
    return timedelta(days=int(parsed.years) * 365 + int(parsed.months) * 30) + cast(timedelta, parsed.tdelta)
