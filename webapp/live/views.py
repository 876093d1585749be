"""`/live`: the stream of one page. With `?case=NUMBER` it hears about that case, else about the person's lists.

A stream ends by itself after ten minutes: the browser comes back, and with it the check who it is.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, request

from handlers.cases import queries as cases
from webapp import db
from webapp.access import may, require, viewer
from webapp.live.hub import ENDED, RESYNC, Hub, Stream

blueprint = Blueprint("live", __name__)

HEARTBEAT = 15.0
LIFETIME = 600.0


@blueprint.record_once
def _prepare(state: Any) -> None:
    app: Flask = state.app
    config = app.extensions["gridwhistle.config"]
    app.extensions["gridwhistle.live"] = Hub(config.database_url, config.live_limit)


def hub() -> Hub:
    """The hub of this process."""
    found: Hub = current_app.extensions["gridwhistle.live"]
    return found


@blueprint.get("/live")
@may("live.listen")
def stream() -> Response:
    """Server-Sent Events. 204 tells the browser to stop and the page to poll: this process is full."""
    person = viewer()
    number = request.args.get("case")
    if number:
        require("case.view", cases.get(db.read(), number))
    mine = Stream(person.person_id, person.groups, number or None)
    db.done_reading()
    if not hub().join(mine):
        return Response(status=204)
    response = Response(_events(hub(), mine), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    found = hub()
    response.call_on_close(lambda: found.leave(mine))
    return response


def _events(found: Hub, mine: Stream) -> Iterator[bytes]:
    ends_at = time.monotonic() + LIFETIME
    try:
        yield b"retry: 2000\nevent: hello\ndata: {}\n\n"
        while (left := ends_at - time.monotonic()) > 0:
            try:
                event = mine.inbox.get(timeout=min(HEARTBEAT, left))
            except queue.Empty:
                yield b"event: beat\ndata: {}\n\n"
                continue
            if event is ENDED:
                return
            yield _frame(event)
    finally:
        found.leave(mine)


def _frame(event: Any) -> bytes:
    if event is RESYNC:
        return b"event: resync\ndata: {}\n\n"
    shown = {key: event[key] for key in ("kind", "task_id", "business_key") if event.get(key) is not None}
    return b"event: change\ndata: " + orjson.dumps(shown) + b"\n\n"
