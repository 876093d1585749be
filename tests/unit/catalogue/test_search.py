"""What people type finds the category they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import catalogue


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("暴露", "E0110"),
        ("E0110", "E0110"),
        ("c0137", "C0137"),
        ("blshlj", "E0110"),
        ("BLSH", "E0110"),
        ("street light", "C0137"),
        ("店外", "E0405"),
        ("dwjy", "E0405"),
        ("路灯", "C0137"),
        ("overflowing bin", "E0192"),
        ("井盖 污水", "C0102"),
        ("突发", "E0595"),
        ("fqcl", "E0134"),
    ],
)
def test_the_best_hit_comes_first(typed: str, first: str) -> None:
    assert catalogue.search(typed)[0].full_code == first


def test_a_code_without_letter_finds_event_and_component() -> None:
    assert [each.full_code for each in catalogue.search("0110")] == ["E0110", "C0110"]
    assert [each.full_code for each in catalogue.search("0110", "component")] == ["C0110"]


def test_words_of_a_condition_find_its_category_last() -> None:
    assert "E0108" in {each.full_code for each in catalogue.search("飞线")}


def test_nothing_typed_or_nothing_known_finds_nothing() -> None:
    assert catalogue.search("  ") == ()
    assert catalogue.search("量子纠缠") == ()


@given(st.text(max_size=40), st.integers(0, 30))
def test_any_text_is_answered_in_order_and_within_the_limit(typed: str, limit: int) -> None:
    found = catalogue.search(typed, limit=limit)
    assert len(found) <= limit
    assert len(set(found)) == len(found)


@given(st.sampled_from(catalogue.categories()))
def test_every_category_is_found_by_name_code_initials_and_english(category: catalogue.Category) -> None:
    for typed in (category.name, category.full_code, category.initials, category.name_en):
        assert category in catalogue.search(typed, limit=1000)
    assert catalogue.search(category.full_code)[0] == category
