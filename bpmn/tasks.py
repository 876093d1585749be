"""User tasks: who may do them and what happens to them. Open tasks are rows, closed ones are history.

Owns claim, return, assignment, delegation and completion. Who may is told by `bpmn.guards`, completing is a step of
`bpmn.execution`, answers are checked by `bpmn.forms`; lists are read through `bpmn.queries`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import definitions, drafts, execution, forms, guards, history, hotsql, notify, states
from bpmn.drafts import drop_draft, get_draft, save_draft
from bpmn.engine.contract import COMPLETED_BY, CompleteUserTask, Step, ThrowError
from bpmn.errors import NotAllowedError, TaskAlreadyClaimedError
from bpmn.guards import closed_error, get
from bpmn.mirror import Instance
from bpmn.tables import ProcessInstance, TaskCandidate, UserTask
from bpmn.values import Actor, Variables

__all__ = [
    "assign",
    "claim",
    "closed_error",
    "complete",
    "delegate",
    "drop_draft",
    "form_of",
    "get",
    "get_draft",
    "resolve",
    "save_draft",
    "throw_error",
    "unclaim",
]

_LOCK = hotsql.prepare(f"""
SELECT {execution.COLUMNS}, t.wait_key, t.name, t.status, t.form, t.created_at, t.assignee, t.owner, t.claimed_at,
  t.excluded_users,
  (SELECT array_agg(c.candidate) FROM task_candidate c WHERE c.task_id = t.id) AS candidates
FROM process_instance i JOIN user_task t ON t.instance_id = i.id WHERE t.id = :id FOR UPDATE OF i, t""")


@dataclass(frozen=True, slots=True)
class _Open:
    """A locked open task, as far as completing needs it."""

    wait_key: str
    name: str
    status: str
    form: str | None
    created_at: datetime
    held: guards.Held


# --- who holds it -----------------------------------------------------------------------------------------------


def claim(session: Session, task_id: int, *, actor: Actor, now: datetime) -> UserTask:
    """Give the task to `actor`. Claiming one's own task again changes nothing.

    :raises TaskAlreadyClaimedError: somebody else holds it; says who and since when.
    :raises NotAllowedError: `actor` is no candidate or is excluded; `TaskClosedError`, `NotFoundError`.
    """
    task = guards.get(session, task_id, lock=True)
    if task.assignee == actor.user_id:
        return task
    guards.require_candidate(guards.held_by(session, task), actor)
    if task.assignee is not None:
        raise guards.already_claimed(task)
    _give(task, actor.user_id, "claimed", now)
    _note(session, task, "task:claim", {"by": actor.name or actor.user_id}, actor, now)
    return task


def unclaim(session: Session, task_id: int, *, actor: Actor, now: datetime) -> UserTask:
    """Give the task back to its candidates. A free task stays free. A delegated one goes back to its owner.

    :raises NotAllowedError: somebody else holds it; `TaskClosedError`, `NotFoundError`.
    """
    task = guards.get(session, task_id, lock=True)
    if task.assignee is None:
        return task
    guards.require_holder(task, actor)
    if task.owner is not None:
        return _back_to_owner(session, task, "task:return", {}, actor, now)
    _give(task, None, "open", now)
    _note(session, task, "task:unclaim", {}, actor, now)
    return task


def assign(
    session: Session, task_id: int, user_id: str, *, actor: Actor, now: datetime, name: str = "", reason: str = ""
) -> UserTask:
    """Give the task to somebody, whoever holds it. Who may do that is decided by the caller.

    :raises NotAllowedError: the person is excluded from this task; `TaskClosedError`, `NotFoundError`.
    """
    task = guards.get(session, task_id, lock=True)
    guards.require_not_excluded(task.excluded_users, user_id)
    if task.assignee == user_id and task.status == "claimed":
        return task
    before = task.assignee
    task.owner = None
    _give(task, user_id, "claimed", now)
    _note(session, task, "task:assign", {"to": user_id, "name": name, "from": before, "reason": reason}, actor, now)
    return task


def delegate(
    session: Session, task_id: int, user_id: str, *, actor: Actor, now: datetime, reason: str = ""
) -> UserTask:
    """The holder asks somebody else to prepare the task; it comes back by `resolve`. The first owner stays owner.

    :raises NotAllowedError: `actor` does not hold it, or the person is excluded; `TaskClosedError`, `NotFoundError`.
    """
    task = guards.get(session, task_id, lock=True)
    guards.require_holder(task, actor)
    guards.require_not_excluded(task.excluded_users, user_id)
    if user_id == task.assignee:
        return task
    task.owner = task.owner or task.assignee
    _give(task, user_id, "delegated", now)
    _note(session, task, "task:delegate", {"to": user_id, "reason": reason}, actor, now)
    return task


def resolve(
    session: Session,
    task_id: int,
    values: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> UserTask:
    """Give a delegated task back to its owner; `values` become the owner's draft.

    :raises NotAllowedError: it is not delegated to `actor`; `TaskClosedError`, `NotFoundError`.
    """
    task = guards.get(session, task_id, lock=True)
    guards.require_holder(task, actor)
    if task.owner is None:
        raise NotAllowedError(why_zh="该任务没有被委托", why_en="the task is not delegated")
    if values:
        drafts.put(session, task.id, task.owner, values, now)
    return _back_to_owner(session, task, "task:resolve", {}, actor, now)


# --- completing -------------------------------------------------------------------------------------------------


def complete(
    session: Session,
    task_id: int,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    options: Mapping[str, Sequence[str]] | None = None,
) -> Step:
    """Complete the task with a person's answers. A candidate who has not claimed a free task need not.

    `options` are the run-time choices of the form by their `valuesKey`.

    :raises InvalidInputError: an answer is missing, unknown or wrong; nothing has changed.
    :raises TaskAlreadyClaimedError: somebody else holds it; `TaskClosedError`: it is done or cancelled.
    :raises NotAllowedError: `actor` is no candidate, is excluded, or only prepares it for its owner.
    """
    task, instance = _locked(session, task_id, actor)
    states.TASK.check("claimed" if task.status == "open" else task.status, "completed")
    answers: Variables = dict(values)
    if task.form is not None:
        answers = forms.clean(definitions.form(session, instance.definition_id, task.form), values, choices=options)
    detail: dict[str, Any] = {"name": task.name, "by": actor.name or actor.user_id}
    if isinstance(outcome := answers.get("outcome"), str | int | bool):
        detail["outcome"] = outcome
    detail["opened_at"] = task.created_at.isoformat(timespec="seconds")
    if task.held.claimed_at is not None:
        detail["claimed_at"] = task.held.claimed_at.isoformat(timespec="seconds")
    answers[COMPLETED_BY] = actor.user_id
    command = CompleteUserTask(task.wait_key, answers)
    return execution.advance_locked(session, instance, command, actor=actor, now=now, detail=detail, task_id=task_id)


def throw_error(
    session: Session,
    task_id: int,
    error_code: str,
    variables: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Step:
    """End the task by a business error of the diagram. Guards as in `complete`."""
    task, instance = _locked(session, task_id, actor)
    command = ThrowError(task.wait_key, error_code, dict(variables or {}))
    detail = {"name": task.name, "by": actor.name or actor.user_id, "error": error_code}
    return execution.advance_locked(session, instance, command, actor=actor, now=now, detail=detail, task_id=task_id)


def _locked(session: Session, task_id: int, actor: Actor) -> tuple[_Open, Instance]:
    """Lock the instance and the task in one statement and check the guards of completing."""
    rows = hotsql.execute(session, _LOCK, {"id": task_id})
    if not rows:
        raise guards.closed_error(session, task_id)
    instance = execution.read(rows[0])
    wait_key, name, status, form, created_at, assignee, owner, claimed_at, excluded, candidates = rows[0][10:]
    if wait_key not in instance.waits:
        raise guards.closed_error(session, task_id)
    held = guards.Held(task_id, assignee, owner, claimed_at, excluded, candidates or ())
    if held.assignee is not None and held.assignee != actor.user_id and not actor.system:
        if guards.is_candidate(held, actor):
            raise TaskAlreadyClaimedError(
                holder=guards.holder_name(session, task_id, held.assignee), since=held.claimed_at, user_id=held.assignee
            )
        guards.require_candidate(held, actor)
    if held.assignee is None:
        guards.require_candidate(held, actor)
    guards.require_not_excluded(held.excluded_users, actor.user_id)
    if held.owner is not None:
        raise NotAllowedError(
            why_zh="该任务是受托办理，请先交回委托人", why_en="it was delegated to you; resolve it to its owner first"
        )
    return _Open(wait_key, name, status, form, created_at, held), instance


# --- forms -------------------------------------------------------------------------------------------------------


def form_of(session: Session, task_id: int) -> dict[str, Any] | None:
    """The form JSON of an open task; None when it has none.

    :raises TaskClosedError: it is closed; `NotFoundError`.
    """
    row = session.execute(
        select(ProcessInstance.definition_id, UserTask.form)
        .join(UserTask, UserTask.instance_id == ProcessInstance.id)
        .where(UserTask.id == task_id)
    ).one_or_none()
    if row is None:
        raise guards.closed_error(session, task_id)
    return None if row.form is None else definitions.form(session, row.definition_id, row.form)


# --- small things -----------------------------------------------------------------------------------------------


def _give(task: UserTask, user_id: str | None, status: str, now: datetime) -> None:
    task.status = states.TASK.check(task.status, status)
    task.assignee = user_id
    task.claimed_at = None if user_id is None else now


def _back_to_owner(
    session: Session, task: UserTask, tag: str, detail: dict[str, Any], actor: Actor, now: datetime
) -> UserTask:
    owner, task.owner = task.owner, None
    _give(task, owner, "claimed", now)
    _note(session, task, tag, {"to": owner} | detail, actor, now)
    return task


def _note(session: Session, task: UserTask, tag: str, detail: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """History row and notification of a change that is no step."""
    clean = {name: value for name, value in detail.items() if value}
    history.add(
        session, task.instance_id, tag, clean, actor=actor, now=now, element_id=task.element_id, task_id=task.id
    )
    candidates = session.scalars(select(TaskCandidate.candidate).where(TaskCandidate.task_id == task.id)).all()
    groups, users = notify.audience(candidates)
    notify.tell(
        session, kind="task", change=tag.removeprefix("task:"), task_id=task.id, groups=groups, users=users,
        assignee=task.assignee, instance=task.instance_id, business_key=task.business_key,
    )  # fmt: skip
