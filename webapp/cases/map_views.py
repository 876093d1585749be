"""Maps without tiles: the grids of the street as GeoJSON, and where a case lies among them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, jsonify, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.cases import duplicates, queries
from handlers.cases.tables import Case
from handlers.org import grids, seed
from handlers.org.tables import GridPlan, OrgUnit
from handlers.permissions import case_filter
from webapp import db
from webapp.access import may, require, viewer
from webapp.cases.blueprint import blueprint
from webapp.clock import now
from webapp.i18n import gettext as _
from webapp.i18n import pick

NEAR_M = 150.0
KEEP = timedelta(hours=1)


@blueprint.get("/maps/<plan_id>.geojson")
@may("case.list")
def geography(plan_id: str) -> Response:
    """Every grid of a plan with its name. A plan never changes once published."""
    session = db.read()
    session.get_one(GridPlan, plan_id)
    response = jsonify({"type": "FeatureCollection", "features": [*_base(), *features(session, plan_id)]})
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@blueprint.get("/cases/<number>/map.json")
@may("case.view")
def case_map(number: str) -> Response:
    """Where the case lies, its grid, and other cases near it that the person may see."""
    session = db.read()
    case = queries.get(session, number)
    require("case.view", case)
    plan = grids.current_plan(session, case.street_code, case.reported_at)
    return jsonify(
        {
            "position": [case.lon, case.lat],
            "accuracy": case.accuracy_m,
            "grid_code": case.responsibility_grid,
            "label": _("this case"),
            "geo_url": url_for("cases.geography", plan_id=plan.id) if plan is not None else None,
            "others": _others(session, case),
        }
    )


def _base() -> list[dict[str, Any]]:
    """Streets, water, green and known places of the town, under the grids."""
    return [
        {
            "type": "Feature",
            "geometry": feature["geometry"],
            "properties": {
                "kind": feature["properties"]["layer"],
                "rank": feature["properties"].get("rank", ""),
                "name": pick(feature["properties"].get("zh", ""), feature["properties"].get("en", "")),
            },
        }
        for feature in seed.read("basemap.geojson")["features"]
    ]


def _others(session: Session, case: Case) -> list[dict[str, Any]]:
    near = duplicates.nearby(
        session, case.lon, case.lat, None, now(), radius_m=NEAR_M, except_number=case.number, limit=8
    )
    visible = set(
        session.scalars(
            select(Case.number).where(Case.number.in_([item.case.number for item in near]), case_filter(viewer()))
        )
    )
    return [
        {
            "number": item.case.number,
            "position": [item.case.lon, item.case.lat],
            "label": f"{item.case.number} {item.case.title}",
            "url": url_for("cases.page", number=item.case.number),
        }
        for item in near
        if item.case.number in visible
    ]


def features(session: Session, plan_id: str) -> list[dict[str, Any]]:
    """GeoJSON features of a plan: responsibility grids with names, administrative ones as outlines."""
    rows = grids.shapes(session, plan_id)
    units = session.scalars(select(OrgUnit).where(OrgUnit.code.in_([row.code for row in rows])))
    names = {unit.code: pick(unit.name_zh, unit.name_en) for unit in units}
    return [
        {
            "type": "Feature",
            "geometry": row.geometry,
            "properties": {
                "code": row.code,
                "kind": row.kind,
                "name": names.get(row.code, row.code) if row.kind == "responsibility" else "",
            },
        }
        for row in rows
    ]
