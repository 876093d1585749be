"""Decision tables: hit policies, places of errors, allowed values, and the index against brute force."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.decisions import DecisionError, load_files
from tests.unit.decisions.support import model, table

RULES = [["< 10", "1"], ["[5..20]", "3"], ["> 15", "2"]]


@pytest.mark.parametrize(
    ("policy", "extra", "value", "result"),
    [
        ("FIRST", "", 7, 1),
        ("RULE ORDER", "", 7, [1, 3]),
        ("COLLECT", "", 7, [1, 3]),
        ("COLLECT", 'aggregation="SUM"', 7, 4),
        ("COLLECT", 'aggregation="MIN"', 17, 2),
        ("COLLECT", 'aggregation="MAX"', 17, 3),
        ("COLLECT", 'aggregation="COUNT"', 17, 2),
        ("UNIQUE", "", 3, 1),
    ],
)
def test_hit_policies(policy: str, extra: str, value: int, result: object) -> None:
    assert table(["x"], RULES, policy=policy, extra=extra).evaluate("d", {"x": value}) == result


def test_priority_and_output_order_follow_the_output_values() -> None:
    values = "<outputValues><text>3, 2, 1</text></outputValues>"
    head = '<decision id="d" name="D"><decisionTable hitPolicy="{}"><input><inputExpression><text>x</text>'
    head += f'</inputExpression></input><output name="o">{values}</output>'
    rows = "".join(
        f"<rule><inputEntry><text>{cell.replace('<', '&lt;')}</text></inputEntry>"
        f"<outputEntry><text>{out}</text></outputEntry></rule>"
        for cell, out in RULES
    )
    tail = rows + "</decisionTable></decision>"
    assert model(head.format("PRIORITY") + tail).evaluate("d", {"x": 7}) == 3
    assert model(head.format("OUTPUT ORDER") + tail).evaluate("d", {"x": 7}) == [3, 1]


def test_two_hits_of_a_unique_table_are_an_error_that_names_them() -> None:
    with pytest.raises(DecisionError) as caught:
        table(["x"], RULES).evaluate("d", {"x": 7})
    assert caught.value.error_code == "not_unique"
    assert "1, 2" in caught.value.message("en")


def test_different_answers_of_an_any_table_are_an_error() -> None:
    with pytest.raises(DecisionError, match="different answers"):
        table(["x"], RULES, policy="ANY").evaluate("d", {"x": 7})


def test_an_unknown_hit_policy_is_refused() -> None:
    loaded = table(["x"], RULES, policy="SOMETIMES")
    assert [problem.error_code for problem in loaded.problems] == ["hit_policy"]


def test_a_wrong_cell_is_named_by_row_column_and_character() -> None:
    loaded = table(["x"], [["1", "1"], ["2 +", "2"]])
    place = loaded.problems[0].place
    assert (place.decision, place.row, place.column, place.position) == ("D", 2, 1, 4)


def test_no_hit_gives_the_default_or_null() -> None:
    assert table(["x"], [['"a"', "1"]]).evaluate("d", {"x": "b"}) is None
    default = "<defaultOutputEntry><text>9</text></defaultOutputEntry>"
    assert table(["x"], [['"a"', "1"]], output=default).evaluate("d", {"x": "b"}) == 9


def test_the_explanation_names_the_rules_hit() -> None:
    outcome = table(["x"], RULES, policy="RULE ORDER").explain("d", {"x": 7})
    assert outcome.hits[0].rules == (1, 2)


def test_an_undefined_decision_and_a_foreign_file_are_named() -> None:
    with pytest.raises(DecisionError, match="no decision"):
        table(["x"], RULES).evaluate("nothing", {})
    with pytest.raises(DecisionError, match="no DMN file"):
        load_files({"m.dmn": b"<html/>"}, "m.dmn")


_CELLS = st.sampled_from(
    ["-", "1", "2, 3", "< 2", ">= 3", "[1..3)", "not(2)", "(0..2], 5", "null", '"a"', "true", "?+1 > 3"]
)
_VALUES = st.sampled_from([0, 1, 2, 3, 4, 5, Decimal("2.5"), "a", "b", True, False, None])


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=12), _VALUES, _VALUES)
def test_the_index_hits_what_single_cells_hit(rows: list[tuple[str, str]], x: object, y: object) -> None:
    whole = table(["x", "y"], [[*row, str(number)] for number, row in enumerate(rows)], policy="COLLECT")
    alone = [table(["x", "y"], [[*row, "1"]], policy="COLLECT").evaluate("d", {"x": x, "y": y}) for row in rows]
    assert whole.evaluate("d", {"x": x, "y": y}) == [number for number, hit in enumerate(alone) if hit]
