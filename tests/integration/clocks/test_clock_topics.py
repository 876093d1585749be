"""The topics of diagrams: they move clocks, never fail a step over a clock that is already there, and feed timers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bpmn import registry
from bpmn.engine.contract import ElementRef
from bpmn.registry import HandlerContext
from bpmn.values import Actor
from handlers import clocks
from handlers.clocks import topics
from tests.unit.clocks.samples import at

CLERK = Actor("p-7", "受理员甲")
CASE = "HZ202603020001"


@pytest.fixture
def seeded(session: Session) -> Session:
    clocks.seed(session, actor=CLERK, now=at("2026-01-01 00:00"))
    return session


def call(session: Session, topic: str, moment: str, *, lead_unit: str | None = None, **parameters: Any) -> None:
    variables = {"lead_unit": lead_unit, "street_code": "441302008", **parameters}
    context = HandlerContext(
        session=session,
        now=at(moment),
        actor=CLERK,
        instance_id="01a20000-0000-7000-8000-000000000000",
        business_key=CASE,
        element=ElementRef("Task_Accept", "受理", "userTask", "case_handling"),
        wait_key="w",
        variables=variables,
        idempotency_key="k",
        event="enter",
    )
    found = registry.find_listener(topic)
    assert found is not None
    assert registry.find(topic) is not None
    found(variables, context)


def due(session: Session, name: str, share: float, moment: str) -> datetime | None:
    reference = f"clock:{name}@{share * 100:g}" if share != 1 else f"clock:{name}"
    return registry.clock_moment(session, reference, business_key=CASE, instance_id="i", now=at(moment))


def test_a_started_clock_is_what_the_timers_of_the_same_step_wait_for(seeded: Session) -> None:
    assert topics.clock_moment is not None
    assert due(seeded, "accept", 1, "2026-03-02 08:00") is None
    call(seeded, "clock.start", "2026-03-02 08:00", clock="accept")
    assert due(seeded, "accept", 1, "2026-03-02 08:00") == at("2026-03-02 08:15")
    assert due(seeded, "accept", 0.8, "2026-03-02 08:00") == at("2026-03-02 08:12")
    call(seeded, "clock.pause", "2026-03-02 08:05", clock="accept")
    assert due(seeded, "accept", 1, "2026-03-02 08:05") is None
    call(seeded, "clock.resume", "2026-03-02 09:00", clock="accept")
    assert due(seeded, "accept", 1, "2026-03-02 09:00") == at("2026-03-02 09:10")
    call(seeded, "clock.stop", "2026-03-02 09:01", clock="accept")
    assert due(seeded, "accept", 1, "2026-03-02 09:01") is None


def test_moves_that_change_nothing_are_no_failures(seeded: Session) -> None:
    for topic in ("clock.pause", "clock.resume", "clock.stop", "clock.mark_warning", "clock.mark_overdue"):
        call(seeded, topic, "2026-03-02 08:00", clock="accept")
    call(seeded, "clock.start", "2026-03-02 08:00", clock="accept")
    for topic in ("clock.start", "clock.resume"):
        call(seeded, topic, "2026-03-02 08:01", clock="accept")
    for topic in ("clock.stop", "clock.stop", "clock.pause", "clock.resume"):
        call(seeded, topic, "2026-03-02 08:02", clock="accept")
    seeded.flush()
    assert [event.action for event in clocks.events_of(seeded, CASE)] == ["start", "stop"]


def test_the_handling_clock_knows_whose_time_it_is(seeded: Session) -> None:
    call(seeded, "clock.start", "2026-03-02 08:00", clock="handling", clock_limit="4WH", lead_unit="441302008-cg")
    call(seeded, "clock.pause", "2026-03-02 09:00", clock="handling", lead_unit="441302008-cg")
    call(seeded, "clock.start", "2026-03-02 10:00", clock="handling", clock_limit="4WH", lead_unit="441302008-cg")
    assert due(seeded, "handling", 1, "2026-03-02 10:00") == at("2026-03-02 15:00")
    call(seeded, "clock.pause", "2026-03-02 10:00", clock="handling", lead_unit="441302008-cg")
    call(seeded, "clock.start", "2026-03-02 10:00", clock="handling", clock_limit="4WH", lead_unit="441302008-hw")
    assert due(seeded, "handling", 1, "2026-03-02 10:00") == at("2026-03-02 16:00")


def test_a_restart_begins_with_the_full_limit_also_when_there_was_none(seeded: Session) -> None:
    call(seeded, "clock.restart", "2026-03-02 08:00", clock="close", clock_reason="首次")
    call(seeded, "clock.restart", "2026-03-02 08:10", clock="close", clock_reason="返工")
    assert due(seeded, "close", 1, "2026-03-02 08:10") == at("2026-03-02 08:25")
    seeded.flush()
    assert [(event.action, event.reason) for event in clocks.events_of(seeded, CASE)] == [
        ("start", "首次"),
        ("restart", "返工"),
    ]


def test_marks_are_made_by_listeners_too(seeded: Session) -> None:
    call(seeded, "clock.start", "2026-03-02 08:00", clock="accept")
    call(seeded, "clock.mark_warning", "2026-03-02 08:12", clock="accept")
    call(seeded, "clock.mark_overdue", "2026-03-02 08:15", clock="accept")
    clock = clocks.clocks_of(seeded, CASE)["accept"]
    assert (clock.warned_at, clock.overdue_at) == (at("2026-03-02 08:12"), at("2026-03-02 08:15"))
