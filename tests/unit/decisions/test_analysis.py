"""Table analysis: named findings, and brute force on small domains."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bpmn.decisions.analysis import Analysis, analyse
from tests.unit.decisions.support import feel, table


def _analysis(inputs: list[str], rules: list[list[str]], policy: str = "UNIQUE") -> Analysis:
    return analyse(next(iter(table(inputs, rules, policy=policy).tables.values()))[0])


def test_a_gap_is_named_as_a_region() -> None:
    found = _analysis(["x"], [["< 10", "1"], ["> 20", "2"]])
    assert found.gaps == [("[10..20]",)]


def test_a_gap_between_texts_is_the_other_texts() -> None:
    found = _analysis(["x", "y"], [['"a"', "-", "1"], ['"b"', "true", "2"]])
    assert ('"b"', "false") in found.gaps
    assert ('not("a", "b")', "-") in found.gaps


def test_rules_that_answer_together_are_named_with_a_region() -> None:
    found = _analysis(["x"], [["< 10", "1"], [">= 8", "2"]])
    assert found.overlaps == [((1, 2), ("[8..10)",))]
    assert found.gaps == []


def test_a_shadowed_and_an_unreachable_rule_are_told_apart() -> None:
    found = _analysis(["x", "x"], [["< 10", "-", "1"], ["< 5", "-", "2"], ["-", "-", "3"]], "FIRST")
    assert found.shadowed == [2]
    assert found.unreachable == []


def test_a_default_closes_the_gaps() -> None:
    default = "<defaultOutputEntry><text>9</text></defaultOutputEntry>"
    loaded = table(["x"], [["< 10", "1"]], output=default)
    assert analyse(next(iter(loaded.tables.values()))[0]).gaps == []


def test_a_cell_that_is_no_constant_makes_the_analysis_inexact() -> None:
    assert not _analysis(["x"], [["not(3)", "1"]]).exact


def test_a_thousand_rules_are_analysed() -> None:
    rules = [[f'"K{number % 50}"', f"[{number}..{number + 40})", f"< {number % 7 + 1}", "1"] for number in range(1000)]
    found = _analysis(["a", "b", "c"], rules)
    assert found.complete
    assert found.gaps


_CELLS = st.sampled_from(["-", "1", "2, 3", "< 2", ">= 3", "[1..3)", "(0..2], 4"])
_DOMAIN = [Decimal(number) / 2 for number in range(-1, 11)]


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6))
def test_gaps_overlaps_and_shadows_equal_brute_force(rows: list[tuple[str, str]]) -> None:
    rules = [[*row, str(number)] for number, row in enumerate(rows, 1)]
    loaded = table(["x", "y"], rules, policy="FIRST")
    found = analyse(next(iter(loaded.tables.values()))[0])
    collect = table(["x", "y"], rules, policy="COLLECT")
    hits = {(x, y): collect.evaluate("d", {"x": x, "y": y}) for x in _DOMAIN for y in _DOMAIN}
    open_points = {point for point, rules_hit in hits.items() if not rules_hit}
    assert {point for point in hits if any(_inside(point, gap) for gap in found.gaps)} == open_points
    firsts = {rules_hit[0] for rules_hit in hits.values() if rules_hit}
    reached = {rule for rules_hit in hits.values() for rule in rules_hit}
    assert set(found.shadowed) == {Decimal(rule) for rule in range(1, len(rows) + 1)} & reached - firsts
    assert set(found.unreachable) == set(range(1, len(rows) + 1)) - reached
    together = {tuple(rules_hit) for rules_hit in hits.values() if len(rules_hit) > 1}
    assert {rule for pair, _ in found.overlaps for rule in pair} == {rule for pair in together for rule in pair}


def _inside(point: tuple[Decimal, Decimal], region: tuple[str, ...]) -> bool:
    return all(
        test == "-" or feel(f"v in ({test})", v=value) is True for value, test in zip(point, region, strict=True)
    )
