"""Computes moments: ISO 8601 durations, dates and cycles, and cron, over a time zone. Pure; `now` is an argument.

Domain clocks (`clock:NAME`) are resolved by `bpmn.timers`, whether a text is well-formed is told by `bpmn.checker`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from bpmn.errors import MomentError

ZONE = ZoneInfo("Asia/Shanghai")
"""Where a moment without zone is meant."""
_PERIOD = re.compile(
    r"^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$"
)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """An ISO 8601 duration: months and days are of the calendar, the rest is exact time."""

    months: int
    days: int
    exact: timedelta

    @classmethod
    def read(cls, text: str) -> Period:
        """:raises MomentError: `text` is no duration of at least nothing."""
        found = _PERIOD.match(text.strip())
        if found is None:
            raise _bad(text, "PT4H")
        years, months, weeks, days, hours, minutes, seconds = (
            float((part or "0").replace(",", ".")) for part in found.groups()
        )
        try:
            exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError as error:
            raise _bad(text, "PT4H") from error
        return cls(int(years * 12 + months), int(weeks * 7 + days), exact)

    @property
    def is_empty(self) -> bool:
        return not (self.months or self.days or self.exact)

    def after(self, start: datetime, *, times: int = 1, zone: ZoneInfo = ZONE) -> datetime:
        """`times` periods after `start`: the date part keeps the wall clock of `zone`, the rest is exact.

        31 January plus a month is the last day of February; the second period counts from the start again.
        """
        try:
            local = start.astimezone(zone)
            if self.months or self.days:
                month = local.month - 1 + self.months * times
                year, month = local.year + month // 12, month % 12 + 1
                day = min(local.day, _days_in(year, month))
                local = local.replace(year=year, month=month, day=day) + timedelta(days=self.days * times)
            return min(local.astimezone(UTC) + self.exact * times, _LATEST)
        except (OverflowError, ValueError):
            return _LATEST

    def first_after(self, start: datetime, moment: datetime, *, zone: ZoneInfo = ZONE) -> tuple[datetime, int]:
        """The first of `start`, `start` + 1 period, … that lies after `moment`, and how many periods it is away."""
        if start > moment:
            return start, 0
        if self.is_empty:
            raise _bad("PT0S", "PT10M")
        length = timedelta(days=self.months * 28 + self.days) + self.exact
        low, high = 0, max((moment - start) // length, 0) + 2
        while high - low > 1:  # The moments grow with the number: search between.
            middle = (low + high) // 2
            if self.after(start, times=middle, zone=zone) > moment:
                high = middle
            else:
                low = middle
        return self.after(start, times=high, zone=zone), high


@dataclass(frozen=True, slots=True)
class Cycle:
    """`R3/PT10M`, `R/2026-11-22T09:00/P1D`, `R/PT1H/2026-12-31`: how often, from when, how far apart, until when."""

    times: int | None
    period: Period
    start: datetime | None
    end: datetime | None

    @classmethod
    def read(cls, text: str, *, zone: ZoneInfo = ZONE) -> Cycle:
        """:raises MomentError: `text` is no ISO 8601 repetition."""
        head, *parts = text.strip().split("/")
        if not re.fullmatch(r"R\d*", head) or not 1 <= len(parts) <= 2:
            raise _bad(text, "R3/PT10M")
        start = end = None
        period: Period | None = None
        for place, part in enumerate(parts):
            if part.startswith("P") and period is None:
                period = Period.read(part)
            elif place == 0:
                start = date(part, zone=zone)
            else:
                end = date(part, zone=zone)
        if period is None or period.is_empty:
            raise _bad(text, "R3/PT10M")
        return cls(int(head[1:]) if head[1:] else None, period, start, end)

    def first(self, now: datetime, *, zone: ZoneInfo = ZONE) -> datetime:
        """When it falls due for the first time: at its start, else one period from `now`."""
        return self.start if self.start is not None else self.period.after(now, zone=zone)


def duration(text: str, now: datetime, *, zone: ZoneInfo = ZONE) -> datetime:
    """`now` plus an ISO 8601 duration.

    :raises MomentError: `text` is no duration.
    """
    return Period.read(text).after(now, zone=zone)


def date(text: str, *, zone: ZoneInfo = ZONE) -> datetime:
    """An ISO 8601 date or moment as UTC; without offset it is meant in `zone`, a bare date is its midnight.

    :raises MomentError: `text` is no date.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad(text, "2026-11-22T09:00+08:00") from error


def cron(text: str, after: datetime, *, zone: ZoneInfo = ZONE) -> datetime:
    """The next moment after `after` that a cron expression names on the wall clock of `zone`.

    :raises MomentError: it is no cron expression, or names no moment in the next 50 years.
    """
    try:
        return next(CronSim(text, after.astimezone(zone))).astimezone(UTC)
    except (CronSimError, StopIteration, ValueError) as error:
        raise _bad(text, "0 8 * * 1-5") from error


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _bad(text: str, example: str) -> MomentError:
    return MomentError(text=text[:60], example=example)
