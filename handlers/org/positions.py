"""The positions of the organisation and the keys of candidate groups. No database.

The eight grid roles (一格八员) and the positions of the supervision and command centres are those of
GB/T 30428 practice; what each may do is decided by `handlers.permissions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A position: its stable key, its names, whether it is one of the eight grid roles, and where it may be seated."""

    key: str
    zh: str
    en: str
    levels: frozenset[str]
    is_grid_role: bool = False


def _position(key: str, zh: str, en: str, levels: str, *, grid_role: bool = False) -> tuple[str, Position]:
    return key, Position(key, zh, en, frozenset(levels.split()), grid_role)


_AREAS = "city district street"
_GRIDS = "community administrative_grid responsibility_grid"

POSITIONS: Mapping[str, Position] = dict(
    [
        _position("street_grid_leader", "街道网格长", "street grid leader", "street", grid_role=True),
        _position("street_grid_deputy", "街道副网格长", "deputy street grid leader", "street", grid_role=True),
        _position("grid_leader_liaison", "网格领导", "linked street official", f"street {_GRIDS}", grid_role=True),
        _position("grid_assistant", "网格助理", "grid assistant", f"street {_GRIDS}", grid_role=True),
        _position("grid_head", "网格长", "grid head", _GRIDS, grid_role=True),
        _position("grid_deputy", "副网格长", "deputy grid head", _GRIDS, grid_role=True),
        _position("grid_officer", "网格员", "grid officer", _GRIDS, grid_role=True),
        _position("grid_volunteer", "网格协管员", "grid volunteer", _GRIDS, grid_role=True),
        _position("collector", "信息采集员", "collector", f"{_AREAS} {_GRIDS}"),
        _position("acceptor", "受理员", "acceptor", _AREAS),
        _position("shift_leader", "值班长", "shift leader", _AREAS),
        _position("dispatcher", "派遣员", "dispatcher", _AREAS),
        _position("department_staff", "处置人员", "department staff", "department"),
        _position("department_lead", "部门负责人", "department lead", "department"),
        _position("checker", "核查员", "checker", f"{_AREAS} {_GRIDS}"),
        _position("supervisor", "督查员", "supervisor", _AREAS),
        _position("evaluator", "考评员", "evaluator", _AREAS),
        _position("process_designer", "流程设计员", "process designer", _AREAS),
        _position("administrator", "系统管理员", "administrator", _AREAS),
        _position("leader", "领导", "leader", _AREAS),
    ]
)

GRID_ROLES: tuple[str, ...] = tuple(key for key, position in POSITIONS.items() if position.is_grid_role)


def group_key(position: str, unit_code: str) -> str:
    """The candidate group of a position in a unit, such as `dispatcher@441302008`."""
    return f"{position}@{unit_code}"


def split_group(group: str) -> tuple[str, str]:
    """Position and unit code of a candidate group. A text without `@` is a position without a unit."""
    position, _, unit_code = group.partition("@")
    return position, unit_code
