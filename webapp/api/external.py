"""`/api/v1/external-tasks`: work of other programs: fetch and lock, extend, complete, fail.

A lock is a lease with a fence: an answer with an older fence is refused, however late it comes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

import psycopg
from flask import Response, current_app, jsonify
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from bpmn import external
from bpmn.notify import JOB_CHANNEL
from webapp import db
from webapp.access import may
from webapp.api import idempotency, schemas
from webapp.clock import now
from webapp.config import Config

blueprint = Blueprint(
    "api_external", __name__, url_prefix="/api/v1/external-tasks", description="Work of other programs"
)

LOOK_AGAIN = 5.0
"""Seconds after which a waiting request looks by itself: leases expire and retries fall due without a notice."""
WAITING = BoundedSemaphore(10)
"""Requests of this process that may wait, each with a connection of its own; further ones are answered at once."""


@blueprint.route("/fetch-and-lock", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.FetchAndLock)
@blueprint.response(200, schemas.ExternalTask(many=True))
def fetch_and_lock(values: dict[str, Any]) -> Response:
    """Lock tasks of the topics for this worker; with `wait_seconds` the answer waits until there is one."""
    tasks = _take(values)
    if not tasks and values["wait_seconds"] and WAITING.acquire(blocking=False):
        try:
            tasks = _wait(values)
        finally:
            WAITING.release()
    return jsonify(schemas.ExternalTask(many=True).dump(tasks))


def _take(values: dict[str, Any]) -> Sequence[Any]:
    config: Config = current_app.extensions["gridwhistle.config"]
    return db.write(
        lambda s: external.fetch_and_lock(
            s,
            values["worker_id"],
            values["topics"],
            max_tasks=values["max_tasks"],
            lock_for=timedelta(seconds=values["lock_seconds"]),
            now=config.now(),
        )
    )


def _wait(values: dict[str, Any]) -> Sequence[Any]:
    """Look, then wait for a notice and look again; listening begins before looking, so that nothing is missed."""
    config: Config = current_app.extensions["gridwhistle.config"]
    ends_at = time.monotonic() + values["wait_seconds"]
    with psycopg.connect(config.database_url, autocommit=True) as connection:
        connection.execute(f"LISTEN {JOB_CHANNEL}")
        while True:
            tasks = _take(values)
            left = ends_at - time.monotonic()
            if tasks or left <= 0:
                return tasks
            for notice in connection.notifies(timeout=min(left, LOOK_AGAIN)):
                if notice.payload in values["topics"]:
                    break


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
    return _answer(lambda s: external.extend(s, job_id, values["worker_id"], values["fence"], lock_for=length, now=at))


@blueprint.route("/<int:job_id>/complete", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.CompleteExternal)
@blueprint.response(204)
def complete(values: dict[str, Any], job_id: int) -> Response:
    """The work is done; the process goes on with the variables."""
    at = now()
    return _answer(
        lambda s: external.complete(
            s, job_id, values["worker_id"], values["fence"], variables=values["variables"], now=at
        )
    )


@blueprint.route("/<int:job_id>/failure", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.Failure)
@blueprint.response(204)
def fail(values: dict[str, Any], job_id: int) -> Response:
    """It failed technically; tried again later, or an incident when no retry is left."""
    at = now()
    return _answer(
        lambda s: external.fail(
            s, job_id, values["worker_id"], values["fence"], message=values["message"], details=values["details"], now=at
        )
    )


@blueprint.route("/<int:job_id>/bpmn-error", methods=["POST"])
@may("api.external_tasks")
@blueprint.arguments(schemas.BusinessError)
@blueprint.response(204)
def bpmn_error(values: dict[str, Any], job_id: int) -> Response:
    """A business error that the diagram handles."""
    at = now()
    return _answer(
        lambda s: external.bpmn_error(
            s,
            job_id,
            values["worker_id"],
            values["fence"],
            error_code=values["error_code"],
            text=values["message"],
            variables=values["variables"],
            now=at,
        )
    )
