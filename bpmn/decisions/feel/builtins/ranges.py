"""Allen's relations between points and ranges (table 82 to 84) and `range`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bpmn.decisions import temporal
from bpmn.decisions.feel.builtins.conversion import number
from bpmn.decisions.feel.builtins.registry import builtin
from bpmn.decisions.feel.operators import make_range
from bpmn.decisions.values import Range, compare, equal

Truth = bool | None
_POINT = "point|range"


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _both(left: Any, right: Any) -> tuple[Range, Range]:
    return _as_range(left), _as_range(right)


def _and(*parts: Truth) -> Truth:
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


def _or(*parts: Truth) -> Truth:
    if any(part is True for part in parts):
        return True
    return None if any(part is None for part in parts) else False


def _before(one: Range, other: Range) -> Truth:
    """`one` ends before `other` starts."""
    if one.unbounded_end or other.unbounded_start:
        return False
    touching = not (one.end_included and other.start_included)
    return _or(compare(one.end, other.start, "<"), _and(equal(one.end, other.start), touching))


@builtin("before", f"a: {_POINT}, b: {_POINT}")
def before(left: Any, right: Any) -> Truth:
    return _before(*_both(left, right))


@builtin("after", f"a: {_POINT}, b: {_POINT}")
def after(left: Any, right: Any) -> Truth:
    one, other = _both(left, right)
    return _before(other, one)


@builtin("meets", "range1: range, range2: range")
def meets(one: Range, other: Range) -> Truth:
    if one.unbounded_end or other.unbounded_start:
        return False
    return _and(one.end_included, other.start_included, equal(one.end, other.start))


@builtin("met by", "range1: range, range2: range")
def met_by(one: Range, other: Range) -> Truth:
    return meets(other, one)


def _not(value: Truth) -> Truth:
    return None if value is None else not value


@builtin("overlaps", "range1: range, range2: range")
def overlaps(one: Range, other: Range) -> Truth:
    return _and(_not(_before(one, other)), _not(_before(other, one)))


def _starts_earlier(one: Range, other: Range) -> Truth:
    if one.unbounded_start or other.unbounded_start:
        return one.unbounded_start and not other.unbounded_start
    closer = one.start_included and not other.start_included
    return _or(compare(one.start, other.start, "<"), _and(equal(one.start, other.start), closer))


def _ends_earlier(one: Range, other: Range) -> Truth:
    if one.unbounded_end or other.unbounded_end:
        return other.unbounded_end and not one.unbounded_end
    closer = other.end_included and not one.end_included
    return _or(compare(one.end, other.end, "<"), _and(equal(one.end, other.end), closer))


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(one: Range, other: Range) -> Truth:
    return _and(_starts_earlier(one, other), _not(_before(one, other)), _not(_ends_earlier(other, one)))


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(one: Range, other: Range) -> Truth:
    return overlaps_before(other, one)


def _same_end(one: Range, other: Range) -> Truth:
    return _and(_not(_ends_earlier(one, other)), _not(_ends_earlier(other, one)))


def _same_start(one: Range, other: Range) -> Truth:
    return _and(_not(_starts_earlier(one, other)), _not(_starts_earlier(other, one)))


def _pair(test: Callable[[Range, Range], Truth]) -> Callable[[Any, Any], Truth]:
    return lambda left, right: test(*_both(left, right))


def _finishes(one: Range, other: Range) -> Truth:
    return _and(_same_end(one, other), _not(_starts_earlier(one, other)))


def _starts(one: Range, other: Range) -> Truth:
    return _and(_same_start(one, other), _not(_ends_earlier(other, one)))


def _includes(one: Range, other: Range) -> Truth:
    return _and(_not(_starts_earlier(other, one)), _not(_ends_earlier(one, other)))


def _coincides(one: Range, other: Range) -> Truth:
    return _and(_same_start(one, other), _same_end(one, other))


builtin("finishes", "point: point, range: range")(_pair(_finishes))
builtin("finishes", "range1: range, range2: range")(_pair(_finishes))
builtin("finished by", "range: range, point: point")(_pair(lambda one, other: _finishes(other, one)))
builtin("finished by", "range1: range, range2: range")(_pair(lambda one, other: _finishes(other, one)))
builtin("includes", "range: range, point: point")(_pair(_includes))
builtin("includes", "range1: range, range2: range")(_pair(_includes))
builtin("during", "point: point, range: range")(_pair(lambda one, other: _includes(other, one)))
builtin("during", "range1: range, range2: range")(_pair(lambda one, other: _includes(other, one)))
builtin("starts", "point: point, range: range")(_pair(_starts))
builtin("starts", "range1: range, range2: range")(_pair(_starts))
builtin("started by", "range: range, point: point")(_pair(lambda one, other: _starts(other, one)))
builtin("started by", "range1: range, range2: range")(_pair(lambda one, other: _starts(other, one)))
builtin("coincides", "point1: point, point2: point")(_pair(_coincides))
builtin("coincides", "range1: range, range2: range")(_pair(_coincides))

_TEXT = re.compile(r"\s*([\[(\]])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])\[])\s*", re.DOTALL)
_CALL = re.compile(r'(date and time|date|time|duration)\(\s*"([^"]*)"\s*\)')


@builtin("range", "from: string")
def range_(text: str) -> Range | None:
    """A range from its text, `[1..10)`; its ends are literals (DMN 1.5 section 10.3.4.1)."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    opening, low, high, closing = match.groups()
    start, end = _literal(low), _literal(high)
    if (start is None and low) or (end is None and high) or (start is None and end is None):
        return None
    if not low:
        return None if opening == "[" else Range(None, end, False, closing == "]", unbounded_start=True)
    if not high:
        return None if closing == "]" else Range(start, None, opening == "[", False, unbounded_end=True)
    if compare(start, end, "<=") is not True:
        return None
    return make_range(start, end, opening, closing)


def _literal(text: str) -> Any:
    if text.startswith('"') and text.endswith('"') and len(text) >= 2:
        return text[1:-1]
    if text.startswith('@"') and text.endswith('"'):
        return temporal.parse_literal(text[2:-1])
    call = _CALL.fullmatch(text)
    if call is not None:
        readers: dict[str, Callable[[str], Any]] = {
            "date": temporal.parse_date,
            "time": temporal.parse_time,
            "date and time": temporal.parse_date_and_time,
            "duration": temporal.parse_duration,
        }
        return readers[call[1]](call[2])
    return number(text) if text else None
