"""Structured logging: one JSON line per event, with the request's id. Owns the shape of the lines.

A request id that a reverse proxy sent is kept when it is harmless, else made here, and is in every answer.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("gridwhistle.web")
_HARMLESS = re.compile(r"[A-Za-z0-9._-]{8,64}")


def configure(level: str = "INFO") -> None:
    """Send structlog and the standard library's records to stderr as JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(lambda value, **_: orjson.dumps(value, default=str).decode()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for talkative in ("apscheduler", "procrastinate"):
        logging.getLogger(talkative).setLevel(max(logging.WARNING, root.level))


def init_app(app: Flask) -> None:
    """Give every request an id, time it and write one line when it ends."""

    @app.before_request
    def begin() -> None:
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if _HARMLESS.fullmatch(sent) else secrets.token_hex(8)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        quiet = request.endpoint in {"static", "ops.health", "ops.metrics"} and response.status_code < 400
        (log.debug if quiet else log.info)(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            person=g.get("person_id"),
        )
        return response
