"""FEEL's operators on values (DMN 1.5 tables 42 to 55). What does not fit gives None; nothing raises."""

from __future__ import annotations

import decimal
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from bpmn.decisions import temporal
from bpmn.decisions.run import MAX_TEXT, Run
from bpmn.decisions.values import CONTEXT, Range, YearsMonths, compare, equal, kind
from bpmn.decisions.wide import WideDate, WideDateTime

Duration = timedelta | YearsMonths
Moment = date | time | WideDate | WideDateTime


def calculate(operator: str, left: Any, right: Any) -> Any:
    """`left operator right` for + - * / **."""
    try:
        return _OPERATIONS[operator](left, right)
    except (decimal.DecimalException, OverflowError, ZeroDivisionError):
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal)


def _add(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return CONTEXT.add(left, right)
    if isinstance(left, str) and isinstance(right, str):
        Run.guard_size(len(left) + len(right), MAX_TEXT)
        return left + right
    if isinstance(left, Duration) and isinstance(right, Duration):
        return temporal.add(left, right) if type(left) is type(right) else None
    if isinstance(right, Duration) and isinstance(left, Moment):
        return temporal.add(left, right)
    if isinstance(left, Duration) and isinstance(right, Moment):
        return temporal.add(right, left)
    return None


def _subtract(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return CONTEXT.subtract(left, right)
    if isinstance(right, Duration) and isinstance(left, Duration | Moment):
        opposite = negate(right)
        if isinstance(left, Duration) and type(left) is not type(right):
            return None
        return temporal.add(left, opposite)
    if isinstance(left, Moment) and isinstance(right, Moment):
        return temporal.subtract(left, right)
    return None


def _multiply(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return CONTEXT.multiply(left, right)
    if isinstance(left, Duration) and _is_number(right):
        return temporal.scale(left, right)
    if isinstance(right, Duration) and _is_number(left):
        return temporal.scale(right, left)
    return None


def _divide(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return CONTEXT.divide(left, right) if right else None
    if isinstance(left, Duration) and _is_number(right):
        return temporal.scale(left, CONTEXT.divide(Decimal(1), right)) if right else None
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return CONTEXT.divide(Decimal(left.months), Decimal(right.months)) if right.months else None
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return CONTEXT.divide(temporal.seconds_of(left), temporal.seconds_of(right)) if right else None
    return None


def _power(left: Any, right: Any) -> Any:
    return CONTEXT.power(left, right) if _is_number(left) and _is_number(right) else None


_OPERATIONS = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide, "**": _power}


def negate(value: Any) -> Any:
    """Unary minus on numbers and durations."""
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    return -value if isinstance(value, Decimal | timedelta) else None


def order(operator: str, left: Any, right: Any) -> bool | None:
    """`= != < <= > >=`."""
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        result = equal(left, right)
        return None if result is None else not result
    return compare(left, right, operator)


def conjunction(left: Any, right: Any) -> bool | None:
    """Three-valued `and` (table 50)."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def disjunction(left: Any, right: Any) -> bool | None:
    """Three-valued `or` (table 50)."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def path(value: Any, name: str) -> Any:
    """`value.name`: an entry, a property, or the list of them."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        return [path(item, name) for item in value]
    if isinstance(value, Range):
        return _range_property(value, name)
    return temporal.property_of(value, name)


def _range_property(value: Range, name: str) -> Any:
    if name == "start":
        return None if value.unbounded_start else value.start
    if name == "end":
        return None if value.unbounded_end else value.end
    if name == "start included":
        return value.start_included
    return value.end_included if name == "end included" else None


def make_range(start: Any, end: Any, opening: str, closing: str) -> Range | None:
    """`[start..end]` and its open forms; None when the ends do not belong together."""
    if start is None or end is None or kind(start) != kind(end) or compare(start, end, "<=") is None:
        return None
    return Range(start, end, opening == "[", closing == "]")


def unary_range(operator: str, value: Any) -> Range | None:
    """`< 5` as a range; `= 5` is the range that holds 5 alone."""
    if value is None:
        return None
    if operator in ("<", "<="):
        return Range(None, value, False, operator == "<=", unbounded_start=True)
    if operator in (">", ">="):
        return Range(value, None, operator == ">=", False, unbounded_end=True)
    return Range(value, value, single=True) if operator == "=" else None


def matches(value: Any, wanted: Any) -> bool | None:
    """Whether `value` passes the unary test whose expression gave `wanted` (not a boolean test of `?`)."""
    if isinstance(wanted, Range) and not isinstance(value, Range):
        return wanted.contains(value)
    if isinstance(wanted, list):
        if isinstance(value, list) and equal(value, wanted) is True:
            return True
        results = [matches(value, item) for item in wanted]
        if True in results:
            return True
        return None if results and all(result is None for result in results) and value is None else False
    return equal(value, wanted)
