"""Grids: publishing a complete plan of a street, and finding the grid of a position.

A plan has no gaps and no overlaps inside the street, so that a position in the street lies in one grid. Plans are
immutable once published; their search trees are kept per plan in each process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from shapely import Point, Polygon, STRtree
from shapely.geometry import mapping, shape
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError
from bpmn.values import Actor
from handlers.errors import refused
from handlers.org import changes, units
from handlers.org.tables import Grid, GridPlan, OrgUnit

METRES_PER_DEGREE = 111_320.0
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Located:
    """Where a position lies, on every level; codes of units."""

    responsibility_grid: str
    administrative_grid: str
    community_code: str
    street_code: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class NewGrid:
    """One responsibility grid of a plan to be published."""

    code: str
    national_code: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class _Index:
    tree: STRtree
    places: tuple[Located, ...]


_indexes: dict[str, _Index] = {}
"""Search trees by plan; plans never change, so nothing here is ever stale."""


def locate(session: Session, lon: float, lat: float, at: datetime) -> Located | None:
    """The grids of a position (degrees, CGCS2000) in the plan in force at the moment `at`; None outside the town.

    On a common border the grid with the lowest code is chosen, always the same one. One statement once the
    plan's tree is built.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    in_force = select(GridPlan.id).where(
        GridPlan.valid_from <= at, or_(GridPlan.valid_to.is_(None), GridPlan.valid_to > at)
    )
    point = Point(lon, lat)
    for plan_id in session.scalars(in_force.order_by(GridPlan.street_code)):
        index = _index(session, plan_id)
        hits = index.tree.query(point, predicate="intersects")
        if len(hits):
            return index.places[int(min(hits))]
    return None


def current_plan(session: Session, street_code: str, at: datetime) -> GridPlan | None:
    """The plan of a street in force at the moment `at`."""
    statement = select(GridPlan).where(
        GridPlan.street_code == street_code,
        GridPlan.valid_from <= at,
        or_(GridPlan.valid_to.is_(None), GridPlan.valid_to > at),
    )
    return session.scalar(statement)


def shapes(session: Session, plan_id: str, *, kind: str | None = None) -> Sequence[Grid]:
    """The grids of a plan by code, of one kind or both."""
    statement = select(Grid).where(Grid.plan_id == plan_id)
    if kind is not None:
        statement = statement.where(Grid.kind == kind)
    return session.scalars(statement.order_by(Grid.code)).all()


def read(features: Sequence[Mapping[str, Any]]) -> list[NewGrid]:
    """Grids from GeoJSON features with the properties code and national_code.

    :raises InvalidInputError: a feature is no polygon or has no code.
    """
    grids = []
    for feature in features:
        properties = feature.get("properties") or {}
        code, national = properties.get("code"), properties.get("national_code")
        polygon = shape(feature["geometry"]) if feature.get("geometry") else None
        if not isinstance(polygon, Polygon) or not isinstance(code, str) or not isinstance(national, str):
            raise refused("grids", "每个网格都要有编码和多边形", "every grid needs codes and one polygon")
        grids.append(NewGrid(code, national, polygon))
    return grids


def publish(
    session: Session, street_code: str, grids: Sequence[NewGrid], *, valid_from: datetime, actor: Actor, now: datetime
) -> GridPlan:
    """Put a new plan of a street in force from `valid_from`; the plan before it ends in the same moment.

    The shape of an administrative grid is the union of the responsibility grids in it.

    :raises InvalidInputError: the grids leave gaps, overlap, or do not agree with the units.
    :raises ConflictError: a plan is in force from this moment or a later one.
    """
    _check_coverage(grids)
    units.unit(session, street_code, lock=True)
    before = session.scalar(
        select(GridPlan).where(GridPlan.street_code == street_code, GridPlan.valid_to.is_(None)).with_for_update()
    )
    if before is not None:
        if before.valid_from >= valid_from:
            raise ConflictError(why_zh="已有更晚生效的网格方案", why_en="a later grid plan is in force")
        before.valid_to = valid_from
        session.flush()
    plan = GridPlan(
        street_code=street_code,
        version=before.version + 1 if before is not None else 1,
        valid_from=valid_from,
        published_by=actor.user_id,
    )
    session.add(plan)
    session.flush()
    session.add_all(_rows(session, plan, grids))
    session.flush()
    detail = {"version": plan.version, "grids": len(grids)}
    changes.record(session, "org:grids:publish", actor=actor, now=now, unit_code=street_code, detail=detail)
    return plan


def square_metres(polygon: Polygon) -> int:
    """The area of a small polygon in degrees, by an equirectangular projection at its middle (within 0.1 %)."""
    scale = math.cos(math.radians(polygon.centroid.y)) * METRES_PER_DEGREE * METRES_PER_DEGREE
    return round(float(polygon.area) * scale)


def _check_coverage(grids: Sequence[NewGrid]) -> None:
    polygons = [grid.polygon for grid in grids]
    if not polygons or not all(polygon.is_valid and not polygon.is_empty for polygon in polygons):
        raise refused("grids", "网格边界自相交或为空", "a grid's border crosses itself or is empty")
    if len({grid.code for grid in grids}) < len(grids) or len({grid.national_code for grid in grids}) < len(grids):
        raise refused("grids", "网格编码重复", "two grids have the same code")
    if not shapely.coverage_is_valid(polygons):
        raise refused("grids", "网格之间有重叠或缝隙", "grids overlap or do not meet")
    whole = shapely.coverage_union_all(polygons)
    if not isinstance(whole, Polygon) or whole.interiors:
        raise refused("grids", "网格没有连成一整片", "the grids leave a hole or do not hang together")


def _rows(session: Session, plan: GridPlan, grids: Sequence[NewGrid]) -> list[Grid]:
    street = session.get_one(OrgUnit, plan.street_code)
    below = select(OrgUnit).where(OrgUnit.path.startswith(street.path, autoescape=True), OrgUnit.closed_on.is_(None))
    found = {each.code: each for each in session.scalars(below)}
    wanted = {code for code, each in found.items() if each.level == "responsibility_grid"}
    if wanted != {grid.code for grid in grids}:
        raise refused("grids", "方案与网格单位不一致", "the plan does not name exactly the street's grids")
    members: dict[str, list[NewGrid]] = {}
    for grid in grids:
        parent = found[grid.code].parent_code
        assert parent is not None
        members.setdefault(parent, []).append(grid)
    rows: list[Grid] = []
    for administrative, inside in sorted(members.items()):
        community = found[administrative].parent_code
        assert community is not None
        whole = shapely.coverage_union_all([grid.polygon for grid in inside])
        if not isinstance(whole, Polygon):
            raise refused("grids", "行政网格不连片", "an administrative grid does not hang together")
        shapes = [(administrative, "administrative", f"{community}000", whole)]
        shapes += [(grid.code, "responsibility", grid.national_code, grid.polygon) for grid in inside]
        for code, kind, national, polygon in shapes:
            if not national.startswith(community):
                raise refused("grids", "国标编码与社区不符", "a national code does not begin with its community")
            rows.append(
                Grid(
                    plan_id=plan.id,
                    code=code,
                    kind=kind,
                    administrative_code=administrative,
                    community_code=community,
                    national_code=national,
                    geometry=dict(mapping(polygon)),
                    area_m2=square_metres(polygon),
                )
            )
    return rows


def _index(session: Session, plan_id: str) -> _Index:
    found = _indexes.get(plan_id)
    if found is not None:
        return found
    street = session.get_one(GridPlan, plan_id).street_code
    rows = shapes(session, plan_id, kind="responsibility")
    built = _Index(
        STRtree([shape(row.geometry) for row in rows]),
        tuple(Located(row.code, row.administrative_code, row.community_code, street, plan_id) for row in rows),
    )
    while len(_indexes) >= _KEPT:
        _indexes.pop(next(iter(_indexes)), None)
    _indexes[plan_id] = built
    return built
