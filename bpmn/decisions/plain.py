"""FEEL values to JSON and back: numbers stay exact, moments and durations are their texts."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from bpmn.decisions import temporal
from bpmn.decisions.feel.builtins.conversion import text_of
from bpmn.decisions.values import FeelFunction, Range, YearsMonths
from bpmn.decisions.wide import WideDate, WideDateTime


def to_json(value: Any) -> Any:
    """A FEEL value as JSON: whole numbers as int, others as float; what JSON lacks as FEEL text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, Range | FeelFunction):
        return text_of(value)
    if isinstance(value, date | time | timedelta | YearsMonths | WideDate | WideDateTime):
        return temporal.text_of(value)
    return value


def from_json(value: Any) -> Any:
    """JSON as FEEL values; a text written `@"2026-11-22"` is the date, time or duration it names."""
    if isinstance(value, str) and value.startswith('@"') and value.endswith('"'):
        return temporal.parse_literal(value[2:-1])
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict):
        return {key: from_json(item) for key, item in value.items()}
    return Decimal(str(value)) if isinstance(value, float) else value
