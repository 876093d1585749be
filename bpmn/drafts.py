"""Drafts: what a person has typed into the form of an open task and not sent yet. They go with the task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bpmn import guards
from bpmn.errors import InvalidInputError
from bpmn.tables import TaskDraft
from bpmn.values import Actor

_MAX_DRAFT = 200_000


def save_draft(session: Session, task_id: int, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Keep what a person has typed, unchecked, for them alone. It goes with the task.

    :raises NotAllowedError: `actor` is neither holder nor candidate.
    :raises InvalidInputError: it is no JSON or too large; `TaskClosedError`, `NotFoundError`.
    """
    task = guards.get(session, task_id)
    if actor.user_id not in (task.assignee, task.owner):
        guards.require_candidate(guards.held_by(session, task), actor)
    put(session, task_id, actor.user_id, values, now)


def get_draft(session: Session, task_id: int, *, actor: Actor) -> dict[str, Any] | None:
    """What this person has typed so far; None: nothing."""
    draft = session.get(TaskDraft, (task_id, actor.user_id))
    return None if draft is None else dict(draft.values)


def drop_draft(session: Session, task_id: int, *, actor: Actor) -> None:
    """Forget what this person has typed."""
    session.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id, TaskDraft.user_id == actor.user_id))


def put(session: Session, task_id: int, user_id: str, values: Mapping[str, Any], now: datetime) -> None:
    plain = _text(values)
    if plain is None or len(plain) > _MAX_DRAFT:
        raise InvalidInputError(fields={"": [("草稿内容无效或过大", "The draft is invalid or too large.")]})
    statement = insert(TaskDraft).values(
        task_id=task_id, user_id=user_id, values=text("CAST(:draft AS jsonb)").bindparams(draft=plain), saved_at=now
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[TaskDraft.task_id, TaskDraft.user_id],
            set_={"values": statement.excluded["values"], "saved_at": now},
        )
    )


def _text(values: Mapping[str, Any]) -> str | None:
    """Unfinished answers as JSON text, unchecked but for what the database cannot keep; None: they are no JSON."""
    try:
        document = orjson.dumps(dict(values)).decode()
    except (TypeError, ValueError, RecursionError):
        return None
    return None if "\\u0000" in document else document
