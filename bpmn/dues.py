"""From the text of a timer or due date to a moment, domain clocks included.

Pure but for the registered clock resolver, which reads the domain's tables in the caller's session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bpmn import moments, registry
from bpmn.engine.contract import TimerWait


@dataclass(frozen=True, slots=True)
class Anchor:
    """The timer that has just fired: its next occurrence counts from when it was due, not from when it fired."""

    element_id: str
    occurrence: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Whose clocks are meant."""

    session: Session
    business_key: str
    instance_id: str
    now: datetime

    def clock(self, reference: str) -> datetime | None:
        """The moment of `clock:NAME@percent`; None while the clock does not run."""
        return registry.clock_moment(
            self.session, reference, business_key=self.business_key, instance_id=self.instance_id, now=self.now
        )


def is_clock(text: str | None) -> bool:
    return text is not None and text.startswith("clock:")


def of_text(text: str | None, place: Place) -> datetime | None:
    """The moment of a task's due or follow-up text: a clock, a duration from now, or a date.

    :raises MomentError: it is none of them.
    """
    if text is None:
        return None
    if is_clock(text):
        return place.clock(text)
    if text.startswith("P"):
        return moments.duration(text, place.now)
    return moments.date(text)


def of_timer(wait: TimerWait, place: Place, anchor: Anchor | None = None) -> datetime | None:
    """When a timer wait falls due; None while its clock does not run.

    :raises MomentError: its text names no moment.
    """
    if wait.kind == "clock":
        return place.clock(wait.value)
    if wait.kind == "duration":
        return moments.duration(wait.value, place.now)
    if wait.kind == "date":
        return moments.date(wait.value)
    before = None
    if anchor is not None and (anchor.element_id, anchor.occurrence + 1) == (wait.element_id, wait.occurrence):
        before = anchor.due_at
    return following(wait.kind, wait.value, wait.occurrence, wait.catch_up, now=place.now, before=before)


def following(
    kind: str, value: str, occurrence: int, catch_up: str, *, now: datetime, before: datetime | None
) -> datetime:
    """The due moment of an occurrence of a repeating timer, after one that was due at `before`.

    With `all` every missed moment comes, one after the other; with `once` and `skip` the next one lies after `now`.
    """
    if kind == "cron":
        base = now if before is None else (before if catch_up == "all" else max(before, now))
        return moments.cron(value, base)
    cycle = moments.Cycle.read(value)
    if before is None:
        first = cycle.first(now)
        return cycle.period.first_after(first, now)[0] if catch_up == "skip" and first <= now else first
    if cycle.start is not None and catch_up == "all":
        return cycle.period.after(cycle.start, times=occurrence - 1)  # No drift at the ends of months.
    base = cycle.start or before
    if catch_up == "all":
        return cycle.period.after(base)
    return cycle.period.first_after(base, max(now, before))[0]


def next_after(
    kind: str, value: str, occurrence: int, catch_up: str, *, now: datetime, before: datetime
) -> datetime | None:
    """The moment after the given occurrence of a timer start event; None: that was the last."""
    if kind == "cron":
        return following(kind, value, occurrence + 1, catch_up, now=now, before=before)
    if kind != "cycle":
        return None
    times = moments.Cycle.read(value).times
    if times is not None and occurrence >= times:
        return None
    due_at = following(kind, value, occurrence + 1, catch_up, now=now, before=before)
    return None if has_ended(kind, value, due_at) else due_at


def has_ended(kind: str, value: str, next_due_at: datetime) -> bool:
    """Whether a cycle's end moment lies before its next occurrence."""
    if kind != "cycle":
        return False
    end = moments.Cycle.read(value).end
    return end is not None and next_due_at > end
