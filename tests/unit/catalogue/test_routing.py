"""The most specific routing line wins; between equal ones the priority, then the order of the file."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from handlers.catalogue.routing import ordinal_of, ranked
from handlers.catalogue.values import RouteRule

WAY = ("441300", "441302", "441302008", "441302008003")


def rule(
    line: int = 1,
    category: str = "",
    condition: int | None = None,
    area: str = "",
    *,
    lead: str = "cg",
    priority: int = 50,
) -> RouteRule:
    return RouteRule("test", "event", category, condition, area, lead, "street", priority, line)


def winner(*rules: RouteRule, ordinal: int | None = 2, way: tuple[str, ...] = WAY) -> int:
    return ranked(rules, "0110", "event", ordinal, way)[0].line


def test_category_beats_major_category_beats_any() -> None:
    assert winner(rule(1), rule(2, "01"), rule(3, "0110")) == 3
    assert winner(rule(1), rule(2, "01"), rule(3, "0111")) == 2


def test_the_category_counts_before_the_condition_and_the_condition_before_the_area() -> None:
    assert winner(rule(1, "01", area=WAY[3]), rule(2, "0110")) == 2
    assert winner(rule(1, "0110", area=WAY[3]), rule(2, "0110", 2)) == 2
    assert winner(rule(1, "0110", 1), rule(2, "0110")) == 2


def test_the_smaller_area_wins_and_a_foreign_one_does_not_apply() -> None:
    assert winner(rule(1, area=WAY[1]), rule(2, area=WAY[3]), rule(3, area=WAY[2])) == 2
    assert winner(rule(1), rule(2, area="441302009")) == 1


def test_between_equal_lines_the_priority_decides_and_then_the_order() -> None:
    assert winner(rule(1, "0110"), rule(2, "0110", priority=60)) == 2
    assert winner(rule(2, "0110"), rule(1, "0110")) == 1


def test_without_a_condition_only_general_lines_apply() -> None:
    assert winner(rule(1, "0110", 1), rule(2, "01"), ordinal=None) == 2


def test_the_ordinal_is_read_from_the_code_of_the_condition() -> None:
    assert [ordinal_of(each) for each in ("E0101-2", "2", None, "", "E0101-", "E0101-二")] == [
        2,
        2,
        None,
        None,
        None,
        None,
    ]


rules = st.lists(
    st.builds(
        rule,
        line=st.integers(1, 500),
        category=st.sampled_from(["", "01", "0110", "04"]),
        condition=st.sampled_from([None, 1, 2]),
        area=st.sampled_from(["", *WAY, "441302009"]),
        priority=st.integers(0, 100),
    ),
    max_size=30,
    unique_by=lambda each: each.line,
)


@given(rules, st.sampled_from([None, 1, 2, 3]))
def test_the_order_of_the_lines_given_never_matters_and_only_fitting_lines_are_ranked(
    lines: list[RouteRule], ordinal: int | None
) -> None:
    found = ranked(lines, "0110", "event", ordinal, WAY)
    assert found == ranked(lines[::-1], "0110", "event", ordinal, WAY)
    for each in found:
        assert each.category in ("", "01", "0110")
        assert each.condition in (None, ordinal)
        assert each.area == "" or each.area in WAY
    assert len(found) == sum(
        each.category in ("", "01", "0110") and each.condition in (None, ordinal) and each.area in ("", *WAY)
        for each in lines
    )
    for one, other in pairwise(found):
        assert len(one.category) >= len(other.category)
