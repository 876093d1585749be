"""`/api/v1/tasks`: lists, one task, claim, give back, complete, drafts."""

from __future__ import annotations

from typing import Any

import orjson
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
def index(query: dict[str, Any]) -> Response:
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
    document = {
        "items": [as_task(row) for row in page.rows],
        "next": page.next.encode() if page.next else None,
        "is_partial": page.is_partial,
    }
    return Response(orjson.dumps(document), mimetype="application/json")


def as_task(row: Row) -> dict[str, Any]:
    """The row as the schema `Task` describes it; a test compares the two."""
    return {
        "id": row.task_id,
        "name": row.name,
        "element_id": row.element_id,
        "process_key": row.process_key,
        "instance_id": row.instance_id,
        "business_key": row.business_key,
        "status": row.status,
        "assignee": row.assignee,
        "assignee_name": row.assignee_name,
        "claimed_at": row.claimed_at,
        "due_at": row.due_at,
        "created_at": row.created_at,
        "priority": row.priority,
        "category_code": row.category_code,
        "title": row.title,
        "address": row.address,
        "community_code": row.community_code,
    }


def _document(session: Session, task_id: int) -> dict[str, Any]:
    return as_task(worklist.row_of(session, task_id, viewer()))


@blueprint.route("/<int:task_id>", methods=["GET"])
@may("task.view")
@blueprint.response(200, schemas.Task)
def get(task_id: int) -> Response:
    """One open task."""
    return Response(orjson.dumps(_document(db.read(), task_id)), mimetype="application/json")


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
