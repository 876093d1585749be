"""From limits to moments: due, elapsed, remaining, and the moment at which a share of a limit is used.

Pure functions over a `Limit` and a `WorkingCalendar`. Intervals are half-open: finishing exactly at the due
moment is on time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

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


def due(start: datetime, limit: Limit, calendar: WorkingCalendar) -> DueMoment:
    """The last moment that is on time for something started at `start`.

    :raises LimitTooLongError: it would not end within 20 years.
    """
    if limit.reading == "legal":
        return _legal_due(start, limit, calendar)
    return due_after(start, amount_of(limit, calendar, start), limit, calendar)


def due_after(start: datetime, amount: timedelta, limit: Limit, calendar: WorkingCalendar) -> DueMoment:
    """The moment at which `amount` of the limit's own time has passed since `start` (resume, extension).

    A legal limit still ends with a whole day: the rest of its last day belongs to the party.

    :raises LimitTooLongError: it would not end within 20 years.
    """
    moment = calendar.add(kind_of(limit), start, amount)
    if moment is None:
        raise LimitTooLongError(limit, years=LONGEST_YEARS)
    if limit.reading == "legal":
        last = calendar.local_date(moment.at - timedelta(microseconds=1))
        return _end_of(last, start, calendar)
    return moment


def extended(due_at: datetime, limit: Limit, amount: timedelta, calendar: WorkingCalendar) -> DueMoment:
    """One more `amount` (an original limit) after the current due moment."""
    return due_after(due_at, amount, limit, calendar)


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


def _legal_due(start: datetime, limit: Limit, calendar: WorkingCalendar) -> DueMoment:
    """The end of the N-th (working) day after the day of start; a period of calendar days that would end on a
    day off runs to the first working day after it (as the procedural laws count)."""
    first_day = calendar.local_date(start)
    if limit.unit == "ND":
        if limit.value > LONGEST_YEARS * 366:
            raise LimitTooLongError(limit, years=LONGEST_YEARS)
        return _end_of(calendar.next_working_day(first_day + limit.value * _DAY), start, calendar)
    moment = calendar.add("workdays", calendar.end_of_day(first_day), limit.value * _DAY)
    if moment is None:
        raise LimitTooLongError(limit, years=LONGEST_YEARS)
    return DueMoment(moment.at, calendar.is_provisional(start, moment.at))


def _end_of(day: date, start: datetime, calendar: WorkingCalendar) -> DueMoment:
    at = calendar.end_of_day(day)
    return DueMoment(at, calendar.is_provisional(start, at))
