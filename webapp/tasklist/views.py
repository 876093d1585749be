"""The pages of the task list and what a row can do without leaving it: claim, give back, claim many.

Every action answers a program with JSON and a plain form with a redirect, so the list works without scripts.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from bpmn import tasks
from bpmn.errors import GridWhistleError, InvalidInputError
from bpmn.values import Actor
from handlers import worklist
from handlers.org import Viewer
from handlers.worklist.values import Scope
from webapp import db, guard
from webapp.access import actor, may, viewer, wants_json
from webapp.clock import now
from webapp.errors import problem_of
from webapp.i18n import gettext as _
from webapp.navigation import own_path
from webapp.tasklist.query import LIMIT, Query
from webapp.tasklist.view import line_of, row_words, screen

blueprint = Blueprint("tasklist", __name__)
blueprint.add_app_template_global(row_words)

MOST_AT_ONCE = 50
"""How many tasks one bulk claim may name."""


def default_scope(person: Viewer) -> Scope:
    """Where the list opens: the queues of somebody who has any, else one's own tasks."""
    return "queue" if person.groups else "mine"


@blueprint.get("/")
@may("task.list")
def index() -> str:
    """The list. `X-Fragment: list` asks for its inside alone, which is how an open page renews itself."""
    person = viewer()
    query = Query.from_args(request.args, default_scope(person))
    found = screen(db.read(), query, person, now(), LIMIT)
    template = "tasklist/_work.html" if request.headers.get("X-Fragment") == "list" else "tasklist/index.html"
    return render_template(template, screen=found)


@blueprint.get("/tasks/<int:task_id>/row")
@may("task.view")
def row(task_id: int) -> str:
    """One row as it is now; 404 when the task is closed or not for this person's eyes."""
    person = viewer()
    return _row_html(task_id, person)


def _row_html(task_id: int, person: Viewer) -> str:
    found = worklist.row_of(db.read(), task_id, person)
    return render_template("tasklist/_one.html", line=line_of(db.read(), found, person, now()))


@blueprint.post("/tasks/<int:task_id>/claim")
@may("task.claim")
def claim(task_id: int) -> Response:
    """Take the task. Taking one's own again changes nothing; 409 tells who holds it since when."""
    who, at = actor(), now()
    guard.write(task_id, lambda s: tasks.claim(s, task_id, actor=who, now=at))
    return _answer(task_id, _("Claimed. It is in your tasks now."))


@blueprint.post("/tasks/<int:task_id>/unclaim")
@may("task.claim")
def unclaim(task_id: int) -> Response:
    """Give the task back to its queue: the undo of a claim."""
    who, at = actor(), now()
    guard.require_known(task_id)
    guard.write(task_id, lambda s: tasks.unclaim(s, task_id, actor=who, now=at))
    return _answer(task_id, _("Given back to the queue."))


def _answer(task_id: int, sentence: str) -> Response:
    if wants_json():
        return jsonify(task_id=task_id, message=sentence, row=_row_html(task_id, viewer()))
    flash(sentence)
    return redirect(own_path(request.form.get("next")), 303)


@blueprint.post("/tasks/claim")
@may("task.claim")
def claim_many() -> Response:
    """Claim several tasks, each in a transaction of its own: one that is gone does not spoil the others.

    The answer tells for every task what became of it.
    """
    ids = _ids()
    who, at = actor(), now()
    outcomes = [_claim_one(task_id, who, at) for task_id in ids]
    claimed = sum(1 for outcome in outcomes if outcome["outcome"] == "claimed")
    sentence = _("%(claimed)s of %(all)s claimed.", claimed=claimed, all=len(outcomes))
    if wants_json():
        return jsonify(message=sentence, claimed=claimed, outcomes=outcomes)
    refused = [outcome["detail"] for outcome in outcomes if outcome["outcome"] != "claimed"]
    flash(" ".join([sentence, *refused]))
    return redirect(own_path(request.form.get("next")), 303)


def _claim_one(task_id: int, who: Actor, at: Any) -> dict[str, Any]:
    try:
        guard.write(task_id, lambda s: tasks.claim(s, task_id, actor=who, now=at))
    except GridWhistleError as error:
        problem = problem_of(error)
        if problem["status"] >= 500:
            raise
        return {"task_id": task_id, "outcome": problem["code"], "detail": problem["detail"]}
    return {"task_id": task_id, "outcome": "claimed", "detail": _("Claimed.")}


def _ids() -> list[int]:
    given = request.get_json(silent=True) if request.is_json else None
    raw = given.get("task_ids", []) if isinstance(given, dict) else request.form.getlist("task_id")
    try:
        ids = list(dict.fromkeys(int(value) for value in raw)) if isinstance(raw, list) else []
    except (TypeError, ValueError):
        ids = []
    if not ids or len(ids) > MOST_AT_ONCE or min(ids) < 1 or max(ids) >= 2**63:
        sentence = (f"请选择 1 至 {MOST_AT_ONCE} 件任务。", f"Choose 1 to {MOST_AT_ONCE} tasks.")
        raise InvalidInputError(fields={"task_ids": [sentence]})
    return ids
