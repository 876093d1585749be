"""From limits to moments: due, elapsed, remaining, and the moment at which a share of a limit is used.

Pure functions over a `Limit` and a `WorkingCalendar`. Intervals are half-open: finishing exactly at the due
moment is on time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.clocks.limits import Limit
from handlers.clocks.working_calendar import LONGEST_YEARS, DueMoment, Kind, WorkingCalendar
from handlers.errors import LimitTooLongError

_HOURS = {"M": timedelta(minutes=1), "UH": timedelta(hours=1), "WH": timedelta(hours=1)}
_DAY = timedelta(days=1)


def kind_of(limit: Limit) -> Kind:
    """In which time a limit is counted."""
    if limit.is_continuous:
        return "continuous"
    return "workdays" if limit.reading == "legal" else "working"


def day_of(limit: Limit, calendar: WorkingCalendar, start: datetime) -> timedelta:
    """How long one day is when the limit's time is told in days and hours: 24 hours, or a working day's."""
    if kind_of(limit) != "working":
        return _DAY
    return calendar.day_length(calendar.local_date(start)) or _DAY


def amount_of(limit: Limit, calendar: WorkingCalendar, start: datetime) -> timedelta:
    """The limit as counted time. A rolling working day is the working hours of the day of `start`."""
    if limit.unit in _HOURS:
        return limit.value * _HOURS[limit.unit]
    return limit.value * day_of(limit, calendar, start)


def anchor_of(start: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """From when a limit counts: at once, or (legal reading) from the end of the day of start."""
    return calendar.end_of_day(calendar.local_date(start)) if limit.reading == "legal" else start


def due(start: datetime, limit: Limit, calendar: WorkingCalendar) -> DueMoment:
    """The last moment that is on time for something started at `start`.

    :raises LimitTooLongError: it would not end within 20 years.
    """
    moment = due_after(anchor_of(start, limit, calendar), amount_of(limit, calendar, start), limit, calendar)
    if limit.is_continuous or moment.provisional:
        return moment
    return DueMoment(moment.at, calendar.is_provisional(start, moment.at))


def due_after(start: datetime, amount: timedelta, limit: Limit, calendar: WorkingCalendar) -> DueMoment:
    """The moment at which `amount` of the limit's own time has passed since `start` (resume, extension).

    A legal limit ends with a whole day, and when it counts calendar days and would end on a day off, with the
    first working day after it, as the procedural laws count.

    :raises LimitTooLongError: it would not end within 20 years.
    """
    moment = calendar.add(kind_of(limit), start, amount)
    if moment is None:
        raise LimitTooLongError(limit, years=LONGEST_YEARS)
    if limit.reading == "rolling":
        return moment
    last = calendar.local_date(moment.at - timedelta(microseconds=1))
    at = calendar.end_of_day(calendar.next_working_day(last) if limit.unit == "ND" else last)
    return DueMoment(at, calendar.is_provisional(start, at))


def elapsed(start: datetime, end: datetime, limit: Limit, calendar: WorkingCalendar) -> timedelta:
    """Time of the limit's own kind between two moments; negative when `end` is earlier."""
    return calendar.elapsed(kind_of(limit), start, end)


def share_moment(due_at: datetime, total: timedelta, share: float, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """When `share` (0.8: four fifths) of `total` is used by a clock that is due at `due_at`, in its own time."""
    rest = total * (1 - share)
    if rest > timedelta(0):
        return calendar.back(kind_of(limit), due_at, rest)
    later = calendar.add(kind_of(limit), due_at, -rest)
    return due_at - rest if later is None else later.at
