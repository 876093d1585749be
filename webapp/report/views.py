"""Reporting: one page for phone and desk, its data, and the two ways of sending (a new case, or photos to an old one).

Repeats are harmless: the Idempotency-Key of the phone is the submission id of the case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, send_from_directory, url_for
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from bpmn.errors import GridWhistleError, InvalidInputError, NotFoundError
from handlers.cases import additions, queries, reports, sources
from handlers.cases.tables import Case
from handlers.errors import SubmissionReusedError
from webapp import assets, db
from webapp.access import actor, allowed, may, viewer, wants_json
from webapp.clock import now
from webapp.errors import problem_of, status_of
from webapp.i18n import gettext as _
from webapp.i18n import language
from webapp.report import categories, incoming, place

blueprint = Blueprint("report", __name__, url_prefix="/report")


@blueprint.get("")
@may("case.report")
def new() -> str:
    """The page: the phone flow where JavaScript runs, else a plain form."""
    return _page({}, {}, None)


@blueprint.post("")
@may("case.report")
def send() -> AnyResponse | tuple[str, int]:
    """Make a case of what was sent. The same key again answers with the same case."""
    try:
        case = _made()
    except InvalidInputError as error:
        if wants_json():
            raise
        typed = request.form.to_dict()
        if isinstance(error, SubmissionReusedError):
            typed.pop("submission_id", None)  # sent once more, it is a report of its own
        return _page(typed, error.fields(language()), error), 422
    sentence = _("Reported as %(number)s. Thank you.", number=case.number)
    target = url_for("cases.page", number=case.number)
    if wants_json():
        response = jsonify(number=case.number, url=target, title=case.title, message=sentence)
        response.status_code = 201
        return response
    flash(sentence)
    return redirect(target, 303)


def _made() -> Case:
    key = request.headers.get("Idempotency-Key")
    given = incoming.read(request.form, request.files, viewer(), key=key)
    who, at = actor(), now()

    def work(session: Session) -> Case:
        before, after = incoming.keep(session, given, actor=who, now=at)
        report = replace(given.report, photo_ids=before, photo_ids_after=after)
        return reports.report(session, report, actor=who, now=at)

    return db.write(work)


@blueprint.post("/same")
@may("case.report")
def same() -> Response:
    """Add photos and words to an open case that was reported already. It stays somebody else's report.

    The case is one that `nearby.json` has just shown to them; who may not see it is told its number alone.
    """
    number = request.form.get("number", "")
    key = request.headers.get("Idempotency-Key")
    given = incoming.read(request.form, request.files, viewer(), key=key, more={"number"})
    report, who, at = given.report, actor(), now()

    def work(session: Session) -> Case:
        if not place.is_near(queries.get(session, number), report.lon, report.lat):
            raise NotFoundError(what="case")

        def take() -> tuple[str, ...]:
            before, after = incoming.keep(session, given, actor=who, now=at)
            return (*before, *after)

        words = report.description or report.result
        return additions.add_same(session, number, words, take, key=report.submission_id, actor=who, now=at)

    case = db.write(work)
    told = {"number": case.number}
    if allowed("case.view", case):
        told |= {"url": url_for("cases.page", number=case.number), "title": case.title}
    response = jsonify(told)
    response.status_code = 201
    return response


@blueprint.get("/categories.json")
@may("case.report")
def categories_json() -> Response:
    """The catalogue for searching on the phone, with what this person used lately and what is common here."""
    response = jsonify(categories.document(db.read(), viewer(), now()))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get("/locate.json")
@may("case.report")
def locate_json() -> Response:
    """The grid of a position."""
    return jsonify(place.located(db.read(), *_position(), now()))


@blueprint.get("/nearby.json")
@may("case.report")
def nearby_json() -> Response:
    """Cases near a position that may be the same problem."""
    category = (request.args.get("category", "")[:16], request.args.get("kind", "event")[:16])
    return jsonify(cases=place.similar(db.read(), viewer(), _position(), category, now()))


@blueprint.get("/session.json")
@may("case.report")
def session_json() -> Response:
    """A fresh token for reports that waited on the phone."""
    return jsonify(csrf=generate_csrf(), person=viewer().person_id)


@blueprint.get("/worker.js")
@may("case.report")
def worker() -> Response:
    """The service worker that lets the page open without a network."""
    response = send_from_directory(assets.STATIC, "report-worker.js")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/report"
    return response


def _position() -> tuple[float, float]:
    try:
        lon, lat = float(request.args["lon"]), float(request.args["lat"])
    except (KeyError, ValueError) as error:
        sentences = ("经纬度不正确。", "Longitude and latitude are not readable.")
        raise InvalidInputError(fields={"position": [sentences]}) from error
    return lon, lat


def _page(form: dict[str, str], errors: dict[str, list[str]], error: GridWhistleError | None) -> str:
    session, who, at = db.read(), viewer(), now()
    plan = place.plan_of(session, who, at)
    centre = place.centre_of(session, who, plan) if plan is not None else {"lon": 114.41, "lat": 23.08}
    document = problem_of(error) if error is not None and status_of(error) != 500 else None
    return render_template(
        "report/new.html",
        config=_config(plan.id if plan is not None else None, centre),
        groups=categories.groups(),
        form={"submission_id": str(uuid4()), "urgency": "normal", "lon": centre["lon"], "lat": centre["lat"], **form},
        errors=errors,
        problem={"title": document["title"], "text": document["detail"]} if document else None,
        urgencies=categories.urgencies(),
    )


def _config(plan_id: str | None, centre: dict[str, float]) -> dict[str, Any]:
    who = viewer()
    return {
        "person": who.person_id,
        "name": who.name if language() == "zh" else who.name_en or who.name,
        "can_self_handle": sources.can_self_handle(who),
        "centre": centre,
        "urls": {
            "send": url_for("report.send"),
            "same": url_for("report.same"),
            "categories": url_for("report.categories_json"),
            "locate": url_for("report.locate_json"),
            "nearby": url_for("report.nearby_json"),
            "session": url_for("report.session_json"),
            "geography": url_for("cases.geography", plan_id=plan_id) if plan_id else "",
            "worker": url_for("report.worker"),
            "scope": url_for("report.new"),
        },
    }
