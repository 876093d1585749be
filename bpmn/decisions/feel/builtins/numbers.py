"""Numeric functions (table 76) and their rounding modes."""

from __future__ import annotations

import decimal
from datetime import timedelta
from decimal import Decimal

from bpmn.decisions.feel.builtins.registry import builtin
from bpmn.decisions.values import CONTEXT, YearsMonths

_MIN_SCALE, _MAX_SCALE = -6111, 6176


def _rounded(number: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    places = int(scale)
    if not _MIN_SCALE <= places <= _MAX_SCALE:
        return None
    context = CONTEXT.copy()
    context.prec = 8000
    context.Emin, context.Emax = -9999, 9999
    rounded = number.quantize(Decimal((0, (1,), -places)), rounding=mode, context=context)
    exponent = rounded.as_tuple().exponent
    return rounded.quantize(Decimal(1), context=context) if isinstance(exponent, int) and exponent > 0 else rounded


@builtin("decimal", "n: number, scale: number")
def decimal_(number: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(number, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale: number?")
def floor(number: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(number, scale or Decimal(0), decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number, scale: number?")
def ceiling(number: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(number, scale or Decimal(0), decimal.ROUND_CEILING)


@builtin("round up", "n: number, scale: number")
def round_up(number: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(number, scale, decimal.ROUND_UP)


@builtin("round down", "n: number, scale: number")
def round_down(number: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(number, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def round_half_up(number: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(number, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def round_half_down(number: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(number, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs", "n: number|duration")
def absolute(value: Decimal | timedelta | YearsMonths) -> Decimal | timedelta | YearsMonths:
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    if isinstance(value, timedelta):
        return abs(value)
    return abs(value)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if not divisor:
        return None
    quotient = CONTEXT.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return CONTEXT.subtract(dividend, CONTEXT.multiply(divisor, quotient))


@builtin("sqrt", "number: number")
def sqrt(number: Decimal) -> Decimal | None:
    return CONTEXT.sqrt(number) if number >= 0 else None


@builtin("log", "number: number")
def log(number: Decimal) -> Decimal | None:
    return CONTEXT.ln(number) if number > 0 else None


@builtin("exp", "number: number")
def exp(number: Decimal) -> Decimal:
    return CONTEXT.exp(number)


@builtin("odd", "number: number")
def odd(number: Decimal) -> bool:
    return abs(number) % 2 == 1


@builtin("even", "number: number")
def even(number: Decimal) -> bool:
    return abs(number) % 2 == 0
