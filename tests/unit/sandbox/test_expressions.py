"""Conditions and mappings: what they may say, and what they may not do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.errors import BudgetError, ExpressionError
from bpmn.sandbox import compile_expression, compile_template

_VARIABLES = {
    "outcome": "file",
    "count": 3,
    "names": ["a", "b"],
    "place": {"street": "441302008", "keys": 7},
    "note": None,
    "yes": True,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("outcome == 'file' and count > 2", True),
        ("not yes or note is None", True),
        ("count in [1, 2, 3] and 'a' in names", True),
        ("place.street", "441302008"),
        ("place['street'].startswith('4413')", True),
        ("place.get('nothing', 5) + 1", 6),
        ("len(names) * 2 - count % 2", 3),
        ("'big' if count > 10 else 'small'", "small"),
        ("[name.upper() for name in names if name != 'a']", ["B"]),
        ("{name: i for i, name in enumerate(names)}", {"a": 0, "b": 1}),
        ("sum(n for n in range(5))", 10),
        ("max(count, 10)", 10),
        ("names[-1]", "b"),
        ("f'{outcome}-{count}'", "file-3"),
        ("yes == true and note == null", True),
        ("round(7 / 2, 1)", 3.5),
        ("sorted(names, reverse=True)", ["b", "a"]),
        ("  count ==\n 3 ", True),
    ],
)
def test_an_expression_gives_its_value(text: str, value: object) -> None:
    assert compile_expression(text).evaluate(_VARIABLES) == value


def test_the_case_is_read_only_when_the_text_reads_it() -> None:
    asked = []

    def case() -> dict[str, object]:
        asked.append(1)
        return {"grade": "A", "place": {"street": "1"}}

    assert compile_expression("count == 3").holds(_VARIABLES, case)
    assert not asked
    assert compile_expression("case.grade == 'A' and case.place.street == '1'").holds(_VARIABLES, case)
    assert asked == [1]


@pytest.mark.parametrize(
    "text",
    [
        "().__class__",
        "''.__class__.__mro__[1].__subclasses__()",
        "(lambda: 1)()",
        "__import__('os').system('id')",
        "open('/etc/passwd')",
        "exec('1')",
        "eval('1')",
        "getattr(names, 'append')",
        "globals()",
        "vars()",
        "type(count)",
        "(x := 1)",
        "[x async for x in names]",
        "await names",
        "yield 1",
        "'{0.__class__}'.format(1)",
        "f'{count:>99999999}'",
        "f'{count.__class__}'",
        "[].append(1)",
        "b'bytes'",
        "1j",
        "...",
        "print(1)",
        "names.__len__()",
        "_hidden",
        "dict(**place)",
        "count if",
        "",
        "count = 3",
        "import os",
        "count; count",
        "count)\n(count",
        "1 if 1 else 1 " * 500,
        "(" * 500 + "1" + ")" * 500,
        "-" * 5000 + "1",
        "\x00",
    ],
)
def test_what_is_not_allowed_is_refused_at_the_latest_when_it_runs(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text).evaluate(_VARIABLES)
    assert caught.value.message("zh")
    assert caught.value.facts["line"] >= 1


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "9 ** 9 ** 9",
        "'a' * 10 ** 9",
        "[0] * 10 ** 9",
        "sum(1 for a in range(1000) for b in range(1000))",
        "list(range(10 ** 9))",
        "'%999999999d' % 1",
        "'a'.center(10 ** 9)",
        "'a'.ljust(10 ** 9)",
        "('a' * 1000).replace('a', 'b' * 10000)",
        "('a' * 10000).join(['b'] * 10000)",
        "[[[a for a in range(500)] for b in range(500)] for c in range(500)]",
        "10 ** 4000 * 10 ** 4000",
        "[x "
        + " ".join(
            f"for {b} in [[{a}, {a}]]" for a, b in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstx", strict=True)
        ).replace("[a, a]", "[1, 1]")
        + "]",
        "[text[:] for i in range(100000)]",
        "[f'{text}{text}' for i in range(1000)]",
    ],
)
def test_a_greedy_expression_is_stopped(text: str) -> None:
    with pytest.raises(BudgetError):
        compile_expression(text).evaluate({**_VARIABLES, "text": "a" * 5000})


def test_a_refusal_names_line_and_column() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("count == 3 and\n  names.__class__")
    assert (caught.value.facts["line"], caught.value.facts["column"]) == (2, 3)


def test_names_tell_which_variables_are_read() -> None:
    assert compile_expression("[x for x in names if x == outcome] and case.a").names == {"names", "outcome", "case"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("dispatcher@{place.street}", "dispatcher@441302008"),
        ("{outcome}/{count + 1}/{note}", "file/4/"),
        ("=count + 1", 4),
        ("=names", ["a", "b"]),
        ("", ""),
    ],
)
def test_a_template_is_filled_or_computed(text: str, value: object) -> None:
    template = compile_template(text)
    assert template.value(_VARIABLES) == value
    assert template.is_static == (value == text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abx_1.()[]{}'\"=+*<>&|:,;\\\n \u4e2d", max_size=40))
def test_any_text_gives_a_value_or_a_refusal(text: str) -> None:
    for make in (compile_expression, compile_template):
        try:
            compiled = make(text)
        except ExpressionError:
            continue
        try:
            compiled.evaluate({"a": 1, "b": "x", "x": [1]}) if make is compile_expression else compiled.value({"a": 1})
        except ExpressionError:
            continue


@pytest.mark.parametrize(
    "text", ["'{0}'.format(1)", "pow(9, 9)", "('a' + b).format(1)", "[1].append(2)", "f'{b}'.encode()"]
)
def test_what_a_literal_or_the_sandbox_does_not_offer_is_refused_before_it_runs(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert caught.value.facts["column"] >= 1
