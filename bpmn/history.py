"""History rows: what a step did, as small JSON beside who and when. Append-only.

One row says why a step was taken and which elements and flows it went through; further rows tell of incidents and
the end. Cancelled tasks get theirs from `bpmn.mirror`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bpmn.engine import contract
from bpmn.engine.contract import Command, IncidentWait, Step
from bpmn.mirror import Instance
from bpmn.tables import History
from bpmn.values import Actor

TAGS: Mapping[type[Command], str] = {
    contract.CompleteUserTask: "task:complete",
    contract.FireTimer: "timer:fire",
    contract.DeliverMessage: "message:deliver",
    contract.DeliverSignal: "signal:deliver",
    contract.CompleteJob: "job:complete",
    contract.FailJob: "job:fail",
    contract.ThrowError: "error:throw",
    contract.Retry: "incident:retry",
    contract.Cancel: "instance:cancel",
}


def rows(
    instance: Instance,
    command: Command | None,
    step: Step,
    detail: Mapping[str, Any] | None,
    *,
    task_id: int | None = None,
) -> list[dict[str, Any]]:
    """The rows of a step; `command` None is the start. `detail` gets `done`, `flows` and `cancelled` added."""
    done, flows, cancelled = [], [], []
    for event in step.events:
        if event.type == "sequenceFlow":
            flows.append(event.element_id)
        elif event.kind == "completed":
            done.append(event.element_id)
        elif event.kind == "cancelled":
            cancelled.append(event.element_id)
    path = {"done": done, "flows": flows, "cancelled": cancelled}
    detail = {**(detail or {}), **{name: ids for name, ids in path.items() if ids}}
    if command is None:
        element, tag = (done[0] if done else None), "instance:start"
    else:
        key = getattr(command, "key", None)
        element, tag = (instance.waits[key][1] if key is not None else None), TAGS[type(command)]
    found = [{"tag": tag, "element_id": element, "task_id": task_id, "detail": detail or None}]
    for wait in step.waits:
        if isinstance(wait, IncidentWait) and wait.key not in instance.waits:
            found.append(_row("incident:open", wait.element_id, {"kind": wait.kind, "zh": wait.zh, "en": wait.en}))
    if step.status == "completed":
        found.append(_row("instance:complete", end_element(step), None))
    return found


def end_element(step: Step) -> str | None:
    """The end event that the last token reached; None while the instance runs or when it was cancelled."""
    if step.status != "completed":
        return None
    ends = [event.element_id for event in step.events if event.type == "endEvent" and event.kind == "completed"]
    return ends[-1] if ends else None


def add(
    session: Session,
    instance_id: str,
    tag: str,
    detail: Mapping[str, Any] | None,
    *,
    actor: Actor,
    now: datetime,
    element_id: str | None = None,
    task_id: int | None = None,
) -> None:
    """One row outside a step: a claim, a delegation, a suspension."""
    session.add(
        History(
            instance_id=instance_id,
            at=now,
            actor=actor.user_id,
            tag=tag,
            element_id=element_id,
            task_id=task_id,
            detail=dict(detail) if detail else None,
        )
    )
    session.flush()


def _row(tag: str, element_id: str | None, detail: dict[str, Any] | None) -> dict[str, Any]:
    return {"tag": tag, "element_id": element_id, "task_id": None, "detail": detail}
