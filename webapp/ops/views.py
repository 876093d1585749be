"""`/health` and `/metrics`. No personal data and no addresses; both may be asked without signing in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bpmn import heartbeat
from webapp import db, metrics
from webapp.access import PUBLIC, may
from webapp.clock import now
from webapp.errors import RETRY_AFTER

blueprint = Blueprint("ops", __name__)

SERVICES = ("ticker", "worker")
WITHIN = timedelta(seconds=30)


@blueprint.get("/health")
@may(PUBLIC)
def health() -> tuple[Response, int, dict[str, str]]:
    """200 while the database, a ticker and a worker answer; else 503 with the names of what is missing."""
    parts: dict[str, Any] = {"web": {"ok": True}}
    seen = _signs()
    parts["database"] = {"ok": seen is not None}
    for service in SERVICES:
        at = (seen or {}).get(service)
        is_alive = at is not None and now() - at <= WITHIN
        parts[service] = {"ok": is_alive, "seen_at": at.isoformat() if at else None}
    missing = [name for name, part in parts.items() if not part["ok"]]
    body = jsonify(status="unavailable" if missing else "ok", missing=missing, parts=parts, at=now().isoformat())
    return (body, 503, {"Retry-After": str(RETRY_AFTER)}) if missing else (body, 200, {})


def _signs() -> dict[str, datetime] | None:
    """The services' last signs, or None when the database does not answer twice (once: a connection of before)."""
    for _ in range(2):
        try:
            return heartbeat.last(db.read())
        except (OperationalError, PoolTimeoutError):
            db.done_reading()
    return None


@blueprint.get("/metrics")
@may(PUBLIC)
def figures() -> Response:
    """Prometheus text format."""
    from webapp.live.views import hub

    return Response(metrics.exposition(db.read(), now(), len(hub())), mimetype="text/plain; version=0.0.4")
