"""Reads for lists, pages and diagrams: rows only, never the engine. Cost follows the page, not what is open.

Who may see what is decided by the caller, who passes candidates and user ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.orm import Session

from bpmn.errors import NotFoundError
from bpmn.tables import History, Incident, ProcessInstance, TaskCandidate, Timer, UserTask

Cursor = tuple[datetime, int]
"""Where a page ends: `sort_at` and id of its last task."""
CLOSING = ("task:complete", "task:cancel")


@dataclass(frozen=True, slots=True)
class Page:
    """Open tasks, next due first. `next` is the cursor of the following page; None: this is the last."""

    tasks: Sequence[UserTask]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One completed passage of an element."""

    element_id: str
    at: datetime
    actor: str
    task_id: int | None = None
    outcome: Any = None


@dataclass(slots=True)
class InstanceView:
    """What a diagram shows: done, current and coming elements, flows taken, failures."""

    instance: ProcessInstance
    visits: list[Visit] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)
    current: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    @property
    def done(self) -> set[str]:
        return {visit.element_id for visit in self.visits}

    def state_of(self, element_id: str) -> str:
        """failed, current, done, cancelled or coming."""
        for name, members in (("failed", self.failed), ("current", self.current), ("done", self.done)):
            if element_id in members:
                return name
        return "cancelled" if element_id in self.cancelled else "coming"


def open_tasks_of(session: Session, user_id: str, *, after: Cursor | None = None, limit: int = 50) -> Page:
    """The tasks a person holds."""
    query = select(UserTask).where(UserTask.assignee == user_id)
    if after is not None:
        query = query.where(tuple_(UserTask.sort_at, UserTask.id) > after)
    found = session.scalars(query.order_by(UserTask.sort_at, UserTask.id).limit(limit + 1)).all()
    return _page(found, limit)


def queue(session: Session, candidates: Iterable[str], *, after: Cursor | None = None, limit: int = 50) -> Page:
    """The open tasks that any of these candidates (`g:GROUP`, `u:USER`) may do, held or not.

    Each candidate's list is read along its index up to one page, then merged: the cost is one page per candidate.
    """
    names = sorted(set(candidates))
    bound = "AND (c.sort_at, c.task_id) > (:sort_at, :task_id)" if after else ""
    sort_at, task_id = after or (None, None)
    ids = session.scalars(
        text(
            f"""
            SELECT task_id FROM (
              SELECT DISTINCT page.sort_at, page.task_id FROM unnest(CAST(:names AS text[])) AS n(candidate)
              CROSS JOIN LATERAL (
                SELECT c.sort_at, c.task_id FROM task_candidate c WHERE c.candidate = n.candidate {bound}
                ORDER BY c.sort_at, c.task_id LIMIT :limit) AS page) AS merged
            ORDER BY sort_at, task_id LIMIT :limit"""
        ),
        {"names": names, "limit": limit + 1, "sort_at": sort_at, "task_id": task_id},
    ).all()
    found = session.scalars(select(UserTask).where(UserTask.id.in_(ids)).order_by(UserTask.sort_at, UserTask.id)).all()
    return _page(found, limit)


def queue_sizes(session: Session, candidates: Iterable[str], *, most: int = 1000) -> dict[str, int]:
    """How many tasks wait for each candidate, counted up to `most`."""
    rows = session.execute(
        text(
            """
            SELECT n.candidate, (SELECT count(*) FROM (
              SELECT 1 FROM task_candidate c WHERE c.candidate = n.candidate LIMIT :most) AS few)
            FROM unnest(CAST(:names AS text[])) AS n(candidate)"""
        ),
        {"names": sorted(set(candidates)), "most": most},
    )
    return {candidate: count for candidate, count in rows}  # noqa: C416  (mypy wants plain types)


def candidates_of(session: Session, task_id: int) -> list[str]:
    """Who may do an open task: `g:GROUP` and `u:USER`."""
    query = select(TaskCandidate.candidate).where(TaskCandidate.task_id == task_id)
    return list(session.scalars(query.order_by(TaskCandidate.candidate)))


def instance_of(session: Session, business_key: str) -> ProcessInstance | None:
    """The newest instance with this business key."""
    query = select(ProcessInstance).where(ProcessInstance.business_key == business_key)
    return session.scalars(query.order_by(ProcessInstance.id.desc()).limit(1)).first()


def tasks_of_instance(session: Session, instance_id: str) -> list[UserTask]:
    """The open tasks of an instance."""
    return list(session.scalars(select(UserTask).where(UserTask.instance_id == instance_id).order_by(UserTask.id)))


def timers_of_instance(session: Session, instance_id: str) -> list[Timer]:
    """The waiting timers of an instance, next first."""
    query = select(Timer).where(Timer.instance_id == instance_id)
    return list(session.scalars(query.order_by(Timer.due_at.nulls_last(), Timer.id)))


def history_of(session: Session, instance_id: str, *, after: int = 0, limit: int = 1000) -> list[History]:
    """History rows of an instance in order; `after` is the last id of the page before."""
    query = select(History).where(History.instance_id == instance_id, History.id > after)
    return list(session.scalars(query.order_by(History.id).limit(limit)))


def instance_view(session: Session, instance_id: str) -> InstanceView:
    """Everything a diagram shows of an instance.

    :raises NotFoundError: there is none.
    """
    instance = session.get(ProcessInstance, instance_id)
    if instance is None:
        raise NotFoundError(what="process instance", instance_id=instance_id)
    view = InstanceView(instance)
    for row in history_of(session, instance_id, limit=100_000):
        _note(view, row)
    for kind, element_id, *_rest in instance.waits.values():
        (view.failed if kind == "incident" else view.current).add(element_id)
    view.failed |= set(
        session.scalars(
            select(Incident.element_id).where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
        )
    )
    return view


def count_open(session: Session) -> dict[str, int]:
    """How much is open: for the figures of `/metrics`."""
    counted = {"tasks": UserTask.id, "timers": Timer.id, "incidents": Incident.id}
    found = {name: select(func.count(column)) for name, column in counted.items()}
    found["incidents"] = found["incidents"].where(Incident.resolved_at.is_(None))
    return {name: session.scalar(query) or 0 for name, query in found.items()}


def _note(view: InstanceView, row: History) -> None:
    detail = row.detail or {}
    for element_id in detail.get("done", ()):
        is_own = element_id == row.element_id
        view.visits.append(
            Visit(
                element_id,
                row.at,
                row.actor if is_own else "system:engine",
                row.task_id if is_own else None,
                detail.get("outcome") if is_own else None,
            )
        )
    view.flows.extend(detail.get("flows", ()))
    view.cancelled.update(detail.get("cancelled", ()))


def _page(found: Sequence[UserTask], limit: int) -> Page:
    tasks = found[:limit]
    last = tasks[-1] if len(found) > limit else None
    return Page(tasks, None if last is None else (last.sort_at, last.id))
