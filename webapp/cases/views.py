"""Case list and case page. Reading only: what changes a case is a task, a report or a photo."""

from __future__ import annotations

from flask import Response, jsonify, make_response, render_template, request

from bpmn.errors import NotFoundError
from handlers.cases import queries
from handlers.cases.tables import Case
from webapp import db
from webapp.access import may, require, viewer
from webapp.cases import instance, listing, map_views, names, page, photo_views
from webapp.cases.blueprint import blueprint
from webapp.clock import now

__all__ = ["blueprint", "map_views", "photo_views"]


@blueprint.get("/cases")
@may("case.list")
def index() -> str:
    """The cases a person may see: search, filters, newest first."""
    return render_template("cases/index.html", list=listing.build(db.read(), viewer(), request.args, now()))


@blueprint.get("/cases/<number>", endpoint="page")
@may("case.view")
def show(number: str) -> str:
    """One case."""
    case = _seen(number)
    return render_template("cases/show.html", page=page.build(db.read(), case, viewer(), now()))


@blueprint.get("/cases/<number>/diagram.bpmn")
@may("case.view")
def diagram(number: str) -> Response:
    """The deployed diagram that the case follows; a version never changes."""
    reading = instance.read(db.read(), _seen(number))
    if reading.definition is None:
        raise NotFoundError(what="diagram")
    response = make_response(instance.diagram_xml(db.read(), reading.definition))
    response.mimetype = "application/xml"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


@blueprint.get("/cases/<number>/diagram.json")
@may("case.view")
def marks(number: str) -> Response:
    """What to draw into the diagram: states of elements, flows taken, captions."""
    case = _seen(number)
    reading = instance.read(db.read(), case)
    progress = reading.progress
    persons = {visit.actor for visit in progress.done} | {task.assignee for task in reading.tasks}
    known = names.load(db.read(), persons=() if viewer().is_volunteer else persons)
    return jsonify(
        {
            "states": progress.states(),
            "flows": sorted(progress.flows),
            "focus": progress.focus(),
            "captions": progress.captions(known, reading.tasks),
        }
    )


def _seen(number: str) -> Case:
    """The case, if the person may see it; a foreign one does not exist for them."""
    case = queries.get(db.read(), number)
    require("case.view", case)
    return case
