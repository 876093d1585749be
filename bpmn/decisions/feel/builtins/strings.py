"""String functions (table 73 and 74). Positions count characters (code points) from 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bpmn.decisions.errors import BudgetExceededError
from bpmn.decisions.feel.builtins.registry import builtin
from bpmn.decisions.feel.patterns import compile_pattern, replacement
from bpmn.decisions.run import MAX_TEXT, Run

TIME_LIMIT = 0.5
"""Seconds that one regular expression may take."""


@builtin("substring", "string: string, start position: number, length: number?")
def substring(text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    place = int(start)
    if place == 0 or abs(place) > len(text):
        return None
    begin = place - 1 if place > 0 else len(text) + place
    if length is None:
        return text[begin:]
    return text[begin : begin + int(length)] if int(length) >= 1 else None


@builtin("string length", "string: string")
def string_length(text: str) -> Decimal:
    return Decimal(len(text))


@builtin("upper case", "string: string")
def upper_case(text: str) -> str:
    return text.upper()


@builtin("lower case", "string: string")
def lower_case(text: str) -> str:
    return text.lower()


@builtin("substring before", "string: string, match: string")
def substring_before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


@builtin("substring after", "string: string, match: string")
def substring_after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string, match: string")
def contains(text: str, match: str) -> bool:
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("replace", "input: string, pattern: string, replacement: string, flags: string?~")
def replace(text: str, pattern: str, new: str, flags: str | None = None) -> str | None:
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        return None
    literal = "q" in (flags or "")
    expand = replacement(new, compiled.groups) if not literal else (lambda match: new)
    if expand is None:
        return None
    result = _timed(lambda: compiled.sub(expand, text, timeout=TIME_LIMIT))
    Run.guard_size(len(result), MAX_TEXT)
    return str(result)


@builtin("matches", "input: string, pattern: string, flags: string?~")
def matches(text: str, pattern: str, flags: str | None = None) -> bool | None:
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        return None
    return _timed(lambda: compiled.search(text, timeout=TIME_LIMIT)) is not None


@builtin("split", "string: string, delimiter: string")
def split(text: str, delimiter: str) -> list[str] | None:
    compiled = compile_pattern(delimiter, "")
    if compiled is None:
        return None
    places = _timed(lambda: [match.span() for match in compiled.finditer(text, timeout=TIME_LIMIT)])
    parts, begin = [], 0
    for start, end in places:
        if end > start:
            parts.append(text[begin:start])
            begin = end
    return [*parts, text[begin:]]


@builtin("string join", "list: list, delimiter: string?~")
def string_join(items: list[Any], delimiter: str | None = None) -> str | None:
    if any(item is not None and not isinstance(item, str) for item in items):
        return None
    joined = (delimiter or "").join(item for item in items if item is not None)
    Run.guard_size(len(joined), MAX_TEXT)
    return joined


def _timed(search: Any) -> Any:
    try:
        return search()
    except TimeoutError:
        raise BudgetExceededError(zh="正则表达式耗时过长", en="the regular expression takes too long") from None
