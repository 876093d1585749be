"""Tasks of the demo town in one stroke: cases, user tasks and candidates as the mirror would write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bpmn.tables import (
    FAR_FUTURE,
    Deployment,
    ProcessDefinition,
    ProcessInstance,
    TaskCandidate,
    UserTask,
)
from handlers.cases.tables import Case
from handlers.clocks.tables import CaseClock
from tests.support.towns import NOW, STREET, town, town_database

__all__ = ["town", "town_database"]

STANDING = datetime.fromisoformat(FAR_FUTURE)
Open = Callable[..., UserTask]


@pytest.fixture
def definition(town: Session) -> ProcessDefinition:
    deployment = Deployment(content_hash="0" * 64, name="test", deployed_at=NOW, deployed_by="test")
    town.add(deployment)
    town.flush()
    made = ProcessDefinition(
        key="case_handling",
        version=1,
        name="case_handling",
        deployment_id=deployment.id,
        status="active",
        changed_at=NOW,
        changed_by="test",
    )
    town.add(made)
    town.flush()
    return made


@pytest.fixture
def open_task(town: Session, definition: ProcessDefinition) -> Open:
    """Make one open task: `open_task("HZ1", due=timedelta(hours=1), groups=["dispatcher@441302008"], …)`."""

    def make(number: str, *, due: timedelta | None, groups: list[str], **more: Any) -> UserTask:
        case = {
            "category_code": "0110",
            "title": "垃圾满溢",
            "address": "学府路 12 号",
            "community_code": f"{STREET}001",
        }
        case |= {key: more.pop(key) for key in tuple(more) if hasattr(Case, key) and key != "assignee"}
        town.add(_case(number, case))
        instance = ProcessInstance(
            definition_id=definition.id,
            process_key="case_handling",
            business_key=number,
            status="running",
            variables={},
            started_at=NOW,
            started_by="test",
            state=None,
            ended_at=None,
            end_element=None,
        )
        town.add(instance)
        town.flush()
        warned = more.pop("warned", False)
        town.add(_clock(number, due, warned))
        task = _task(instance, due, more)
        town.add(task)
        town.flush()
        town.add_all(TaskCandidate(task_id=task.id, candidate=f"g:{group}", sort_at=task.sort_at) for group in groups)
        town.flush()
        return task

    return make


def _case(number: str, given: dict[str, Any]) -> Case:
    values = {"code_set": "test", "kind": "event", "lon": 114.4, "lat": 23.07, "street_code": STREET}
    values |= {"source": "collector", "status": "filed", "reported_at": NOW}
    return Case(number=number, **(values | given))


def _clock(number: str, due: timedelta | None, warned: bool) -> CaseClock:
    due_at = NOW + (due or timedelta(hours=1))
    return CaseClock(
        case_number=number,
        name="dispatch",
        status="paused" if due is None else "running",
        limit_value=1,
        limit_unit="UH",
        limit_reading="rolling",
        calendar_code="cn",
        started_at=NOW,
        base_us=3_600_000_000,
        total_us=3_600_000_000,
        anchor_at=NOW,
        anchor_us=3_600_000_000,
        due_at=due_at,
        warned_at=NOW if warned else None,
    )


def _task(instance: ProcessInstance, due: timedelta | None, more: dict[str, Any]) -> UserTask:
    due_at = None if due is None else NOW + due
    values: dict[str, Any] = {"element_id": "Task_Dispatch", "name": "派遣", "assignee": None}
    values |= more
    return UserTask(
        instance_id=instance.id,
        wait_key="w",
        process_key="case_handling",
        business_key=instance.business_key,
        scope_id="case_handling",
        status="claimed" if values["assignee"] else "open",
        claimed_at=NOW if values["assignee"] else None,
        due_at=due_at,
        due_ref="clock:dispatch",
        sort_at=due_at or STANDING,
        data={},
        excluded_users=[],
        created_at=NOW,
        **values,
    )
