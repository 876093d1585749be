"""Moves the rows that refer to a domain clock: waiting timers, due moments of open tasks, the order of lists.

Owns one statement. Whose clock moved and what it means is told by the caller (`bpmn.timers`, `bpmn.execution`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from bpmn import notify
from bpmn.tables import FAR_FUTURE

DueFor = Callable[[str], datetime | None]

_FOLLOW = text(f"""
WITH d AS (SELECT * FROM jsonb_to_recordset(CAST(:dues AS jsonb)) AS d(ref text, due_at timestamptz)),
moved AS (
  UPDATE timer SET due_at = d.due_at, queued_at = NULL FROM d WHERE instance_id = :id AND value = d.ref),
tasks AS (
  UPDATE user_task SET due_at = d.due_at, sort_at = COALESCE(d.due_at, CAST('{FAR_FUTURE}' AS timestamptz))
  FROM d WHERE instance_id = :id AND due_ref = d.ref RETURNING user_task.id, sort_at)
UPDATE task_candidate c SET sort_at = tasks.sort_at FROM tasks WHERE c.task_id = tasks.id""")


def follow(
    session: Session,
    instance_id: str,
    clocks: Iterable[str],
    reference: str,
    due_for: DueFor,
) -> None:
    """Move the rows of a locked instance that refer to one of `clocks` named by `reference`. No statement if none."""
    moved = {clock: due_for(clock) for clock in clocks if clock == reference or clock.startswith(f"{reference}@")}
    if not moved:
        return
    records = [{"ref": clock, "due_at": due_at} for clock, due_at in moved.items()]
    session.execute(_FOLLOW, {"dues": orjson.dumps(records).decode(), "id": instance_id})
    known = [due_at for due_at in moved.values() if due_at is not None]
    if known:
        notify.wake_ticker(session, min(known))
