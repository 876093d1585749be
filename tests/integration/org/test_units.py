"""The tree of units: codes, levels, closing, planned posts, and the log of changes."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, InvalidInputError, NotFoundError
from bpmn.values import Actor
from handlers import org
from handlers.org import changes, seed, units
from tests.support.towns import NOW, STREET

BOSS = Actor("boss")


def make(session: Session, code: str, level: str, parent: str | None, kind: str | None = None) -> None:
    units.create(
        session,
        code,
        level=level,
        parent_code=parent,
        name_zh="新单位",
        name_en="new unit",
        kind=kind,
        actor=BOSS,
        now=NOW,
    )


def test_loading_the_town_twice_changes_nothing(town: Session) -> None:
    assert seed.load(town, NOW, lambda username: "unused-password") == ()


def test_the_path_leads_from_the_city_to_the_unit(town: Session) -> None:
    chain = units.chain(town, f"{STREET}-RG014")
    assert [each.name_zh for each in chain] == [
        "惠州市",
        "惠城区",
        "河南岸街道",
        "金湖社区",
        "金湖社区行政网格",
        "金湖社区网格 01",
    ]
    below = units.subtree(town, f"{STREET}003")
    assert {each.code for each in below} == {
        f"{STREET}003",
        f"{STREET}-AG03",
        *(f"{STREET}-RG{number:03}" for number in range(14, 18)),
    }


@pytest.mark.parametrize(
    ("code", "level", "parent", "kind"),
    [
        ("44130200", "street", "441302", None),
        ("44130200A", "street", "441302", None),
        ("441302009", "street", "441300", None),
        ("441302008-AG15", "administrative_grid", STREET, None),
        ("441302008-RG1", "responsibility_grid", f"{STREET}-AG01", None),
        ("441302008-RG074", "administrative_grid", f"{STREET}001", None),
        ("441302008-zz", "department", STREET, None),
        ("441302008015", "community", STREET, "cg"),
        ("44130２009", "street", "441302", None),
        ("441302008-x", "planet", STREET, None),
    ],
)
def test_codes_and_levels_follow_their_rule(
    town: Session, code: str, level: str, parent: str, kind: str | None
) -> None:
    with pytest.raises(InvalidInputError):
        make(town, code, level, parent, kind)


def test_a_code_is_given_once_and_its_parent_exists(town: Session) -> None:
    with pytest.raises(ConflictError):
        make(town, f"{STREET}001", "community", STREET)
    with pytest.raises(NotFoundError):
        make(town, "999999001", "street", "999999")
    make(town, f"{STREET}-cg-a1", "department", f"{STREET}-cg", "cg")
    assert org.unit(town, f"{STREET}-cg-a1").path.endswith(f"/{STREET}-cg/{STREET}-cg-a1/")


def test_a_unit_closes_after_those_below_it(town: Session) -> None:
    make(town, f"{STREET}015", "community", STREET)
    make(town, f"{STREET}-AG15", "administrative_grid", f"{STREET}015")
    with pytest.raises(ConflictError):
        units.close(town, f"{STREET}015", date(2026, 12, 1), actor=BOSS, now=NOW)
    units.close(town, f"{STREET}-AG15", date(2026, 12, 1), actor=BOSS, now=NOW)
    units.close(town, f"{STREET}015", date(2026, 12, 1), actor=BOSS, now=NOW)
    units.rename(town, f"{STREET}015", "旧社区", "old community", actor=BOSS, now=NOW)
    tags = [each.tag for each in changes.latest(town, org.unit(town, f"{STREET}015").path)]
    assert tags == [
        "org:unit:rename",
        "org:unit:close",
        "org:unit:close",
        "org:unit:create",
        "org:unit:create",
    ]


def test_posts_are_planned_where_the_position_is_seated(town: Session) -> None:
    post = units.set_post(town, f"{STREET}003", "grid_deputy", 6, actor=BOSS, now=NOW)
    assert post.planned == 6
    for position, planned in (("acceptor", 1), ("wizard", 1), ("grid_deputy", -1)):
        with pytest.raises(InvalidInputError):
            units.set_post(town, f"{STREET}003", position, planned, actor=BOSS, now=NOW)


def test_departments_of_an_area_are_those_directly_below(town: Session) -> None:
    assert [each.kind for each in units.departments(town, STREET)] == ["cg", "hw", "yl", "sz", "ga", "aj", "sj", "sh"]
