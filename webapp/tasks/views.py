"""The page of one task: look, save a draft, add photos, complete. Claiming and returning are the task list's.

A refusal never loses what was typed: the page comes back with the answers and the reason beside them.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from werkzeug.wrappers import Response

from bpmn import errors, tasks
from bpmn.tables import History, ProcessInstance, UserTask
from handlers.cases import photos
from handlers.cases.tables import Case
from webapp import db, formfields
from webapp.access import actor, allowed, may, require, viewer, viewer_or_none, wants_json
from webapp.cases.photo_views import content_of, taken_in
from webapp.clock import moment_short, now
from webapp.errors import on_http, problem_response, status_of
from webapp.i18n import gettext as _
from webapp.i18n import language
from webapp.steps import step_name
from webapp.tasks import page, plain, refusals

blueprint = Blueprint("tasks", __name__)

PHASES = {"Task_Verify": "verify", "Task_Handle": "after", "Task_Inspect": "check"}
"""Which photos a step takes; others belong to the report."""


@blueprint.get("/tasks/<int:task_id>")
@may("task.view")
def form(task_id: int) -> str | Response:
    """The task with its form. One that is closed leads to its case, with a word about it."""
    try:
        task = _seen(task_id)
    except errors.TaskClosedError as error:
        if wants_json():
            raise
        return _to_its_case(error, task_id)
    return render_template("tasks/show.html", page=page.build(db.read(), task, viewer(), now()))


def _to_its_case(error: errors.TaskClosedError, task_id: int) -> Response:
    """To the case of a closed task, with who closed it; whoever may not see the case may not know of the task."""
    number = _number_of_closed(task_id)
    if number is None:
        raise errors.NotFoundError(what="task", task_id=task_id) from error
    name, at = str(error.facts["by"]), moment_short(error.facts["at"])
    if error.facts["outcome"] == "completed":
        flash(_("This step was completed by %(name)s, %(at)s. Here is its case.", name=name, at=at))
    else:
        flash(_("This step was cancelled %(at)s. Here is its case.", at=at))
    return redirect(url_for("cases.page", number=number), 303)


@blueprint.put("/tasks/<int:task_id>/draft")
@may("task.complete")
def draft(task_id: int) -> Response:
    """Keep what was typed so far, for this person alone."""
    _seen(task_id)
    body = request.get_json(silent=True)
    values = body.get("values") if isinstance(body, dict) else None
    if not isinstance(values, dict):
        raise errors.InvalidInputError(fields={"values": [("草稿格式不对。", "The draft is not readable.")]})
    who, at = actor(), now()
    db.write(lambda s: tasks.save_draft(s, task_id, values, actor=who, now=at))
    return jsonify(saved_at=at.isoformat())


@blueprint.post("/tasks/<int:task_id>/photos")
@may("task.complete")
def photo(task_id: int) -> tuple[Response, int]:
    """Take in one photo for an answer; it waits until the task is completed with it."""
    task = _seen(task_id)
    return taken_in(phase=PHASES.get(task.element_id, "before"))


@blueprint.post("/tasks/<int:task_id>/complete")
@may("task.complete")
def complete(task_id: int) -> Response | tuple[str, int]:
    """Send the answers. Done: back to the list with a word; refused: the page again, nothing lost."""
    typed: dict[str, Any] = {}
    number: str | None = None
    try:
        task = _seen(task_id)
        number, name = task.business_key, task.name
        typed = _typed(task)
        if not request.is_json:
            _refuse_unknown(task)
            typed |= _uploaded(task, page.photo_keys_of(db.read(), task))
        who, at = actor(), now()
        options = page.options_of(db.read(), task)
        db.write(lambda s: tasks.complete(s, task_id, typed, actor=who, now=at, options=options))
    except errors.GridWhistleError as error:
        return _refused(error, task_id, number, typed)
    flash(_("Done: %(step)s, %(number)s.", step=step_name(task.process_key, task.element_id, name), number=number))
    target = url_for("tasklist.index")
    return jsonify(location=target) if wants_json() else redirect(target, 303)


def _typed(task: UserTask) -> dict[str, Any]:
    """The answers of this request, from the island (JSON) or from the plain form."""
    if request.is_json:
        body = request.get_json(silent=True)
        values = body.get("values") if isinstance(body, dict) else None
        return values if isinstance(values, dict) else {}
    schema = page.form_of(db.read(), task)
    components = schema["components"] if schema else []
    return plain.values_of(components, request.form)


def _refuse_unknown(task: UserTask) -> None:
    schema = page.form_of(db.read(), task)
    components = schema["components"] if schema else []
    asked = [component["key"] for component in plain.fields_of(components)]
    formfields.refuse_unknown(asked, plain.photo_keys(components), request.form, request.files)


def _uploaded(task: UserTask, keys: list[str]) -> dict[str, Any]:
    """The photos of the plain form by field; one that cannot be taken is told at its field."""
    phase, who, at = PHASES.get(task.element_id, "before"), actor(), now()

    def taken(key: str) -> list[str]:
        try:
            contents = [content_of(file) for file in request.files.getlist(key) if file.filename]
            return db.write(
                lambda s: [photos.add(s, content, phase=phase, actor=who, now=at).id for content in contents]
            )
        except errors.InvalidInputError as error:
            sentences = [pair for pairs in error.facts["fields"].values() for pair in pairs]
            raise errors.InvalidInputError(fields={key: sentences}) from error

    sent = [key for key in keys if any(file.filename for file in request.files.getlist(key))]
    return {key: taken(key) for key in sent}


def _refused(
    error: errors.GridWhistleError, task_id: int, number: str | None, typed: dict[str, Any]
) -> Response | tuple[str, int]:
    if number is None:
        number = _number_of_closed(task_id)
    if wants_json():
        return problem_response(refusals.problem_with_ways(error, task_id=task_id, number=number))
    task = db.read().get(UserTask, task_id)
    if task is None or status_of(error) in {404, 500}:
        raise error
    shown = page.build(db.read(), task, viewer(), now(), typed=typed)
    shown.refusal = refusals.of_error(error, task_id=task_id, number=number)
    if isinstance(error, errors.InvalidInputError):
        shown.errors = error.fields(language())
    return render_template("tasks/show.html", page=shown), status_of(error)


@blueprint.errorhandler(CSRFError)
def _outdated(error: CSRFError) -> Response | tuple[str, int]:
    """The plain form sent from a page that is too old: the form again with the typed answers and a fresh token."""
    if request.endpoint != "tasks.complete" or wants_json() or viewer_or_none() is None:
        return on_http(error)
    task_id = (request.view_args or {})["task_id"]
    try:
        require("task.complete")
        task = _seen(task_id)
        shown = page.build(db.read(), task, viewer(), now(), typed=_typed(task))
    except errors.GridWhistleError:
        return on_http(error)
    if shown.can_complete:
        shown.refusal = refusals.outdated(has_photos=any(file.filename for file in request.files.values()))
    return render_template("tasks/show.html", page=shown), 400


def _number_of_closed(task_id: int) -> str | None:
    """The case of a task that is closed by now, when the person may see it."""
    session = db.read()
    statement = (
        select(Case)
        .join(ProcessInstance, ProcessInstance.business_key == Case.number)
        .join(History, History.instance_id == ProcessInstance.id)
        .where(History.task_id == task_id)
        .limit(1)
    )
    case = session.scalars(statement).first()
    return case.number if case is not None and allowed("case.view", case) else None


def _seen(task_id: int) -> UserTask:
    """The task, if the person may see it; a foreign one does not exist for them.

    :raises TaskClosedError: it was completed or cancelled before.
    """
    task = tasks.get(db.read(), task_id)
    require("task.view", task)
    return task
