"""Conversion functions (table 72): texts and parts to values, values to texts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bpmn.decisions import temporal, wide
from bpmn.decisions.feel.builtins.registry import builtin
from bpmn.decisions.run import MAX_TEXT, Run
from bpmn.decisions.values import CONTEXT, FeelFunction, Range, YearsMonths
from bpmn.decisions.wide import WideDate, WideDateTime

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@builtin("date", "from: string|moment")
def date_from(source: str | date | WideDate | WideDateTime) -> date | WideDate | None:
    if isinstance(source, str):
        return temporal.parse_date(source)
    if isinstance(source, WideDateTime):
        return source.day_part
    return source.date() if isinstance(source, datetime) else source


@builtin("date", "year: number, month: number, day: number")
def date_of(year: Decimal, month: Decimal, day: Decimal) -> date | WideDate | None:
    return wide.make_date(int(year), int(month), int(day))


@builtin("time", "from: string|temporal")
def time_from(source: str | date | time | WideDate | WideDateTime) -> time | None:
    if isinstance(source, WideDateTime):
        return source.clock
    if isinstance(source, str):
        return temporal.parse_time(source.removeprefix("T") if source.startswith("T") else source)
    if isinstance(source, datetime):
        return source.timetz()
    return source if isinstance(source, time) else time(tzinfo=UTC)


@builtin("time", "hour: number, minute: number, second: number, offset: days?~")
def time_of(hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> time | None:
    whole = int(second)
    micros = int((second - whole) * 1_000_000)
    if offset is not None and abs(offset) > timedelta(hours=14):
        return None
    zone = None if offset is None else (timezone(offset) if offset else UTC)
    return time(int(hour), int(minute), whole, micros, tzinfo=zone)


@builtin("date and time", "from: string|moment")
def date_and_time_from(source: str | date | WideDate | WideDateTime) -> datetime | WideDateTime | None:
    if isinstance(source, str):
        return temporal.parse_date_and_time(source)
    if isinstance(source, datetime | WideDateTime):
        return source
    return wide.combine(source, time(tzinfo=UTC))


@builtin("date and time", "date: moment, time: time")
def date_and_time_of(day: date | WideDate | WideDateTime, clock: time) -> datetime | WideDateTime:
    if isinstance(day, WideDateTime):
        day = day.day_part
    return wide.combine(day.date() if isinstance(day, datetime) else day, clock)


@builtin("date and time", "date: moment, timezone: string")
def date_and_time_in(moment: date | WideDate | WideDateTime, zone: str) -> datetime | None:
    if isinstance(moment, WideDate | WideDateTime) or zone not in temporal.ZONES:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


@builtin("number", "from: string, grouping separator: string?~, decimal separator: string?~")
def number(source: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ","):
        return None
    if grouping is not None and grouping == point:
        return None
    text = source.replace(grouping, "") if grouping else source
    text = text.replace(point, ".") if point == "," else text
    return CONTEXT.create_decimal(text) if _NUMBER.fullmatch(text) else None


@builtin("duration", "from: string|duration")
def duration(source: str | timedelta | YearsMonths) -> timedelta | YearsMonths | None:
    return temporal.parse_duration(source) if isinstance(source, str) else source


@builtin("years and months duration", "from: moment, to: moment")
def years_and_months_duration(start: date, end: date) -> YearsMonths | None:
    return temporal.months_between(start, end)


@builtin("string", "from: any")
def string(value: Any) -> str | None:
    return None if value is None else (value if isinstance(value, str) else text_of(value))


def text_of(value: Any) -> str:
    """A value as FEEL text; strings inside lists and contexts are quoted."""
    text = _text_of(value)
    Run.guard_size(len(text), MAX_TEXT)
    return text


def _text_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_text_of(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_text_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        return _range_text(value)
    if isinstance(value, FeelFunction):
        return f"function {value.name}".strip()
    return temporal.text_of(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[^\W\d][\w ]*", key) else '"' + key.replace('"', '\\"') + '"'


def _range_text(value: Range) -> str:
    if value.unbounded_start:
        return f"({'<=' if value.end_included else '<'} {_text_of(value.end)})"
    if value.unbounded_end:
        return f"({'>=' if value.start_included else '>'} {_text_of(value.start)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{_text_of(value.start)}..{_text_of(value.end)}{closing}"
