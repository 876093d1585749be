"""Dates beyond Python's years 1 to 9999, as FEEL has them (years -999,999,999 to 999,999,999).

Values inside Python's range are always `date` and `datetime`; these two stand for the rest, in the proleptic
Gregorian calendar of XML Schema, and can be read, written, compared and moved.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import total_ordering

MOST_YEARS = 999_999_999
_ERA_DAYS = 146_097
"""Days in 400 years."""


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class WideDate:
    """A date with any year."""

    year: int
    month: int
    day: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WideDate | date) and _day_key(self) == _day_key(other)

    def __hash__(self) -> int:
        return hash(_day_key(self))

    def __lt__(self, other: WideDate | date) -> bool:
        return _day_key(self) < _day_key(other)

    def isoweekday(self) -> int:
        """1 is Monday."""
        return (to_ordinal(self) - 1) % 7 + 1

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04}-{self.month:02}-{self.day:02}"


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class WideDateTime:
    """A date and time with any year; `clock` carries the zone."""

    day_part: WideDate
    clock: time

    @property
    def year(self) -> int:
        return self.day_part.year

    @property
    def month(self) -> int:
        return self.day_part.month

    @property
    def day(self) -> int:
        return self.day_part.day

    def isoweekday(self) -> int:
        """1 is Monday."""
        return self.day_part.isoweekday()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WideDateTime | datetime) and _moment_key(self) == _moment_key(other)

    def __hash__(self) -> int:
        return hash(_moment_key(self))

    def __lt__(self, other: WideDateTime | datetime) -> bool:
        return _moment_key(self) < _moment_key(other)


Day = date | WideDate
"""A date or date and time of any kind but `WideDateTime`."""


def _day_key(value: WideDate | date) -> tuple[int, int, int]:
    return value.year, value.month, value.day


def _moment_key(value: WideDateTime | datetime) -> tuple[int, int, int, time]:
    clock = value.clock if isinstance(value, WideDateTime) else value.time()
    return value.year, value.month, value.day, clock.replace(tzinfo=None)


def make_date(year: int, month: int, day: int) -> date | WideDate | None:
    """The date, or None when there is no such day or the year is out of FEEL's range."""
    if not (1 <= month <= 12 and abs(year) <= MOST_YEARS and 1 <= day <= days_in(year, month)):
        return None
    return date(year, month, day) if 1 <= year <= 9999 else WideDate(year, month, day)


def days_in(year: int, month: int) -> int:
    """Days of a month in any year."""
    return calendar.monthrange(2000 + year % 400, month)[1]


def to_ordinal(value: date | WideDate) -> int:
    """Days since 0001-01-01 as day 1, as `date.toordinal` counts."""
    if isinstance(value, date):
        return value.toordinal()
    eras, year = divmod(value.year - 2000, 400)
    return date(2000 + year, value.month, value.day).toordinal() + eras * _ERA_DAYS


def from_ordinal(number: int) -> date | WideDate | None:
    """The date of a day number."""
    eras, rest = divmod(number - date(2000, 1, 1).toordinal(), _ERA_DAYS)
    day = date.fromordinal(date(2000, 1, 1).toordinal() + rest)
    return make_date(day.year + 400 * eras, day.month, day.day)


def combine(day: date | WideDate, clock: time) -> datetime | WideDateTime:
    """A date and a time of day as one moment."""
    return WideDateTime(day, clock) if isinstance(day, WideDate) else datetime.combine(day, clock)
