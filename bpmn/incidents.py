"""Incidents: failures that wait for a person. Opened by a step (`bpmn.mirror`) or for a timer that cannot fire.

Owns listing and retrying. The traceback is for administrators; people read the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bpmn import execution, history, notify
from bpmn.engine.contract import Retry
from bpmn.errors import ConflictError, NotFoundError
from bpmn.tables import Incident, ProcessInstance, Timer
from bpmn.values import WORKER, Actor

TIMER = "timer"


def listed(
    session: Session, *, instance_id: str | None = None, include_resolved: bool = False, limit: int = 100
) -> list[Incident]:
    """Incidents, oldest first; open ones only unless asked."""
    query = select(Incident).order_by(Incident.created_at, Incident.id).limit(limit)
    if instance_id is not None:
        query = query.where(Incident.instance_id == instance_id)
    if not include_resolved:
        query = query.where(Incident.resolved_at.is_(None))
    return list(session.scalars(query))


def retry(
    session: Session,
    incident_id: int,
    variables: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Incident:
    """Try the failed element again, with changed variables if given. If it fails again, a new incident opens.

    :raises ConflictError: it is resolved already, or the instance has ended; `NotFoundError`.
    """
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotFoundError(what="incident", incident_id=incident_id)
    instance = execution.lock(session, found.instance_id)
    session.refresh(found, with_for_update=True)
    if found.resolved_at is not None:
        raise ConflictError(why_zh="该异常已处理", why_en="the incident is already resolved")
    if found.kind == TIMER and instance.waits.get(found.wait_key, ("",))[0] == "timer":
        _resume_timer(session, found, actor=actor, now=now)
        return found
    command = Retry(found.wait_key, dict(variables or {}))
    execution.advance_locked(session, instance, command, actor=actor, now=now, detail={"incident": incident_id})
    session.refresh(found)
    return found


def park_timer(session: Session, timer_id: int, *, zh: str, en: str, trace: str, now: datetime) -> None:
    """A timer whose firing fails stops trying and becomes an incident; `retry` lets it fire again."""
    timer = session.get(Timer, timer_id)
    if timer is None or timer.instance_id is None:
        return
    execution.lock(session, timer.instance_id)
    session.refresh(timer, with_for_update=True)
    business_key = session.scalar(select(ProcessInstance.business_key).where(ProcessInstance.id == timer.instance_id))
    timer.due_at = timer.queued_at = None
    session.add(
        Incident(
            instance_id=timer.instance_id,
            wait_key=timer.wait_key,
            element_id=timer.element_id,
            business_key=business_key or "",
            kind=TIMER,
            zh=zh,
            en=en,
            traceback=trace[-8000:],
            created_at=now,
        )
    )
    history.add(
        session,
        timer.instance_id,
        "incident:open",
        {"kind": TIMER, "zh": zh, "en": en},
        actor=WORKER,
        now=now,
        element_id=timer.element_id,
    )


def _resume_timer(session: Session, incident: Incident, *, actor: Actor, now: datetime) -> None:
    session.execute(
        text("UPDATE timer SET due_at = :now, queued_at = NULL WHERE instance_id = :instance AND wait_key = :key"),
        {"now": now, "instance": incident.instance_id, "key": incident.wait_key},
    )
    incident.resolved_at, incident.resolved_by = now, actor.user_id
    detail = {"incident": incident.id}
    history.add(
        session,
        incident.instance_id,
        "incident:retry",
        detail,
        actor=actor,
        now=now,
        element_id=incident.element_id,
    )
    notify.wake_ticker(session, now)
