"""`/api/v1/messages` and `/api/v1/signals`: events from other systems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from bpmn import messages
from bpmn.database import new_id
from webapp import db
from webapp.access import actor, may
from webapp.api import idempotency, schemas
from webapp.clock import now

blueprint = Blueprint("api_messages", __name__, url_prefix="/api/v1", description="Messages and signals")


@blueprint.route("/messages", methods=["POST"])
@may("api.messages")
@blueprint.arguments(schemas.NewMessage)
@blueprint.response(200, schemas.Receipt)
def publish(values: dict[str, Any]) -> Response:
    """Publish a message. A repeated `message_id` is answered with what became of the first one, and not repeated."""
    message_id = values["message_id"] or new_id()
    who, at = actor(), now()

    def work(session: Session) -> dict[str, Any]:
        receipt = messages.publish(
            session,
            values["name"],
            message_id=message_id,
            business_key=values["business_key"],
            correlation=values["correlation"],
            variables=values["variables"],
            ttl=timedelta(seconds=values["ttl_seconds"]),
            now=at,
            actor=who,
        )
        return {"message_id": message_id, "status": receipt.status, "instance_id": receipt.instance_id}

    return idempotency.answer(db.write, work)


@blueprint.route("/signals", methods=["POST"])
@may("api.messages")
@blueprint.arguments(schemas.NewSignal)
@blueprint.response(204)
def signal(values: dict[str, Any]) -> Response:
    """Broadcast a signal to everybody who waits for it now."""
    who, at = actor(), now()

    def work(session: Session) -> None:
        messages.signal(session, values["name"], values["variables"], now=at, actor=who)

    return idempotency.answer(db.write, work, status=204)
