"""Date and time functions (tables 77 to 79): parts of the calendar, `is`, `now` and `today`."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from bpmn.decisions.feel.builtins.registry import builtin
from bpmn.decisions.run import Run
from bpmn.decisions.temporal import MONTHS, WEEKDAYS, zone_text
from bpmn.decisions.values import equal, kind
from bpmn.decisions.wide import WideDate, WideDateTime, to_ordinal


@builtin("now", run=True)
def now(run: Run) -> datetime:
    return run.moment()


@builtin("today", run=True)
def today(run: Run) -> date:
    return run.moment().date()


@builtin("day of year", "date: moment")
def day_of_year(value: date | WideDate | WideDateTime) -> Decimal:
    day = value.day_part if isinstance(value, WideDateTime) else value
    return Decimal(to_ordinal(day) - to_ordinal(WideDate(day.year, 1, 1)) + 1)


@builtin("day of week", "date: moment")
def day_of_week(value: date | WideDate | WideDateTime) -> str:
    return WEEKDAYS[value.isoweekday() - 1]


@builtin("month of year", "date: moment")
def month_of_year(value: date | WideDate | WideDateTime) -> str:
    return MONTHS[value.month - 1]


@builtin("week of year", "date: moment")
def week_of_year(value: date) -> Decimal:
    """The week by ISO 8601."""
    return Decimal(value.isocalendar().week)


@builtin("is", "value1: any, value2: any")
def is_(left: Any, right: Any) -> bool:
    """Same kind and same content; for moments also the same offset."""
    if kind(left) != kind(right):
        return False
    if isinstance(left, datetime):
        return left.replace(tzinfo=None) == right.replace(tzinfo=None) and zone_text(left) == zone_text(right)
    if isinstance(left, time):
        return left.replace(tzinfo=None) == right.replace(tzinfo=None) and zone_text(left) == zone_text(right)
    return equal(left, right) is True
