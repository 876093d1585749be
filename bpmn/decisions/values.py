"""FEEL's values in Python (DMN 1.5 section 10.3.2.2), with equality, order and text.

number Decimal (34 digits) · string str · boolean bool · null None · date date · time time · date and time datetime ·
days and time duration timedelta · years and months duration YearsMonths · list list · context dict ·
range Range · function FeelFunction. Moments carry `timezone` for offsets and `ZoneInfo` for named zones.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import total_ordering
from typing import Any

from bpmn.decisions.wide import WideDate, WideDateTime

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


@total_ordering
@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A years and months duration, held as whole months."""

    months: int

    def __lt__(self, other: YearsMonths) -> bool:
        return self.months < other.months

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + "P" + (text or "0M")


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; a missing end (`None` with `open_*`) is unbounded, as in `> 5`."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    unbounded_start: bool = False
    unbounded_end: bool = False
    single: bool = False
    """Written `= 5`: equal only to another one written so."""

    def contains(self, value: Any) -> bool | None:
        """Three-valued membership; None when the ends cannot be compared with `value`."""
        low: bool | None = True
        if not self.unbounded_start:
            low = compare(value, self.start, ">=" if self.start_included else ">")
        high: bool | None = True
        if not self.unbounded_end:
            high = compare(value, self.end, "<=" if self.end_included else "<")
        if low is False or high is False:
            return False
        return None if low is None or high is None else True


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function value: built in, defined in FEEL, a business knowledge model or a decision service.

    `invoke(run, positional, named)` gets either positional values or values by name; what does not fit the
    parameters gives None.
    """

    name: str
    parameters: tuple[str, ...]
    invoke: Callable[..., Any]
    parameter_types: tuple[Any, ...] = ()
    result_type: Any = None


def as_feel(value: Any) -> Any:
    """A Python or JSON value as a FEEL value: numbers become Decimal, tuples lists."""
    if value is None or isinstance(value, bool | str | Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return CONTEXT.create_decimal(repr(value))
    if isinstance(value, dict):
        return {str(key): as_feel(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_feel(item) for item in value]
    return value


def kind(value: Any) -> str:
    """The name of the value's FEEL type."""
    for name, python_type in _KINDS:
        if isinstance(value, python_type):
            return name
    return "unknown"


_KINDS: Sequence[tuple[str, Any]] = (
    ("null", type(None)),
    ("boolean", bool),
    ("number", Decimal),
    ("string", str),
    ("date and time", (datetime, WideDateTime)),
    ("date", (date, WideDate)),
    ("time", time),
    ("days and time duration", timedelta),
    ("years and months duration", YearsMonths),
    ("list", list),
    ("context", dict),
    ("range", Range),
    ("function", FeelFunction),
)


def equal(left: Any, right: Any) -> bool | None:
    """FEEL `=` (table 42): None when the kinds differ and neither is null."""
    if left is None or right is None:
        return left is right
    left_kind, right_kind = kind(left), kind(right)
    if left_kind != right_kind:
        return None
    if left_kind == "list":
        return _equal_lists(left, right)
    if left_kind == "context":
        if left.keys() != right.keys():
            return False
        return all(equal(item, right[name]) is True for name, item in left.items())
    if left_kind in ("date and time", "time"):
        return _equal_moments(left, right)
    if left_kind == "range":
        return _range_key(left) == _range_key(right)
    return bool(left == right)


def _equal_lists(left: list[Any], right: list[Any]) -> bool | None:
    if len(left) != len(right):
        return False
    results = [equal(one, other) for one, other in zip(left, right, strict=True)]
    if any(result is False for result in results):
        return False
    return None if any(result is None for result in results) else True


def _range_key(value: Range) -> tuple[Any, ...]:
    return (
        None if value.unbounded_start else value.start,
        None if value.unbounded_end else value.end,
        value.start_included,
        value.end_included,
        value.unbounded_start,
        value.unbounded_end,
        value.single,
    )


def _equal_moments(left: Any, right: Any) -> bool | None:
    """Moments are equal to the second, the resolution FEEL gives them."""
    if isinstance(left, WideDateTime) or isinstance(right, WideDateTime):
        return bool(left == right)
    one, other = instant(left.replace(microsecond=0)), instant(right.replace(microsecond=0))
    return None if one is None or other is None else bool(one == other)


def instant(value: Any) -> tuple[bool, Any] | None:
    """A sortable key of a time or date and time: (has a zone, moment). None: not a moment."""
    if isinstance(value, datetime):
        return (True, value.astimezone(UTC)) if value.tzinfo else (False, value)
    if isinstance(value, time):
        offset = time_offset(value)
        seconds = timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
        return (offset is not None, seconds - (offset or timedelta()))
    return None


def time_offset(value: time) -> timedelta | None:
    """The offset of a time; a named zone is asked at today's standard rule (a time alone has no date)."""
    if value.tzinfo is None:
        return None
    offset = value.utcoffset()
    return (
        offset if offset is not None else value.tzinfo.utcoffset(datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None))
    )


_ORDERED = frozenset(
    {"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"}
)


def compare(left: Any, right: Any, operator: str) -> bool | None:
    """FEEL `<`, `<=`, `>`, `>=` (table 42): None unless both are of one ordered kind."""
    left_kind = kind(left)
    if left_kind != kind(right) or left_kind not in _ORDERED:
        return None
    wide = isinstance(left, WideDateTime) or isinstance(right, WideDateTime)
    if left_kind in ("time", "date and time") and not wide:
        one, other = instant(left), instant(right)
        if one is None or other is None or one[0] != other[0]:
            return None
        left, right = one[1], other[1]
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    if operator == ">":
        return bool(left > right)
    return bool(left >= right)
