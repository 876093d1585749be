"""An axis of working time: working hours keep their length, everything between them shrinks to a narrow gap.

Pure geometry over a working calendar; what is drawn on it belongs to `webapp.cases.tracks`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.clocks.working_calendar import WorkingCalendar

GAP = 12.0
_LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece of working time and where it lies."""

    start: datetime
    end: datetime
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Axis:
    """Working time from the first to the last stretch between `left` and `right`."""

    stretches: tuple[Stretch, ...]
    left: float
    right: float
    per_hour: float

    def x(self, moment: datetime) -> float:
        """Where a moment lies; one outside working time lies in its gap, one outside the axis at its end."""
        starts = [stretch.start for stretch in self.stretches]
        index = bisect_right(starts, moment) - 1
        if index < 0:
            return self.left
        stretch = self.stretches[index]
        if moment <= stretch.end:
            return stretch.x + stretch.width * ((moment - stretch.start) / (stretch.end - stretch.start))
        if index + 1 == len(self.stretches):
            return self.right
        after = self.stretches[index + 1]
        begin = stretch.x + stretch.width
        return begin + (after.x - begin) * ((moment - stretch.end) / (after.start - stretch.end))

    def pieces(self, start: datetime, end: datetime) -> list[tuple[float, float]]:
        """The parts of an interval that are working time, as (x, width)."""
        found = []
        for stretch in self.stretches:
            begin, until = max(start, stretch.start), min(end, stretch.end)
            if begin < until:
                x = self.x(begin)
                found.append((x, max(self.x(until) - x, 1.5)))
        return found


def build(calendar: WorkingCalendar, start: datetime, end: datetime, *, left: float, right: float) -> Axis:
    """The axis of the working time around [start, end]; at least one stretch."""
    pairs = _working(calendar, start, min(end, start + _LONGEST))
    room = right - left - GAP * (len(pairs) - 1)
    hours = sum((until - begin).total_seconds() for begin, until in pairs) / 3600
    gap = GAP if room > (right - left) / 2 else (right - left) / 2 / max(len(pairs) - 1, 1)
    per_hour = (right - left - gap * (len(pairs) - 1)) / hours
    stretches, x = [], left
    for begin, until in pairs:
        width = (until - begin).total_seconds() / 3600 * per_hour
        stretches.append(Stretch(begin, until, round(x, 1), round(width, 1)))
        x += width + gap
    return Axis(tuple(stretches), left, right, per_hour)


def _working(calendar: WorkingCalendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Working intervals that touch [start, end], one more on each side where an end lies outside working time."""
    found: list[tuple[datetime, datetime]] = []
    day = calendar.local_date(start) - timedelta(days=1)
    last = calendar.local_date(end) + timedelta(days=10)
    while day <= last:
        if calendar.is_working_day(day):
            for shift in calendar.shifts_on(day):
                found.append((_at(calendar, day, shift.start), _at(calendar, day, shift.end)))
        day += timedelta(days=1)
    touching = [index for index, (begin, until) in enumerate(found) if until > start and begin < end]
    if not touching:
        after = next((index for index, (begin, _) in enumerate(found) if begin >= start), None)
        touching = [after if after is not None else len(found) - 1] if found else []
    if not touching:
        return [(start, max(end, start + timedelta(hours=1)))]
    first, final = touching[0], touching[-1]
    if found[first][0] > start and first > 0:
        first -= 1
    if found[final][1] < end and final + 1 < len(found):
        final += 1
    return found[first : final + 1]


def _at(calendar: WorkingCalendar, day: date, minute: int) -> datetime:
    days, minutes = divmod(minute, 24 * 60)
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    return midnight + timedelta(days=days, minutes=minutes)
