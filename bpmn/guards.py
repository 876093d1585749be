"""Guards of user tasks: is it open, who holds it, who may do it, and what to say when not.

Reads only. What a person then does with the task belongs to `bpmn.tasks` and `bpmn.drafts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from bpmn.errors import NotAllowedError, NotFoundError, TaskAlreadyClaimedError, TaskClosedError
from bpmn.tables import History, TaskCandidate, UserTask
from bpmn.values import Actor


@dataclass(frozen=True, slots=True)
class Held:
    """What the guards look at."""

    task_id: int
    assignee: str | None
    owner: str | None
    claimed_at: datetime | None
    excluded_users: Sequence[str]
    candidates: Sequence[str]


def get(session: Session, task_id: int, *, lock: bool = False) -> UserTask:
    """An open task.

    :raises TaskClosedError: it was completed or cancelled; says when and by whom.
    :raises NotFoundError: there never was one.
    """
    query = select(UserTask).where(UserTask.id == task_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    task = session.scalars(query).first()
    if task is None:
        raise closed_error(session, task_id)
    return task


def closed_error(session: Session, task_id: int) -> TaskClosedError | NotFoundError:
    """What to raise about a task that is not open."""
    row = session.scalars(
        select(History)
        .where(History.task_id == task_id, History.tag.in_(("task:complete", "task:cancel")))
        .order_by(History.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return NotFoundError(what="task", task_id=task_id)
    is_done = row.tag == "task:complete"
    by = str((row.detail or {}).get("by") or row.actor)
    outcome = ("办结", "completed") if is_done else ("取消", "cancelled")
    return TaskClosedError(
        outcome_zh=outcome[0], outcome_en=outcome[1], by=by, at=row.at, task_id=task_id, outcome=outcome[1]
    )


def held_by(session: Session, task: UserTask) -> Held:
    candidates = session.scalars(select(TaskCandidate.candidate).where(TaskCandidate.task_id == task.id)).all()
    return Held(task.id, task.assignee, task.owner, task.claimed_at, task.excluded_users, candidates)


def is_candidate(held: Held, actor: Actor) -> bool:
    """Whether the person may take it: by group or by name. A task without candidates may be taken by anybody."""
    if actor.system or not held.candidates:
        return True
    return f"u:{actor.user_id}" in held.candidates or any(f"g:{group}" in held.candidates for group in actor.groups)


def require_candidate(held: Held, actor: Actor) -> None:
    """:raises NotAllowedError: the person is no candidate, or is excluded."""
    require_not_excluded(held.excluded_users, actor.user_id)
    if not is_candidate(held, actor):
        raise NotAllowedError(
            why_zh="该任务不在您的待办队列中", why_en="the task is in none of your queues", task_id=held.task_id
        )


def already_claimed(task: UserTask) -> TaskAlreadyClaimedError:
    """Who holds it since when. The name is the one noted at the claim."""
    session = object_session(task)
    name = holder_name(session, task.id, str(task.assignee)) if session else str(task.assignee)
    return TaskAlreadyClaimedError(holder=name, since=task.claimed_at or task.created_at, user_id=task.assignee)


def holder_name(session: Session, task_id: int, user_id: str) -> str:
    """The name of the one who holds a task as noted when they claimed it or were given it; else their id."""
    rows = session.scalars(
        select(History)
        .where(History.task_id == task_id, History.tag.in_(("task:claim", "task:assign")))
        .order_by(History.id.desc())
    )
    for row in rows:
        detail = row.detail or {}
        if row.tag == "task:claim" and row.actor == user_id:
            return str(detail.get("by") or user_id)
        if detail.get("to") == user_id:
            return str(detail.get("name") or user_id)
    return user_id


def require_holder(task: UserTask, actor: Actor) -> None:
    if task.assignee != actor.user_id and not actor.system:
        raise NotAllowedError(why_zh="该任务不由您持有", why_en="you do not hold this task", task_id=task.id)


def require_not_excluded(excluded: Sequence[str], user_id: str) -> None:
    if user_id in excluded:
        raise NotAllowedError(
            why_zh="按职责分离要求，前面环节的经办人不能办理本环节",
            why_en="separation of duties: whoever did an earlier step may not do this one",
        )
