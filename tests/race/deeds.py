"""What rivals do. Module-level functions, so that another process can import them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bpmn import execution, external, messages, tasks, timers
from bpmn.values import Actor

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
SYSTEM = Actor("system:test", system=True)


def person(number: int) -> Actor:
    return Actor(f"p{number}", f"第{number}人", groups=frozenset({"g@1"}))


def claim(session: Session, argument: tuple[int, int]) -> str:
    task_id, number = argument
    return str(tasks.claim(session, task_id, actor=person(number), now=NOW).assignee)


def complete(session: Session, argument: tuple[int, int, dict[str, Any]]) -> str:
    task_id, number, values = argument
    return tasks.complete(session, task_id, values, actor=person(number), now=NOW).status


def fire(session: Session, timer_id: int) -> bool:
    return timers.fire(session, timer_id, NOW + timedelta(hours=5))


def claim_due(session: Session, limit: int) -> int:
    return timers.claim_due(session, NOW + timedelta(hours=5), limit)


def cancel(session: Session, instance_id: str) -> str:
    return execution.cancel(session, instance_id, reason="race", actor=SYSTEM, now=NOW).status


def fetch(session: Session, worker: str) -> list[int]:
    found = external.fetch_and_lock(session, worker, ["far.away"], 3, timedelta(minutes=1), NOW)
    return [task.id for task in found]


def answer(session: Session, argument: tuple[int, int]) -> str:
    job_id, fence = argument
    return external.complete(session, job_id, fence, actor=SYSTEM, now=NOW).status


def publish(session: Session, argument: tuple[str, str]) -> str:
    message_id, business_key = argument
    receipt = messages.publish(
        session, "answer", message_id=message_id, business_key=business_key, actor=SYSTEM, now=NOW
    )
    return f"{receipt.status}:{receipt.is_repeat}"


def start(session: Session, business_key: str) -> str:
    return execution.start(session, "sample", business_key=business_key, variables={}, actor=SYSTEM, now=NOW).id
