"""`/api/v1/cases`: report a case, read one. No personal data leaves by this door."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from handlers.cases import queries, reports, sources
from handlers.cases.tables import Case
from handlers.cases.validation import Report
from webapp import db
from webapp.access import actor, may, require, viewer
from webapp.api import idempotency, schemas
from webapp.clock import now

blueprint = Blueprint("api_cases", __name__, url_prefix="/api/v1/cases", description="Cases")


@blueprint.route("", methods=["POST"])
@may("case.report")
@blueprint.arguments(schemas.NewCase)
@blueprint.response(201, schemas.Case)
def report(values: dict[str, Any]) -> Response:
    """Report a problem. Sent again with the same `submission_id` it is the same case.

    The source follows from the sender's positions; the desk alone may name another one and the person it came from.
    """
    who, at = actor(), now()
    values["source"] = sources.stated(
        viewer(),
        values["source"],
        reporter_name=values["reporter_name"],
        reporter_contact=values["reporter_contact"],
    )
    values |= {"photo_ids": tuple(values["photo_ids"]), "photo_ids_after": tuple(values["photo_ids_after"])}

    def work(session: Session) -> dict[str, Any]:
        case = reports.report(session, Report(**values), actor=who, now=at)
        document: dict[str, Any] = schemas.Case().dump(case)
        return document

    return idempotency.answer(db.write, work, status=201)


@blueprint.route("/<number>", methods=["GET"])
@may("case.view")
@blueprint.response(200, schemas.Case)
def get(number: str) -> Case:
    """One case, when the person may see it."""
    case = queries.get(db.read(), number)
    require("case.view", case)
    return case
