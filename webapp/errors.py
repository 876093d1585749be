"""From an error class to an answer: a page for people, a problem document (RFC 9457) for programs.

Owns the table of statuses. The sentences belong to the errors (`bpmn.errors`); tracebacks go to the log only.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from bpmn import errors
from bpmn.findings import Finding
from webapp import db
from webapp.access import NotSignedInError, wants_json
from webapp.i18n import gettext as _
from webapp.i18n import is_chinese

log = structlog.get_logger("gridwhistle.web")

RETRY_AFTER = 3

STATUS: dict[type[errors.GridWhistleError], int] = {
    errors.NotFoundError: 404,
    errors.NotAllowedError: 403,
    errors.ConflictError: 409,
    errors.InvalidInputError: 422,
    errors.DefinitionError: 422,
    errors.BpmnError: 409,
    errors.ClockPendingError: 409,
    errors.UnavailableError: 503,
    NotSignedInError: 401,
    errors.InlineFailure: 500,
    errors.GridWhistleError: 500,
}
"""The status of a class is that of its nearest ancestor in this table."""


def status_of(error: errors.GridWhistleError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value)


def problem_of(error: errors.GridWhistleError) -> dict[str, Any]:
    """The problem document of an error, in the language of the request."""
    status = status_of(error)
    chosen = "zh" if is_chinese() else "en"
    document: dict[str, Any] = {
        "type": f"urn:gridwhistle:problem:{error.code.replace('_', '-')}",
        "title": _title(status),
        "status": status,
        "detail": error.message(chosen) if status != 500 else _("Something went wrong on our side."),
        "code": error.code.replace("_", "-"),
        "record": g.get("request_id", ""),
    }
    if isinstance(error, errors.InvalidInputError):
        document["errors"] = error.fields(chosen)
    elif isinstance(error, errors.DefinitionError):
        document["findings"] = [_finding(finding, chosen) for finding in error.facts.get("findings", ())]
    elif status == 409:
        document["facts"] = {name: _plain(value) for name, value in error.facts.items()}
    return document


def _finding(finding: Finding, chosen: str) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "element_id": finding.element_id,
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.text(chosen),
    }


def _title(status: int) -> str:
    titles = {
        400: _("The request is not understood"),
        401: _("Please sign in"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not possible here"),
        409: _("No longer possible"),
        413: _("Too large"),
        415: _("Wrong kind of content"),
        422: _("Please check the fields"),
        429: _("Too many attempts"),
        500: _("Something went wrong"),
        503: _("Not available at this moment"),
    }
    return titles.get(status) or HTTPStatus(status).phrase


def problem_response(document: dict[str, Any]) -> Response:
    """The document with its content type and status."""
    response = Response(orjson.dumps(document), status=document["status"], mimetype="application/problem+json")
    if document["status"] == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    if document["status"] == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer(document: dict[str, Any], error: errors.GridWhistleError | None = None) -> Response:
    """A problem document or a page, whichever was asked for."""
    db.done_reading()
    if wants_json():
        return problem_response(document)
    if document["status"] >= 500:
        g.viewer = None  # the frame is drawn without asking the database again
    response = make_response(render_template("errors/error.html", problem=document, error=error), document["status"])
    if document["status"] == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _on_known(error: errors.GridWhistleError) -> Response:
    document = problem_of(error)
    if document["status"] >= 500:
        log.error("failed", code=error.code, facts=str(dict(error.facts)), exc_info=error)
    return answer(document, error)


def on_http(error: HTTPException) -> Response:
    """The answer to what Flask and its extensions refuse."""
    status = error.code or 500
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "detail": _detail(error, status),
        "code": HTTPStatus(status).name.lower().replace("_", "-"),
        "record": g.get("request_id", ""),
    }
    fields = getattr(error, "data", {}).get("messages") if hasattr(error, "data") else None
    if fields:
        document["errors"] = _flatten(fields)
    response = answer(document)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _detail(error: HTTPException, status: int) -> str:
    if isinstance(error, CSRFError):
        return _("This page is too old or was opened before you signed in. Reload it and send again.")
    details = {
        404: _("There is nothing at this address, or you may not know of it."),
        405: _("This address does not answer to %(method)s.", method=request.method),
        413: _("What you sent is larger than this service accepts."),
        415: _("This address accepts JSON only."),
        422: _("Some fields need attention."),
        400: _("The request could not be read."),
    }
    return details.get(status) or _title(status)


def _flatten(messages: Any, path: str = "") -> dict[str, list[str]]:
    """webargs' nested messages as one level: `values.photo`: [sentence]."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, value in messages.items():
            inner = path if not path and key in {"json", "query", "form", "headers"} else f"{path}.{key}".strip(".")
            found.update(_flatten(value, inner))
        return found
    return {path or "body": [str(message) for message in (messages if isinstance(messages, list) else [messages])]}


def _on_unavailable(error: Exception) -> Response:
    log.warning("database away", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
    return answer(problem_of(errors.UnavailableError()))


def _on_unfit(error: DataError) -> Response:
    """Text or a number that the database cannot keep (a NUL byte, a number beyond its type)."""
    log.warning("unfit value", error=str(error.orig).splitlines()[0])
    sentences = ("内容含有无法保存的字符或数值。", "There is a character or number that cannot be stored.")
    return answer(problem_of(errors.InvalidInputError(fields={"": [sentences]})))


def _on_unknown(error: Exception) -> Response:
    log.error("unexpected", exc_info=error)
    return answer(problem_of(errors.GridWhistleError()))


def init_app(app: Flask) -> None:
    """Register the handlers; the order of classes does not matter, Flask takes the nearest."""
    app.register_error_handler(errors.GridWhistleError, _on_known)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(DataError, _on_unfit)
    app.register_error_handler(OperationalError, _on_unavailable)
    app.register_error_handler(PoolTimeoutError, _on_unavailable)
    app.register_error_handler(Exception, _on_unknown)
