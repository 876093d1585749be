"""Steps that many tests of the platform take: deploy, start, find the open task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bpmn import definitions, execution, transactions
from bpmn.tables import History, ProcessInstance, UserTask
from bpmn.values import Actor

SYSTEM = Actor("system:test", "测试", system=True)


def person(name: str, *groups: str) -> Actor:
    return Actor(name, f"{name}的姓名", groups=frozenset(groups))


def deploy(factory: sessionmaker[Session], files: Mapping[str, bytes], now: datetime) -> None:
    """Deploy and activate, committed."""
    definitions.forget_cached()
    transactions.run(factory, lambda session: definitions.deploy(session, "test", files, actor=SYSTEM, now=now))


def start(
    factory: sessionmaker[Session], key: str, now: datetime, *, business_key: str = "C-1", **variables: Any
) -> str:
    """Start an instance, committed; its id."""
    return transactions.run(
        factory,
        lambda session: (
            execution.start(session, key, business_key=business_key, variables=variables, actor=SYSTEM, now=now).id
        ),
    )


def open_tasks(factory: sessionmaker[Session], instance_id: str) -> dict[str, int]:
    """Open task ids of an instance by element."""
    with factory() as session:
        rows = session.execute(select(UserTask.element_id, UserTask.id).where(UserTask.instance_id == instance_id))
        return {row.element_id: row.id for row in rows}


def instance(factory: sessionmaker[Session], instance_id: str) -> ProcessInstance:
    with factory() as session:
        return session.get_one(ProcessInstance, instance_id)


def tags(factory: sessionmaker[Session], instance_id: str) -> list[str]:
    """The history of an instance, tags only."""
    with factory() as session:
        return list(session.scalars(select(History.tag).where(History.instance_id == instance_id).order_by(History.id)))
