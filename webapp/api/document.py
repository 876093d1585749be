"""The OpenAPI document of the API: `GET /api/v1/openapi.json`."""

from __future__ import annotations

from typing import Any

import orjson
from apispec import APISpec
from flask import Blueprint, Response, current_app

from webapp.access import PUBLIC, may

blueprint = Blueprint("api_document", __name__)

SPEC: dict[str, Any] = {
    "info": {
        "description": "BPMN-driven casework for grid-based city governance. Writing requests may carry an "
        "`Idempotency-Key`: the same key gives the same answer and one effect. Lists are paged by `cursor`. "
        "Errors are problem documents (RFC 9457) in the language of `Accept-Language` (zh or en).",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "security": [{"token": []}, {"session": []}],
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable, for programs"},
        "record": {"type": "string", "description": "the id of the request in the log"},
        "errors": {
            "type": "object",
            "description": "sentences by field",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "facts": {"type": "object"},
    },
}


def finish(spec: APISpec) -> None:
    """Add what every operation shares: ways to sign in, the problem document, the idempotency key."""
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "gridwhistle"})
    spec.components.schema("Problem", PROBLEM)
    answer = {
        "description": "a problem document",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    spec.components.response("Problem", answer)
    key = {"schema": {"type": "string", "maxLength": 200}, "description": "repeat a request safely"}
    spec.components.parameter("IdempotencyKey", "header", {"name": "Idempotency-Key", **key})


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Every operation gets the default problem answer, and every writing one the idempotency key."""
    for path in document["paths"].values():
        for method, operation in path.items():
            if method == "parameters":
                continue
            operation.setdefault("responses", {})["default"] = {"$ref": "#/components/responses/Problem"}
            if method != "get":
                operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    return document


@blueprint.get("/api/v1/openapi.json")
@may(PUBLIC)
def openapi() -> Response:
    """OpenAPI 3.1."""
    spec: APISpec = current_app.extensions["gridwhistle.openapi"]
    return Response(orjson.dumps(complete(spec.to_dict())), mimetype="application/json")
