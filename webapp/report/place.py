"""Where a report is: the grid of a position, where the map opens, and similar cases near it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import org, permissions
from handlers.cases import duplicates
from handlers.cases.tables import Case, Photo
from handlers.org import Viewer, grids
from handlers.org.tables import GridPlan
from webapp.cases import names, words
from webapp.clock import moment_short
from webapp.i18n import gettext as _
from webapp.i18n import is_chinese


def plan_of(session: Session, viewer: Viewer, now: datetime) -> GridPlan | None:
    """The grid plan of the street where the person works, else any that is in force."""
    streets = [seat.unit_code[:9] for seat in viewer.seats if len(seat.unit_code) >= 9]
    for street in dict.fromkeys(streets):
        found = grids.current_plan(session, street, now)
        if found is not None:
            return found
    statement = select(GridPlan).where(GridPlan.valid_from <= now, GridPlan.valid_to.is_(None))
    return session.scalars(statement.order_by(GridPlan.street_code)).first()


def centre_of(session: Session, viewer: Viewer, plan: GridPlan) -> dict[str, float]:
    """Where the map opens without a position: the person's own grid, else the middle of the street."""
    shapes = grids.shapes(session, plan.id)
    own = {seat.unit_code for seat in viewer.seats}
    row = next((row for row in shapes if row.code in own), None) or shapes[len(shapes) // 2]
    point = shape(row.geometry).representative_point()
    return {"lon": round(point.x, 6), "lat": round(point.y, 6)}


def located(session: Session, lon: float, lat: float, now: datetime) -> dict[str, Any]:
    """The names of the place, or that it lies outside the town."""
    found = org.locate(session, lon, lat, now)
    if found is None:
        return {
            "ok": False,
            "area": _("This point lies outside the town."),
            "grid": None,
            "label": _("outside the town"),
        }
    known = names.load(session, units=[found.street_code, found.community_code, found.responsibility_grid])
    parts = [known.unit(found.street_code), known.unit(found.community_code), known.unit(found.responsibility_grid)]
    return {
        "ok": True,
        "area": " ".join(parts),
        "grid": found.responsibility_grid,
        "label": " ".join(parts[1:]),
    }


def similar(
    session: Session, viewer: Viewer, at: tuple[float, float], category: tuple[str, str], now: datetime
) -> list[dict[str, Any]]:
    """Cases of the category near the place that may be the same problem; details only of those the person may see."""
    lon, lat = at
    code, kind = category
    found = duplicates.nearby(session, lon, lat, code, now, kind=kind, open_only=True, limit=3)
    known = names.load(session, units=[item.case.lead_unit for item in found])
    return [_similar(session, viewer, item, known) for item in found]


def _similar(session: Session, viewer: Viewer, item: duplicates.Nearby, known: names.Names) -> dict[str, Any]:
    case = item.case
    sees = permissions.can(viewer, "case.view", case)
    comma = "，" if is_chinese() else ", "
    status = words.status(case.status)
    return {
        "number": case.number,
        "short": case.number[-4:],
        "title": words.category(case),
        "distance": round(item.distance_m, 1),
        "lon": case.lon,
        "lat": case.lat,
        "status": status,
        "when": _("reported %(at)s", at=moment_short(case.reported_at)) + comma + _("now %(status)s", status=status),
        "who": known.unit(case.lead_unit) if sees else "",
        "thumbnail": _thumbnail(session, case) if sees else None,
    }


def _thumbnail(session: Session, case: Case) -> str | None:
    found = session.scalar(select(Photo.id).where(Photo.case_number == case.number).order_by(Photo.id).limit(1))
    return url_for("cases.photo", photo_id=found, size="small") if found else None


def is_near(case: Case, lon: float, lat: float) -> bool:
    """Whether a report at this place may be the same problem as the case."""
    return duplicates.distance_m(case.lon, case.lat, lon, lat) <= duplicates.RADIUS_M * 2
