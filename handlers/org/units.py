"""Units: the tree of city, district, street, community, departments and grids, and the posts planned in them.

Shapes of grids are `handlers.org.grids`; people in positions are `handlers.org.memberships`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, NotFoundError
from bpmn.values import Actor
from handlers.errors import refused
from handlers.org import changes
from handlers.org.positions import POSITIONS
from handlers.org.tables import OrgPost, OrgUnit

LEVELS: Mapping[str, tuple[str, str]] = {
    "city": ("市", "city"),
    "district": ("区", "district"),
    "street": ("街道", "street"),
    "community": ("村居", "community"),
    "department": ("部门", "department"),
    "administrative_grid": ("行政网格", "administrative grid"),
    "responsibility_grid": ("责任网格", "responsibility grid"),
}
"""Level to its Chinese and English name."""

PARENTS: Mapping[str, frozenset[str | None]] = {
    "city": frozenset({None}),
    "district": frozenset({"city"}),
    "street": frozenset({"district"}),
    "community": frozenset({"street"}),
    "department": frozenset({"city", "district", "street", "department"}),
    "administrative_grid": frozenset({"community"}),
    "responsibility_grid": frozenset({"administrative_grid"}),
}
"""Level to the levels its parent may have."""

CODE_LENGTHS: Mapping[str, int] = {"city": 6, "district": 6, "street": 9, "community": 12}
"""Areas carry the digits of GB/T 2260 (6), GB/T 10114 (9) and their community (12)."""

_SUFFIXED = re.compile(r"(?P<area>\d{6}|\d{9})-(?P<rest>[a-z]{2,8}(-[a-z0-9]{1,8})?|AG\d{2}|RG\d{3})")


def unit(session: Session, code: str, *, lock: bool = False) -> OrgUnit:
    """The unit with `code`; with `lock` nobody else changes what hangs on it until the transaction ends.

    :raises NotFoundError: there is none.
    """
    found = session.get(OrgUnit, code, with_for_update=lock or None)
    if found is None:
        raise NotFoundError(what="unit", code=code)
    return found


def create(
    session: Session,
    code: str,
    *,
    level: str,
    parent_code: str | None,
    name_zh: str,
    name_en: str,
    kind: str | None = None,
    ordinal: int = 0,
    actor: Actor,
    now: datetime,
) -> OrgUnit:
    """Make a unit below `parent_code`.

    :raises InvalidInputError: the code does not follow the rule of its level, or the parent is of a wrong level.
    :raises ConflictError: the code exists.
    """
    _check_code(code, level)
    if (level == "department") != (kind is not None):
        raise refused("kind", "部门要写明业务类别，其他单位不写", "a department needs its kind, other units have none")
    parent = unit(session, parent_code, lock=True) if parent_code is not None else None
    if (parent.level if parent else None) not in PARENTS[level]:
        raise refused("parent_code", "上级单位的层级不对", "the unit above is of a wrong level")
    if session.get(OrgUnit, code) is not None:
        raise ConflictError(why_zh=f"单位编码{code}已被使用", why_en=f"the unit code {code} is taken")
    made = OrgUnit(
        code=code,
        level=level,
        kind=kind,
        parent_code=parent_code,
        path=f"{parent.path if parent else '/'}{code}/",
        name_zh=name_zh,
        name_en=name_en,
        ordinal=ordinal,
    )
    session.add(made)
    changes.record(session, "org:unit:create", actor=actor, now=now, unit_code=code, detail={"name": name_zh})
    return made


def rename(session: Session, code: str, name_zh: str, name_en: str, *, actor: Actor, now: datetime) -> OrgUnit:
    """Give a unit other names. Old cases show the new name, the code stays."""
    found = unit(session, code)
    detail = {"from": found.name_zh, "to": name_zh}
    found.name_zh, found.name_en = name_zh, name_en
    changes.record(session, "org:unit:rename", actor=actor, now=now, unit_code=code, detail=detail)
    return found


def close(session: Session, code: str, on: date, *, actor: Actor, now: datetime) -> OrgUnit:
    """Close a unit from the day `on`; it stays for old cases.

    :raises ConflictError: a unit below it is still open.
    """
    found = unit(session, code, lock=True)
    below = select(OrgUnit.code).where(OrgUnit.parent_code == code, OrgUnit.closed_on.is_(None)).limit(1)
    if session.scalar(below) is not None:
        raise ConflictError(why_zh="先撤销下级单位", why_en="a unit below it is still open")
    found.closed_on = on
    changes.record(session, "org:unit:close", actor=actor, now=now, unit_code=code, detail={"on": on.isoformat()})
    return found


def subtree(session: Session, code: str) -> Sequence[OrgUnit]:
    """The unit and everything below it, parents before children."""
    top = unit(session, code)
    below = OrgUnit.path.startswith(top.path, autoescape=True)
    return session.scalars(select(OrgUnit).where(below).order_by(OrgUnit.ordinal, OrgUnit.code)).all()


def chain(session: Session, code: str) -> Sequence[OrgUnit]:
    """The units from the root down to `code`, for a bread-crumb line."""
    codes = [part for part in unit(session, code).path.split("/") if part]
    found = {each.code: each for each in session.scalars(select(OrgUnit).where(OrgUnit.code.in_(codes)))}
    return [found[each] for each in codes]


def departments(session: Session, area_code: str) -> Sequence[OrgUnit]:
    """The open departments directly below an area."""
    statement = select(OrgUnit).where(
        OrgUnit.parent_code == area_code, OrgUnit.level == "department", OrgUnit.closed_on.is_(None)
    )
    return session.scalars(statement.order_by(OrgUnit.ordinal, OrgUnit.code)).all()


def set_post(session: Session, code: str, position: str, planned: int, *, actor: Actor, now: datetime) -> OrgPost:
    """Plan how many people hold `position` in the unit (编制). Repeating it changes nothing."""
    found = unit(session, code, lock=True)
    if position not in POSITIONS or found.level not in POSITIONS[position].levels:
        raise refused("position", "这个单位不设该岗位", "this position is not seated in such a unit")
    if planned < 0:
        raise refused("planned", "编制不能是负数", "the number planned cannot be negative")
    post = session.get(OrgPost, (code, position))
    if post is None:
        post = OrgPost(unit_code=code, position=position, planned=planned)
        session.add(post)
    elif post.planned == planned:
        return post
    post.planned = planned
    detail = {"position": position, "planned": planned}
    changes.record(session, "org:post:plan", actor=actor, now=now, unit_code=code, detail=detail)
    return post


def _check_code(code: str, level: str) -> None:
    if level not in LEVELS:
        raise refused("level", "没有这个层级", "there is no such level")
    digits = CODE_LENGTHS.get(level)
    if digits is not None:
        if len(code) != digits or not (code.isascii() and code.isdigit()):
            raise refused("code", f"编码应为{digits}位数字", f"the code has {digits} digits")
        return
    match = _SUFFIXED.fullmatch(code)
    wanted = {"administrative_grid": "AG", "responsibility_grid": "RG"}.get(level, "")
    if match is None or not match["rest"].startswith(wanted) or (wanted == "" and match["rest"][0].isupper()):
        raise refused("code", "编码应为区划代码加短横线和后缀", "the code is an area code, a hyphen and a suffix")
