"""An axis of working time: working hours keep their length, what lies between shrinks to a narrow gap.

A gap in which something happened (a report at night, a check on Sunday) is wide enough to show it. Pure geometry over
a working calendar; what is drawn on it belongs to `webapp.cases.tracks`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.clocks.working_calendar import WorkingCalendar

GAP, WIDE = 12.0, 96.0
_LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece of time and where it lies."""

    start: datetime
    end: datetime
    x: float
    width: float
    is_work: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from the first to the last stretch, between `left` and `right`."""

    stretches: tuple[Stretch, ...]
    left: float
    right: float
    per_hour: float

    def x(self, moment: datetime) -> float:
        """Where a moment lies; one outside the axis lies at its end."""
        index = bisect_right([stretch.start for stretch in self.stretches], moment) - 1
        if index < 0:
            return self.left
        stretch = self.stretches[index]
        share = min((moment - stretch.start) / (stretch.end - stretch.start), 1.0)
        return stretch.x + stretch.width * share

    def pieces(self, start: datetime, end: datetime) -> list[tuple[float, float]]:
        """The parts of an interval that are working time, as (x, width)."""
        found = []
        for stretch in self.stretches:
            begin, until = max(start, stretch.start), min(end, stretch.end)
            if stretch.is_work and begin < until:
                x = self.x(begin)
                found.append((x, max(self.x(until) - x, 1.5)))
        return found


def build(
    calendar: WorkingCalendar, start: datetime, end: datetime, *, left: float, right: float, marks: Sequence[datetime]
) -> Axis:
    """The axis around [start, end]. `marks` are the moments at which something happened."""
    parts = _parts(calendar, start, max(end, start + timedelta(minutes=30)))
    widths: list[float] = [0.0 if is_work else _gap(begin, until, marks) for begin, until, is_work in parts]
    hours = sum((until - begin).total_seconds() for begin, until, is_work in parts if is_work) / 3600
    room = right - left
    total = math.fsum(widths)
    most = room / 2 if hours else room
    if total > most or (not hours and total):
        widths = [width * most / total for width in widths]
    per_hour = (room - math.fsum(widths)) / hours if hours else 0.0
    stretches, x = [], left
    for (begin, until, is_work), width in zip(parts, widths, strict=True):
        length = (until - begin).total_seconds() / 3600 * per_hour if is_work else width
        stretches.append(Stretch(begin, until, round(x, 1), round(length, 1), is_work))
        x += length
    return Axis(tuple(stretches), left, right, per_hour)


def _gap(begin: datetime, until: datetime, marks: Sequence[datetime]) -> float:
    return WIDE if any(begin < mark < until for mark in marks) else GAP


def _parts(calendar: WorkingCalendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime, bool]]:
    """(from, to, working) without holes; begins and ends with whole shifts where those touch the interval."""
    shifts = _shifts(calendar, start, min(end, start + _LONGEST))
    if not shifts:
        return [(start, end, False)]
    found: list[tuple[datetime, datetime, bool]] = []
    at = min(start, shifts[0][0])
    for begin, until in shifts:
        if at < begin:
            found.append((at, begin, False))
        found.append((begin, until, True))
        at = until
    if at < end:
        found.append((at, end, False))
    return found


def _shifts(calendar: WorkingCalendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The working intervals that touch [start, end]."""
    found: list[tuple[datetime, datetime]] = []
    day, last = calendar.local_date(start) - timedelta(days=1), calendar.local_date(end) + timedelta(days=1)
    while day <= last:
        if calendar.is_working_day(day):
            for shift in calendar.shifts_on(day):
                begin, until = _at(calendar, day, shift.start), _at(calendar, day, shift.end)
                if until > start and begin < end:
                    found.append((begin, until))
        day += timedelta(days=1)
    return found


def _at(calendar: WorkingCalendar, day: date, minute: int) -> datetime:
    days, minutes = divmod(minute, 24 * 60)
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    return midnight + timedelta(days=days, minutes=minutes)
