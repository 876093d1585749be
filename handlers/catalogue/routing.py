"""Routing: which department leads a case of a category, filed under a condition, in an area.

The most specific line wins: one for the category beats one for its major category, then one for the condition beats
one for any, then the smaller area beats the larger. Between equal lines the higher priority wins, then the earlier
line. A line names a kind of department and a level; the unit is the department of that kind on that level above the
place, or on the next level up or down when the level has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, aliased

from handlers.catalogue.snapshots import snapshot
from handlers.catalogue.values import Route, RouteRule
from handlers.errors import NoRouteError
from handlers.org.tables import OrgUnit

LEVELS = ("street", "district", "city")


def route(
    session: Session,
    category_code: str,
    kind: str,
    condition: str | None,
    area: str,
    *,
    code_set: str | None = None,
) -> Route:
    """The lead department. `condition` is a condition's code (`E0101-2`) or None, `area` the code of any unit: the
    smaller it is, the more lines can apply. Two statements.

    :raises NoRouteError: no line applies, or no department of the kind is there.
    :raises NotFoundError: there is no such code set.
    """
    ancestors, departments = _surroundings(session, area)
    rules = snapshot(session).code_set(code_set).routes
    for rule in ranked(rules, category_code, kind, ordinal_of(condition), ancestors):
        for level in _levels_from(rule.level):
            unit = departments.get((level, rule.lead_kind))
            if unit is not None:
                return Route(unit, level, rule.lead_kind, rule.line)
    raise NoRouteError(category=category_code, kind=kind, area=area)


def ranked(
    rules: Sequence[RouteRule], category_code: str, kind: str, ordinal: int | None, ancestors: Sequence[str]
) -> list[RouteRule]:
    """The lines that apply, the winning one first. `ancestors` are unit codes from the root down to the place."""
    depth = {code: number for number, code in enumerate(ancestors, 1)}
    fitting = [
        rule
        for rule in rules
        if rule.kind == kind
        and rule.category in ("", category_code[:2], category_code)
        and rule.condition in (None, ordinal)
        and (rule.area == "" or rule.area in depth)
    ]

    def strength(rule: RouteRule) -> tuple[int, bool, int, int, int]:
        return (len(rule.category), rule.condition is not None, depth.get(rule.area, 0), rule.priority, -rule.line)

    return sorted(fitting, key=strength, reverse=True)


def ordinal_of(condition: str | None) -> int | None:
    """The ordinal in a condition's code; None when there is none."""
    last = (condition or "").rpartition("-")[2]
    return int(last) if last.isascii() and last.isdigit() else None


def _levels_from(level: str) -> tuple[str, ...]:
    """The level itself, then those above, then those below."""
    position = LEVELS.index(level)
    return LEVELS[position:] + LEVELS[:position][::-1]


def _surroundings(session: Session, area: str) -> tuple[list[str], Mapping[tuple[str, str], str]]:
    """The codes from the root to the area, and the departments of the areas on the way, by level and kind."""
    place, above, department = aliased(OrgUnit), aliased(OrgUnit), aliased(OrgUnit)
    statement: Any = (
        select(place.path, above.level, department.kind, department.code)
        .select_from(place)
        .outerjoin(above, place.path.like(above.path + literal("%")) & above.level.in_(LEVELS))
        .outerjoin(
            department,
            (department.parent_code == above.code)
            & (department.level == "department")
            & department.closed_on.is_(None),
        )
        .where(place.code == area)
        .order_by(department.ordinal.desc(), department.code.desc())
    )
    rows = session.execute(statement).all()
    if not rows:
        return [], {}
    departments = {(row.level, row.kind): row.code for row in rows if row.code is not None}
    return [code for code in rows[0].path.split("/") if code], departments
