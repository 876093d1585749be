"""The shipped catalogue: complete, in both languages, with limits that their own text confirms."""

from __future__ import annotations

from collections import Counter

import pytest

from bpmn.errors import NotFoundError
from handlers import catalogue
from handlers.catalogue import files, limittext
from handlers.catalogue.initials import initials
from handlers.catalogue.snapshots import from_files

CURRENT, LEGACY = "gbt30428.2-yc2026", "cjt214"


def test_every_category_of_the_source_is_there() -> None:
    """190 small categories in the source (98 events, 92 components), and the abandoned vehicle that it leaves out."""
    found = catalogue.categories()
    assert Counter((each.kind, each.origin == "inferred") for each in found) == {
        ("event", False): 98,
        ("event", True): 1,
        ("component", False): 92,
    }
    majors = Counter((each.kind, each.major_code) for each in found if each.origin != "inferred")
    assert majors == {
        ("event", "01"): 47,
        ("event", "02"): 8,
        ("event", "03"): 16,
        ("event", "04"): 13,
        ("event", "05"): 10,
        ("event", "06"): 4,
        ("component", "01"): 40,
        ("component", "02"): 20,
        ("component", "03"): 10,
        ("component", "04"): 16,
        ("component", "05"): 6,
    }


def test_the_legacy_list_is_there_without_limits() -> None:
    legacy = catalogue.categories(code_set=LEGACY)
    assert Counter(each.kind for each in legacy) == {"component": 63, "event": 54}
    assert all(each.conditions == () for each in legacy)


def test_local_extensions_are_numbered_from_ninety_nine_downwards() -> None:
    for each in catalogue.categories():
        assert each.is_local == (int(each.code[2:]) >= 78)
        assert each.is_local == (each.origin == "city")


def test_every_condition_has_both_languages_a_limit_and_a_closing_condition() -> None:
    for category in catalogue.categories():
        assert category.conditions
        assert category.name
        assert category.name_en
        for each in category.conditions:
            assert each.name.strip(), each.code
            assert each.name_en.strip(), each.code
            assert each.closing.strip(), each.code
            assert each.closing_en.strip(), each.code
            assert each.limit == limittext.read(each.limit_text), each.code
        assert len({each.name for each in category.conditions}) == len(category.conditions)


def test_the_clock_types_are_the_four_of_the_source() -> None:
    limits = [each.limit for category in catalogue.categories() for each in category.conditions if each.limit]
    assert {limit.unit for limit in limits} == {"UH", "UD", "WH", "WD"}
    assert max(limit.value for limit in limits) == 15


@pytest.mark.parametrize(
    ("kind", "code", "limits"),
    [
        ("event", "0101", ["2UD", "15WD"]),
        ("event", "0122", ["1UH", "3WD"]),
        ("event", "0307", ["1WD", "2WD", "3WD"]),
        ("event", "0501", ["1UH", "5WD"]),
        ("event", "0696", ["1WD"]),
        ("component", "0104", ["2UH", "4WH", "1WD", "2WD", "5WD"]),
        ("component", "0137", ["2WH", "1WD", "1WD", "2WD", "2WD", "3WD"]),
        ("component", "0178", ["1UH", "2WH", "10WD"]),
        ("component", "0410", ["2UH", "1WD", "2WD", "5WD", "7WD"]),
    ],
)
def test_limits_of_single_categories_are_those_of_the_source(kind: str, code: str, limits: list[str]) -> None:
    assert [str(each.limit) for each in catalogue.conditions(code, kind)] == limits


def test_codes_of_conditions_are_unique_and_short_enough_to_store() -> None:
    codes = [each.code for category in catalogue.categories() for each in category.conditions]
    assert len(set(codes)) == len(codes)
    assert max(map(len, codes)) <= 32


def test_the_files_have_no_findings() -> None:
    assert [finding for each in files.read_all() for finding in each.findings] == []


def test_stored_initials_are_those_of_the_name() -> None:
    for code_set in (CURRENT, LEGACY):
        for each in catalogue.categories(code_set=code_set):
            assert each.initials == initials(each.name)
            assert each.initials


def test_unknown_codes_are_not_found() -> None:
    for code, kind in (("0109", "event"), ("9999", "event"), ("0101", "service"), ("", "event"), ("0401", "x")):
        with pytest.raises(NotFoundError):
            catalogue.category(code, kind)
    with pytest.raises(NotFoundError):
        catalogue.condition("0101", "event", "E0101-3")
    with pytest.raises(NotFoundError):
        catalogue.category("0101", "event", code_set="gb-2099")


def test_a_condition_is_found_by_code_and_by_ordinal() -> None:
    assert catalogue.condition("0101", "event", "E0101-2") == catalogue.condition("0101", "event", "2")


def test_routing_lines_name_departments_of_the_town_and_no_line_is_there_twice() -> None:
    rules = from_files().current.routes
    keys = [(rule.kind, rule.category, rule.condition, rule.area) for rule in rules]
    assert len(set(keys)) == len(keys)
    assert {(rule.kind, rule.category) for rule in rules if len(rule.category) == 2} == {
        (each.kind, each.code) for each in catalogue.majors()
    }
    for rule in rules:
        if len(rule.category) > 2:
            category = catalogue.category(rule.category, rule.kind)
            assert rule.condition is None or rule.condition <= len(category.conditions)


class TestTranslation:
    """Events 04 and 05 are swapped between the two generations: codes are translated, never taken over."""

    def test_street_order_and_emergencies_change_places(self) -> None:
        names = {each.code: each.name for each in catalogue.majors("event")}
        legacy = {each.code: each.name for each in catalogue.majors("event", code_set=LEGACY)}
        assert (names["04"], names["05"]) == (legacy["05"], legacy["04"]) == ("街面秩序", "突发事件")

    @pytest.mark.parametrize(
        ("old", "new"),
        [("0501", "0401"), ("0401", "0505"), ("0504", "0405"), ("0402", "0501"), ("0110", "0113"), ("0107", "0134")],
    )
    def test_an_old_event_becomes_its_counterpart(self, old: str, new: str) -> None:
        found = catalogue.translate(LEGACY, "event", old)
        assert found is not None
        assert found.code == new
        assert found.code_set == CURRENT

    def test_no_event_of_04_and_05_keeps_its_major_number(self) -> None:
        for each in catalogue.categories("event", code_set=LEGACY):
            found = catalogue.translate(LEGACY, "event", each.code)
            if each.major_code in ("04", "05") and found is not None:
                assert found.major_code != each.major_code

    def test_same_names_are_counterparts_in_both_directions(self) -> None:
        by_name = {(each.kind, each.name): each for each in catalogue.categories()}
        for each in catalogue.categories(code_set=LEGACY):
            same = by_name.get((each.kind, each.name))
            if same is not None:
                assert catalogue.translate(LEGACY, each.kind, each.code) == same
                assert catalogue.translate(CURRENT, same.kind, same.code, LEGACY) == each

    def test_what_has_no_counterpart_is_left_to_a_person(self) -> None:
        assert catalogue.translate(LEGACY, "event", "0502") is None
        with pytest.raises(NotFoundError):
            catalogue.translate(LEGACY, "event", "0777")

    def test_within_one_set_a_code_stays(self) -> None:
        found = catalogue.translate(CURRENT, "event", "0401", CURRENT)
        assert found == catalogue.category("0401", "event")
