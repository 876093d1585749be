"""Writes what a step leaves: the instance, the rows of its open waits, history — one SQL statement, whatever changed.

The open waits are compared by key with those that the instance row remembers, so nothing is read. Which moments
timers get is decided by `bpmn.dues`; why a step is taken by `bpmn.execution`, the only caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from bpmn import dues, hotsql, mirrorsql, registry
from bpmn.database import new_id
from bpmn.dues import Anchor, Place
from bpmn.engine.contract import (
    IncidentWait,
    JobWait,
    MessageWait,
    SignalWait,
    Step,
    TimerWait,
    UserTaskWait,
    Wait,
)
from bpmn.errors import InlineFailure, MomentError
from bpmn.tables import FAR_FUTURE
from bpmn.values import Actor, Variables

__all__ = ["ClosedTask", "Instance", "OpenedTask", "Saved", "new_id", "save"]

KINDS: Mapping[type[Wait], str] = {
    UserTaskWait: "task",
    TimerWait: "timer",
    MessageWait: "message",
    SignalWait: "signal",
    JobWait: "job",
    IncidentWait: "incident",
}
_ROWS = {"task": "task", "timer": "timer", "message": "sub", "signal": "sub", "job": "job", "incident": "incident"}


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as its locked row says. `waits` maps each open key to `[kind, element id, clock or None]`."""

    id: str
    definition_id: str
    process_key: str
    business_key: str
    status: str
    revision: int
    state: bytes | None
    waits: Mapping[str, Sequence[Any]]
    started_at: datetime
    started_by: str

    def keys(self, kind: str) -> list[str]:
        return [key for key, (known, *_rest) in self.waits.items() if known == kind]


@dataclass(frozen=True, slots=True)
class OpenedTask:
    id: int
    wait: UserTaskWait
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosedTask:
    id: int
    wait_key: str
    assignee: str | None
    candidates: tuple[str, ...]


@dataclass(slots=True)
class Saved:
    """What changed: for notifications, jobs and further steps."""

    instance: Instance
    opened: list[OpenedTask] = field(default_factory=list)
    closed: list[ClosedTask] = field(default_factory=list)
    jobs: list[tuple[int, JobWait]] = field(default_factory=list)
    """Background jobs with their row ids."""
    external: list[str] = field(default_factory=list)
    """Topics of new external tasks."""
    messages: list[MessageWait] = field(default_factory=list)
    next_due_at: datetime | None = None
    kept_clocks: frozenset[str] = frozenset()
    """Clock references of waits that stay open."""


def save(
    session: Session,
    instance: Instance,
    step: Step,
    history: list[dict[str, Any]],
    *,
    actor: Actor,
    now: datetime,
    is_new: bool = False,
    answered: str | None = None,
    anchor: Anchor | None = None,
    end_element: str | None = None,
) -> Saved:
    """Write one step of a locked (or new) instance. One statement.

    :raises InlineFailure: the due text of a wait names no moment.
    """
    place = Place(session, instance.business_key, instance.id, now)
    waits = {wait.key: wait for wait in step.waits} if step.status == "running" else {}
    remembered = {key: instance.waits[key] for key in waits if key in instance.waits}
    opened = [wait for key, wait in waits.items() if key not in instance.waits]
    remembered |= {wait.key: [KINDS[type(wait)], wait.element_id, _clock_of(wait)] for wait in opened}
    closed = {key: wait for key, wait in instance.waits.items() if key not in waits}
    rows = _Rows()
    for wait in opened:
        rows.add(instance, wait, place, anchor)
    rows.history = history
    after = Instance(
        instance.id,
        instance.definition_id,
        instance.process_key,
        instance.business_key,
        step.status,
        instance.revision + 1,
        step.state if step.status == "running" else None,
        remembered,
        instance.started_at,
        instance.started_by,
    )
    parts, parameters = rows.statement(closed)
    parameters |= _columns(after, step.variables, now)
    parameters |= {"end_element": end_element, "now": now, "actor": actor.user_id, "answered": answered or ""}
    found = hotsql.execute(session, mirrorsql.statement(frozenset(parts), is_new), parameters)
    saved = _saved(after, rows, opened, found)
    kept = (known[2] for key, known in remembered.items() if key in instance.waits)
    saved.kept_clocks = frozenset(clock for clock in kept if clock)
    return saved


def _columns(after: Instance, variables: Variables, now: datetime) -> dict[str, Any]:
    """The parameters that are columns of the instance's row."""
    return {
        "id": after.id,
        "definition_id": after.definition_id,
        "process_key": after.process_key,
        "business_key": after.business_key,
        "started_at": after.started_at,
        "started_by": after.started_by,
        "status": after.status,
        "revision": after.revision,
        "state": after.state,
        "variables": orjson.dumps(variables).decode(),
        "waits": orjson.dumps(after.waits).decode(),
        "ended_at": None if after.status == "running" else now,
    }


def _saved(after: Instance, rows: _Rows, opened: list[Wait], found: Sequence[Any]) -> Saved:
    by_key = {wait.key: wait for wait in opened}
    saved = Saved(after, external=rows.external, next_due_at=rows.next_due_at)
    saved.messages = [wait for wait in opened if isinstance(wait, MessageWait)]
    for what, row_id, key, assignee, candidates in found:
        wait = by_key.get(key)
        if what == "gone":
            saved.closed.append(ClosedTask(row_id, key, assignee, tuple(candidates or ())))
        elif isinstance(wait, UserTaskWait):
            saved.opened.append(OpenedTask(row_id, wait, rows.task_dues[key]))
        elif isinstance(wait, JobWait) and key in rows.background:
            saved.jobs.append((row_id, wait))
    return saved


def _clock_of(wait: Wait) -> str | None:
    if isinstance(wait, TimerWait) and wait.kind == "clock":
        return wait.value
    if isinstance(wait, UserTaskWait) and wait.due is not None and dues.is_clock(wait.due):
        return wait.due
    return None


class _Rows:
    """The rows to insert, by table, as the JSON records of the statement."""

    def __init__(self) -> None:
        self.task: list[dict[str, Any]] = []
        self.cand: list[dict[str, Any]] = []
        self.timer: list[dict[str, Any]] = []
        self.sub: list[dict[str, Any]] = []
        self.job: list[dict[str, Any]] = []
        self.incident: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.external: list[str] = []
        self.background: set[str] = set()
        self.task_dues: dict[str, datetime | None] = {}
        self.next_due_at: datetime | None = None

    def add(self, instance: Instance, wait: Wait, place: Place, anchor: Anchor | None) -> None:
        try:
            if isinstance(wait, UserTaskWait):
                self._task(wait, place)
            elif isinstance(wait, TimerWait):
                self._timer(wait, place, anchor)
            elif isinstance(wait, MessageWait):
                record = {"kind": "message", "name": wait.message, "correlation": dict(wait.correlation)}
                self.sub.append(_base(wait) | record | {"business_key": instance.business_key})
            elif isinstance(wait, SignalWait):
                record = {"kind": "signal", "name": wait.signal, "correlation": {}}
                self.sub.append(_base(wait) | record | {"business_key": instance.business_key})
            elif isinstance(wait, JobWait):
                self._job(wait)
            elif isinstance(wait, IncidentWait):
                record = {"kind": wait.kind, "zh": wait.zh, "en": wait.en, "traceback": wait.traceback}
                self.incident.append(_base(wait) | record)
        except MomentError as error:
            raise InlineFailure(element_id=wait.element_id, kind="moment") from error

    def _task(self, wait: UserTaskWait, place: Place) -> None:
        due_at = self.task_dues[wait.key] = dues.of_text(wait.due, place)
        follow_up_at = dues.of_text(wait.follow_up, place)
        self.task.append(
            _base(wait)
            | {
                "scope_id": wait.scope_id,
                "name": wait.name or wait.element_id,
                "status": "claimed" if wait.assignee else "open",
                "assignee": wait.assignee,
                "claimed_at": place.now if wait.assignee else None,
                "priority": wait.priority,
                "due_at": due_at,
                "due_ref": wait.due,
                "follow_up_at": follow_up_at,
                "sort_at": due_at or FAR_FUTURE,
                "excluded_users": list(wait.excluded_users),
                "form": wait.form,
                "data": wait.data,
            }
        )
        candidates = [f"g:{group}" for group in wait.candidate_groups] + [f"u:{user}" for user in wait.candidate_users]
        self.cand.extend({"wait_key": wait.key, "candidate": candidate} for candidate in dict.fromkeys(candidates))

    def _timer(self, wait: TimerWait, place: Place, anchor: Anchor | None) -> None:
        due_at = dues.of_timer(wait, place, anchor)
        record = {"kind": wait.kind, "value": wait.value, "occurrence": wait.occurrence, "catch_up": wait.catch_up}
        self.timer.append(_base(wait) | record | {"due_at": due_at})
        if due_at is not None:
            self.next_due_at = due_at if self.next_due_at is None else min(self.next_due_at, due_at)

    def _job(self, wait: JobWait) -> None:
        handler = registry.find(wait.topic)
        if handler is None:
            self.external.append(wait.topic)
        else:
            self.background.add(wait.key)
        is_default = handler is not None and (wait.retries, wait.backoff) == (3, "PT10S")
        self.job.append(
            _base(wait)
            | {
                "kind": "external" if handler is None else "background",
                "topic": wait.topic,
                "parameters": wait.parameters,
                "retries": handler.retries if is_default and handler else wait.retries,
                "backoff": handler.backoff if is_default and handler else wait.backoff,
            }
        )

    def statement(self, closed: Mapping[str, Sequence[Any]]) -> tuple[list[str], dict[str, Any]]:
        """The names of the parts needed and their parameters."""
        parts: list[str] = []
        parameters: dict[str, Any] = {}
        for name in ("task", "cand", "timer", "sub", "job", "incident", "history"):
            records: list[dict[str, Any]] = getattr(self, name)
            if records:
                parts.append(f"add_{name}")
                parameters[f"add_{name}"] = orjson.dumps(records).decode()
        by_table: dict[str, list[str]] = {}
        for key, (kind, *_rest) in closed.items():
            by_table.setdefault(_ROWS[kind], []).append(key)
        for name, keys in by_table.items():
            parts.append(f"del_{name}")
            parameters[f"del_{name}"] = keys
        return parts, parameters


def _base(wait: Wait) -> dict[str, Any]:
    return {"wait_key": wait.key, "element_id": wait.element_id}
