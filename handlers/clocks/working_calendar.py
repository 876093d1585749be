"""A working calendar as a value: which days and shifts count, as timelines that answer in microseconds.

A year without a published notice is computed by weekday rules and the statutory days, and every answer that
touches it says `provisional`. Loading calendars from their tables is `calendars`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from handlers.clocks.timeline import Interval, Timeline, from_us, to_us

Kind = Literal["continuous", "working", "workdays"]
"""What counts: every second; the shifts of working days; all 24 hours of working days (legal days)."""

FIRST_YEAR, LAST_YEAR = 1990, 2199
LONGEST_YEARS = 20
"""How far beyond its start a due moment may lie."""
_DAY = timedelta(days=1)
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time from `start` to `end` minutes after midnight; `end` may lie in the next day (night shifts).

    With `from_on` and `until_on` (both included) it holds in that season and displaces the undated shifts.
    """

    start: int
    end: int
    from_on: date | None = None
    until_on: date | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.start < _MINUTES_A_DAY and self.start < self.end <= self.start + _MINUTES_A_DAY):
            raise ValueError(f"no shift can run from minute {self.start} to {self.end}")

    @property
    def is_seasonal(self) -> bool:
        """True when the shift holds in a part of the time only."""
        return self.from_on is not None or self.until_on is not None

    def holds_on(self, day: date) -> bool:
        """True when the shift applies on `day`."""
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class DueMoment:
    """A computed moment; `provisional` when it rests on a year whose calendar is not published."""

    at: datetime
    provisional: bool = False


@dataclass(slots=True, eq=False)
class WorkingCalendar:
    """The days and shifts of one organisation. Immutable apart from the timelines it builds when asked."""

    code: str
    zone: ZoneInfo
    shifts: tuple[Shift, ...]
    weekdays: frozenset[int] = frozenset(range(5))
    """Working weekdays, Monday is 0."""
    days: Mapping[date, bool] = field(default_factory=dict)
    """Days that differ from the weekday rule: False is off, True a make-up workday."""
    published: frozenset[int] | None = None
    """Years whose notice is loaded. None: this calendar follows no notice and is never provisional."""
    statutory: frozenset[date] = frozenset()
    statutory_every_year: frozenset[tuple[int, int]] = frozenset()
    revision: str = ""
    _lines: dict[Kind, tuple[int, int, Timeline]] = field(default_factory=dict, repr=False)

    def is_published(self, year: int) -> bool:
        """True when nothing about `year` can still change by a notice."""
        return self.published is None or year in self.published

    def is_working_day(self, day: date) -> bool:
        """The notice's word, else the statutory day, else the weekday."""
        listed = self.days.get(day)
        if listed is not None:
            return listed
        if not self.is_published(day.year) and (
            (day.month, day.day) in self.statutory_every_year or day in self.statutory
        ):
            return False
        return day.weekday() in self.weekdays

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """The shifts of a working day; seasonal ones displace the others."""
        seasonal = tuple(shift for shift in self.shifts if shift.is_seasonal and shift.holds_on(day))
        return seasonal or tuple(shift for shift in self.shifts if not shift.is_seasonal)

    def day_length(self, day: date) -> timedelta:
        """Working hours of a working day such as `day`."""
        shifts = self.shifts_on(day)
        return timedelta(microseconds=Timeline((shift.start, shift.end) for shift in shifts).total * 60_000_000)

    def local_date(self, moment: datetime) -> date:
        """The day of `moment` in the calendar's zone."""
        return moment.astimezone(self.zone).date()

    def end_of_day(self, day: date) -> datetime:
        """24:00 of `day`."""
        return from_us(self._us(day, _MINUTES_A_DAY))

    def next_working_day(self, day: date) -> date:
        """`day` when it is a working day, else the first one after it; at most a year later."""
        for ahead in range(367):
            if self.is_working_day(day + ahead * _DAY):
                return day + ahead * _DAY
        return day

    def add(self, kind: Kind, start: datetime, amount: timedelta) -> DueMoment | None:
        """The first moment at which `amount` has been counted since `start`. None: not within LONGEST_YEARS."""
        if kind == "continuous":
            at = _plus(start, amount)
            return None if at is None else DueMoment(at)
        begin, length = to_us(start), amount // timedelta(microseconds=1)
        first = self.local_date(start).year
        if not FIRST_YEAR < first < LAST_YEAR:
            return None
        for ahead in (1, 3, LONGEST_YEARS):
            line = self._timeline(kind, first, min(first + ahead, LAST_YEAR))
            end = line.earliest(line.position(begin) + length)
            if end is not None:
                at = from_us(max(begin, end))
                if self.local_date(at).year > first + LONGEST_YEARS:
                    return None
                return DueMoment(at, self.is_provisional(start, at))
        return None

    def elapsed(self, kind: Kind, start: datetime, end: datetime) -> timedelta:
        """Counted time from `start` to `end`; negative when `end` is earlier."""
        if kind == "continuous":
            return end - start
        line = self._timeline(kind, *sorted((self._year(start), self._year(end))))
        return timedelta(microseconds=line.position(to_us(end)) - line.position(to_us(start)))

    def back(self, kind: Kind, end: datetime, amount: timedelta) -> datetime:
        """The first moment from which at most `amount` is still to be counted until `end`."""
        if kind == "continuous":
            return end - amount
        length = amount // timedelta(microseconds=1)
        last = self._year(end)
        for behind in (1, 3, LONGEST_YEARS):
            line = self._timeline(kind, max(last - behind, FIRST_YEAR), last)
            position = line.position(to_us(end)) - length
            if position > 0:
                break
        return min(from_us(line.earliest(max(position, 1)) or to_us(end)), end)

    def _year(self, moment: datetime) -> int:
        return min(max(self.local_date(moment).year, FIRST_YEAR), LAST_YEAR)

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """True when any year from `start` to `end` is not published; an end at 24:00 belongs to its day."""
        last = max(end - timedelta(microseconds=1), start)
        years = range(self.local_date(start).year, self.local_date(last).year + 1)
        return not all(self.is_published(year) for year in years)

    def _timeline(self, kind: Kind, first: int, last: int) -> Timeline:
        """The timeline over at least the years `first` to `last`; the neighbours are added once and kept."""
        built = self._lines.get(kind)
        if built is None or first < built[0] or last > built[1]:
            low, high = (first, last) if built is None else (min(first, built[0]), max(last, built[1]))
            built = (low, high, Timeline(self._intervals(kind, low, high)))
            self._lines[kind] = built
        return built[2]

    def _intervals(self, kind: Kind, first: int, last: int) -> Iterator[Interval]:
        day = date(first, 1, 1) - _DAY
        whole_day = (Shift(0, _MINUTES_A_DAY),)
        while day.year <= last:
            if self.is_working_day(day):
                for shift in whole_day if kind == "workdays" else self.shifts_on(day):
                    yield self._us(day, shift.start), self._us(day, shift.end)
            day += _DAY

    def _us(self, day: date, minute: int) -> int:
        days, minutes = divmod(minute, _MINUTES_A_DAY)
        clock = time(minutes // 60, minutes % 60)
        return to_us(datetime.combine(day + days * _DAY, clock, self.zone))


def _plus(start: datetime, amount: timedelta) -> datetime | None:
    """`start + amount` within the bound all kinds share."""
    if amount > LONGEST_YEARS * 366 * _DAY or start.year + LONGEST_YEARS > LAST_YEAR:
        return None
    return start + amount


def plain_shifts(pairs: Iterable[tuple[str, str]]) -> tuple[Shift, ...]:
    """Shifts from `("08:00", "12:00")` pairs; an end at or before its start lies in the next day."""
    shifts = []
    for begin, until in pairs:
        start, end = _minute(begin), _minute(until)
        shifts.append(Shift(start, end if end > start else end + _MINUTES_A_DAY))
    return tuple(shifts)


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
