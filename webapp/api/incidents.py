"""`/api/v1/incidents`: what is stuck, and trying it again."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import incidents
from bpmn.errors import NotFoundError
from bpmn.tables import Incident
from webapp import db
from webapp.access import actor, may, require
from webapp.api import idempotency, schemas
from webapp.clock import now
from webapp.i18n import pick

blueprint = Blueprint("api_incidents", __name__, url_prefix="/api/v1/incidents", description="Incidents")


@blueprint.route("", methods=["GET"])
@may("incidents.view")
@blueprint.arguments(schemas.PageQuery, location="query")
@blueprint.response(200, schemas.IncidentPage)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Open incidents, oldest first; `cursor` is the id of the last one seen."""
    after = int(query["cursor"]) if (query["cursor"] or "").isdecimal() else 0
    statement = select(Incident).where(Incident.resolved_at.is_(None), Incident.id > after).order_by(Incident.id)
    found = list(db.read().scalars(statement.limit(query["limit"] + 1)))
    page = found[: query["limit"]]
    return {
        "items": [as_incident(incident) for incident in page],
        "next": str(page[-1].id) if len(found) > len(page) else None,
    }


def as_incident(incident: Incident) -> dict[str, Any]:
    """The incident as the schema wants it, in the language of the request, without its traceback."""
    names = ("id", "instance_id", "business_key", "element_id", "kind", "created_at", "resolved_at")
    return {name: getattr(incident, name) for name in names} | {"message": pick(incident.zh, incident.en)}


@blueprint.route("/<int:incident_id>/retry", methods=["POST"])
@may("incidents.retry")
@blueprint.arguments(schemas.Retry)
@blueprint.response(204)
def retry(values: dict[str, Any], incident_id: int) -> Response:
    """Try the failed element again. When it fails again, a new incident stands in the list."""
    incident = db.read().get(Incident, incident_id)
    if incident is None:
        raise NotFoundError(what="incident", incident_id=incident_id)
    require("incidents.retry", incident)
    who, at = actor(), now()

    def work(session: Session) -> None:
        incidents.retry(session, incident_id, variables=values["variables"] or None, actor=who, now=at)

    return idempotency.answer(db.write, work, status=204)
