"""City files as they are: merged cells, urgent limits in the text only, missing limits, codes given twice."""

from __future__ import annotations

import pytest

from handlers.catalogue import files, limittext
from handlers.catalogue.files import SetFile
from handlers.clocks.limits import Limit


def empty_set() -> SetFile:
    majors = {"event": {"01": ["市容环境", "city"], "04": ["街面秩序", "street"]}, "component": {"01": ["公用", "x"]}}
    return SetFile("test", "Test", "1", "a test", False, majors, {}, [], [])


def category(code: str, name: str, kind: str = "event") -> dict[str, str]:
    return {"kind": kind, "code": code, "name_zh": name, "name_en": "", "initials": "", "is_local": "", "origin": ""}


def condition(trigger: str, text: str, code: str = "", value: str = "", unit: str = "") -> dict[str, str]:
    return {
        "kind": "",
        "code": code,
        "trigger_zh": trigger,
        "trigger_en": "",
        "limit_text": text,
        "limit_value": value,
        "limit_unit": unit,
        "closing_zh": "恢复",
        "closing_en": "restored",
    }


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("4工作时", Limit(4, "WH")),
        ("4小时", Limit(4, "WH")),
        ("2天", Limit(2, "WD")),
        ("2个工作日", Limit(2, "WD")),
        ("2紧急工作时", Limit(2, "UH")),
        ("1紧急工作时制止", Limit(1, "UH")),
        ("紧急2工作时", Limit(2, "UH")),
        ("2紧急工作日", Limit(2, "UD")),
        ("15 分钟", Limit(15, "M")),
        ("尽快", None),
        ("", None),
        ("0工作日", None),
    ],
)
def test_limits_are_read_as_city_files_write_them(text: str, limit: Limit | None) -> None:
    assert limittext.read(text) == limit


def test_empty_cells_inherit_from_the_row_above() -> None:
    made = empty_set()
    files.parse_categories(made, [category("0110", "暴露垃圾"), category("0401", "无照游商", kind="")])
    files.parse_conditions(
        made,
        [
            {**condition("一", "4工作时", "0110"), "kind": "event"},
            condition("二", "2工作日"),
            condition("三", "2紧急工作时", "0401"),
        ],
    )
    assert made.findings == []
    assert [len(each.conditions) for each in made.categories.values()] == [2, 1]
    assert made.categories["event", "0401"].initials == "wzys"


def test_the_text_wins_over_the_stored_type_and_is_told() -> None:
    made = empty_set()
    files.parse_categories(made, [category("0110", "暴露垃圾")])
    row = {**condition("暴露", "2紧急工作时", "0110", "2", "work_hour"), "kind": "event"}
    files.parse_conditions(made, [row])
    assert made.categories["event", "0110"].conditions[0].limit == Limit(2, "UH")
    [finding] = made.findings
    assert not finding.is_error
    assert finding.row == 2
    assert "以文字为准" in finding.zh


def test_the_stored_type_counts_where_the_text_says_nothing() -> None:
    made = empty_set()
    files.parse_categories(made, [category("0110", "暴露垃圾")])
    files.parse_conditions(made, [{**condition("暴露", "", "0110", "2", "work_hour"), "kind": "event"}])
    assert made.categories["event", "0110"].conditions[0].limit == Limit(2, "WH")


def test_a_missing_limit_is_told_and_the_condition_kept() -> None:
    made = empty_set()
    files.parse_categories(made, [category("0110", "暴露垃圾")])
    files.parse_conditions(made, [{**condition("暴露", "", "0110"), "kind": "event"}])
    assert made.categories["event", "0110"].conditions[0].limit is None
    assert [(each.is_error, each.zh) for each in made.findings] == [(False, "没有处置时限")]


def test_what_cannot_be_taken_is_an_error_at_its_row() -> None:
    made = empty_set()
    files.parse_categories(
        made,
        [
            category("0110", "暴露垃圾"),
            category("0110", "另一个"),
            category("9901", "没有大类"),
            category("011", "短"),
            category("0111", ""),
            category("0112", "服务", kind="service"),
        ],
    )
    assert [(each.row, each.is_error) for each in made.findings] == [(row, True) for row in range(3, 8)]
    files.parse_conditions(
        made,
        [
            {**condition("一", "1工作日", "0199"), "kind": "event"},
            condition("一", "1工作日", "0110"),
            condition("一", "2工作日"),
            condition("", "2工作日"),
        ],
    )
    assert [each.row for each in made.findings if each.file == "conditions.csv"] == [2, 4, 5]
