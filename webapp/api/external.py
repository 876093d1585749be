"""`/api/v1/external-tasks`: work of other programs: fetch and lock, extend, complete, fail.

A lock is a lease with a fence: an answer with an older fence is refused, however late it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

from flask import Response, current_app, jsonify
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from bpmn import external
from webapp import db
from webapp.access import actor, may
from webapp.api import idempotency, schemas
from webapp.clock import now
from webapp.config import Config

blueprint = Blueprint(
    "api_external", __name__, url_prefix="/api/v1/external-tasks", description="Work of other programs"
)

WAITING = BoundedSemaphore(10)
"""Requests of this process that may wait, each with a connection of its own; further ones are answered at once."""


@blueprint.route("/fetch-and-lock", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.FetchAndLock)
@blueprint.response(200, schemas.ExternalTask(many=True))
def fetch_and_lock(values: dict[str, Any]) -> Response:
    """Lock tasks of the topics for this worker; with `wait_seconds` the answer waits until there is one."""
    db.done_reading()
    config: Config = current_app.extensions["gridwhistle.config"]
    may_wait = values["wait_seconds"] > 0 and WAITING.acquire(blocking=False)
    try:
        tasks = external.poll(
            db.factory(),
            values["worker_id"],
            values["topics"],
            values["max_tasks"],
            timedelta(seconds=values["lock_seconds"]),
            wait=timedelta(seconds=values["wait_seconds"] if may_wait else 0),
            clock=config.now,
        )
    finally:
        if may_wait:
            WAITING.release()
    return jsonify(schemas.ExternalTask(many=True).dump(tasks))


def _answer(work: Callable[[Session], Any]) -> Response:
    def unit(session: Session) -> None:
        work(session)

    return idempotency.answer(db.write, unit, status=204)


@blueprint.route("/<int:job_id>/extend", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.Extend)
@blueprint.response(204)
def extend(values: dict[str, Any], job_id: int) -> Response:
    """Keep the lock for longer from now."""
    at, length = now(), timedelta(seconds=values["lock_seconds"])
    return _answer(lambda s: external.extend(s, job_id, values["fence"], length, now=at))


@blueprint.route("/<int:job_id>/complete", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.CompleteExternal)
@blueprint.response(204)
def complete(values: dict[str, Any], job_id: int) -> Response:
    """The work is done; the process goes on with the variables."""
    who, at = actor(), now()
    return _answer(lambda s: external.complete(s, job_id, values["fence"], values["variables"], actor=who, now=at))


@blueprint.route("/<int:job_id>/failure", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.Failure)
@blueprint.response(204)
def fail(values: dict[str, Any], job_id: int) -> Response:
    """It failed technically: tried again later, or an incident when no retry is left."""
    who, at = actor(), now()
    pause = values["retry_after_seconds"]
    return _answer(
        lambda s: external.fail(
            s,
            job_id,
            values["fence"],
            values["message"],
            details=values["details"],
            retries=values["retries"],
            retry_in=None if pause is None else timedelta(seconds=pause),
            actor=who,
            now=at,
        )
    )


@blueprint.route("/<int:job_id>/bpmn-error", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.BusinessError)
@blueprint.response(204)
def bpmn_error(values: dict[str, Any], job_id: int) -> Response:
    """A business error that the diagram handles."""
    who, at = actor(), now()
    code, variables = values["error_code"], values["variables"]
    return _answer(lambda s: external.bpmn_error(s, job_id, values["fence"], code, variables, actor=who, now=at))
