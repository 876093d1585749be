"""`/api/v1/tasks`: lists, one task, claim, give back, complete, drafts."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from bpmn import tasks
from handlers import worklist
from handlers.worklist import Cursor, Filters, Row
from webapp import db, guard
from webapp.access import actor, may, viewer
from webapp.api import idempotency, schemas
from webapp.clock import now

blueprint = Blueprint("api_tasks", __name__, url_prefix="/api/v1/tasks", description="Open user tasks")


@blueprint.route("", methods=["GET"])
@may("task.list")
@blueprint.arguments(schemas.TaskQuery, location="query")
@blueprint.response(200, schemas.TaskPage)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Open tasks, what is due first comes first."""
    filters = Filters(
        steps=tuple(query["step"]),
        communities=tuple(query["community"]),
        categories=tuple(query["category"]),
        holder=query["holder"],
        state=query["state"],
        text=query["q"],
    )
    page = worklist.page(
        db.read(),
        query["scope"],
        viewer=viewer(),
        now=now(),
        filters=filters,
        after=Cursor.decode(query["cursor"]) if query["cursor"] else None,
        limit=query["limit"],
    )
    return {
        "items": [as_task(row) for row in page.rows],
        "next": page.next.encode() if page.next else None,
        "is_partial": page.is_partial,
    }


def as_task(row: Row) -> dict[str, Any]:
    """The row as the schema `Task` wants it."""
    return {"id": row.task_id} | {
        name: getattr(row, name) for name in schemas.Task().fields if name != "id" and hasattr(row, name)
    }


def _document(session: Session, task_id: int) -> dict[str, Any]:
    row = worklist.row_of(session, task_id, viewer())
    document: dict[str, Any] = schemas.Task().dump(as_task(row))
    return document


@blueprint.route("/<int:task_id>", methods=["GET"])
@may("task.view")
@blueprint.response(200, schemas.Task)
def get(task_id: int) -> dict[str, Any]:
    """One open task."""
    return as_task(worklist.row_of(db.read(), task_id, viewer()))


def _act(task_id: int, work: idempotency.Work, *, status: int = 200) -> Response:
    return idempotency.answer(lambda wrapped: guard.write(task_id, wrapped), work, status=status)


@blueprint.route("/<int:task_id>/claim", methods=["POST"])
@may("task.claim")
@blueprint.response(200, schemas.Task)
def claim(task_id: int) -> Response:
    """Take the task. 409 with the holder when somebody else has it."""
    who, at = actor(), now()

    def work(session: Session) -> dict[str, Any]:
        tasks.claim(session, task_id, actor=who, now=at)
        session.flush()
        return _document(session, task_id)

    return _act(task_id, work)


@blueprint.route("/<int:task_id>/unclaim", methods=["POST"])
@may("task.claim")
@blueprint.response(200, schemas.Task)
def unclaim(task_id: int) -> Response:
    """Give the task back to its queue."""
    who, at = actor(), now()

    def work(session: Session) -> dict[str, Any]:
        tasks.unclaim(session, task_id, actor=who, now=at)
        session.flush()
        return _document(session, task_id)

    return _act(task_id, work)


@blueprint.route("/<int:task_id>/complete", methods=["POST"])
@may("task.complete")
@blueprint.arguments(schemas.Values)
@blueprint.response(204)
def complete(values: dict[str, Any], task_id: int) -> Response:
    """Send the answers of the form. 422 names the fields that need attention."""
    who, at = actor(), now()

    def work(session: Session) -> None:
        tasks.complete(session, task_id, values["values"], actor=who, now=at)

    return _act(task_id, work, status=204)


@blueprint.route("/<int:task_id>/draft", methods=["GET"])
@may("task.complete")
@blueprint.response(200, schemas.Values)
def get_draft(task_id: int) -> dict[str, Any]:
    """What was typed and not sent; empty when there is nothing."""
    worklist.row_of(db.read(), task_id, viewer())
    return {"values": tasks.get_draft(db.read(), task_id, actor=actor()) or {}}


@blueprint.route("/<int:task_id>/draft", methods=["PUT"])
@may("task.complete")
@blueprint.arguments(schemas.Values)
@blueprint.response(204)
def save_draft(values: dict[str, Any], task_id: int) -> Response:
    """Keep what is typed, unchecked."""
    who, at = actor(), now()

    def work(session: Session) -> None:
        tasks.save_draft(session, task_id, values["values"], actor=who, now=at)

    return _act(task_id, work, status=204)
