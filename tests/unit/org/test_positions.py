"""Positions and the keys of candidate groups."""

from __future__ import annotations

from handlers.org import group_key, split_group
from handlers.org.positions import GRID_ROLES, POSITIONS


def test_there_are_eight_grid_roles_in_the_order_of_the_street() -> None:
    assert [POSITIONS[role].zh for role in GRID_ROLES] == [
        "街道网格长",
        "街道副网格长",
        "网格领导",
        "网格助理",
        "网格长",
        "副网格长",
        "网格员",
        "网格协管员",
    ]


def test_every_position_has_both_names_and_a_seat() -> None:
    assert all(each.zh and each.en and each.levels for each in POSITIONS.values())
    assert len({each.zh for each in POSITIONS.values()}) == len(POSITIONS)


def test_a_group_is_position_and_unit() -> None:
    key = group_key("department_staff", "441302008-cg")
    assert key == "department_staff@441302008-cg"
    assert split_group(key) == ("department_staff", "441302008-cg")
