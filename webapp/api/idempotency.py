"""Writing requests that may be repeated: the answer is stored in the transaction of its effect, under the client's key.

The same key with the same request gets the stored answer; with another request it is refused. Refused requests store
nothing, so a corrected one may use the key again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError
from handlers.errors import KeyReusedError
from webapp.access import viewer
from webapp.clock import now
from webapp.tables import IdempotencyKey

KEPT_FOR = timedelta(hours=48)
LONGEST = 200

Work = Callable[[Session], Any]
Write = Callable[[Work], Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request under a key."""

    key: str
    person_id: str
    route: str
    body_hash: str
    created_at: datetime


def answer(write: Write, work: Work, *, status: int = 200) -> Response:
    """Run `work` through `write` (one transaction) and answer its value as JSON.

    :raises KeyReusedError: the key belongs to another request.
    """
    key = _key()
    if key is None:
        return _response(orjson.dumps(write(work), default=_plain), status)
    route = f"{request.method} {request.path}"
    mine = _Asked(
        key=key,
        person_id=viewer().person_id,
        route=route,
        body_hash=hashlib.sha256(route.encode() + b"\n" + request.get_data()).hexdigest(),
        created_at=now(),
    )

    def once(session: Session) -> tuple[bytes, int, bool]:
        if not _take(session, mine):
            return (*_stored(session, mine), True)
        body = orjson.dumps(work(session), default=_plain)
        session.execute(update(IdempotencyKey).where(*_same(mine)).values(status=status, response=body))
        return body, status, False

    body, found, is_replay = write(once)
    response = _response(body, found)
    if is_replay:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    key = key.strip()
    if not key or len(key) > LONGEST or not key.isprintable():
        sentences = (f"应为 1 至 {LONGEST} 个可见字符。", f"It must have 1 to {LONGEST} printable characters.")
        raise InvalidInputError(fields={"Idempotency-Key": [sentences]})
    return key


def _same(asked: _Asked) -> tuple[ColumnElement[bool], ...]:
    return IdempotencyKey.key == asked.key, IdempotencyKey.person_id == asked.person_id


def _take(session: Session, asked: _Asked) -> bool:
    """True when the key is new. A request with the same key that is under way is waited for."""
    statement = insert(IdempotencyKey).values(**asdict(asked), status=None, response=None)
    taken = session.execute(statement.on_conflict_do_nothing().returning(IdempotencyKey.key)).first() is not None
    if taken and asked.body_hash.startswith("00"):  # one request in 256 clears away old answers
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < asked.created_at - KEPT_FOR))
    return taken


def _stored(session: Session, asked: _Asked) -> tuple[bytes, int]:
    row = session.execute(select(IdempotencyKey).where(*_same(asked))).scalar_one()
    if row.body_hash != asked.body_hash:
        sentences = (KeyReusedError.zh, KeyReusedError.en)
        raise KeyReusedError(fields={"Idempotency-Key": [sentences]})
    return row.response or b"null", row.status or 200


def _response(body: bytes, status: int) -> Response:
    if status == 204:
        return Response(status=204)
    return Response(body, status=status, mimetype="application/json")


def _plain(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} is no JSON value")
