"""`/api/v1/deployments`: deploy files that belong together, list what was deployed."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import contents, definitions
from bpmn.errors import InvalidInputError
from bpmn.tables import Deployment
from webapp import db
from webapp.access import actor, may
from webapp.api import idempotency, schemas
from webapp.clock import now

blueprint = Blueprint("api_deployments", __name__, url_prefix="/api/v1/deployments", description="Deployments")

NEWEST = 100


@blueprint.route("", methods=["GET"])
@may("deployments.admin")
@blueprint.response(200, schemas.Deployment(many=True))
def index() -> list[Deployment]:
    """The newest deployments."""
    return list(db.read().scalars(select(Deployment).order_by(Deployment.deployed_at.desc()).limit(NEWEST)))


@blueprint.route("", methods=["POST"])
@may("api.deploy")
@blueprint.arguments(schemas.NewDeployment)
@blueprint.response(201, schemas.Deployment)
def deploy(values: dict[str, Any]) -> Response:
    """Deploy. The same contents again are the same deployment; 422 lists every finding, and nothing is stored."""
    files = contents.collect((entry["path"], _content(entry)) for entry in values["files"])
    who, at = actor(), now()

    def work(session: Session) -> dict[str, Any]:
        made = definitions.deploy(session, values["name"], files, actor=who, now=at, activate=values["activate"])
        document: dict[str, Any] = schemas.Deployment().dump(made)
        return document

    return idempotency.answer(db.write, work, status=201)


def _content(entry: dict[str, str]) -> bytes:
    path = contents.shown(entry["path"])
    try:
        if entry["encoding"] == "utf-8":
            return entry["content"].encode()
        return base64.b64decode(entry["content"], validate=True)
    except UnicodeEncodeError as error:
        sentences = (f"{path} 不是有效的文本。", f"{path} is no valid text.")
        raise InvalidInputError(fields={"files": [sentences]}) from error
    except (binascii.Error, ValueError) as error:
        sentences = (f"{path} 不是有效的 base64。", f"{path} is no valid base64.")
        raise InvalidInputError(fields={"files": [sentences]}) from error
