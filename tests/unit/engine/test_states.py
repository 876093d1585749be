"""Stored states of every released version load, go on and finish."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpmn import engine
from bpmn.engine import state
from bpmn.engine.contract import CompleteUserTask, DeliverMessage, FireTimer, MessageWait, TimerWait, UserTaskWait, Wait
from bpmn.engine.memory import MemoryHost
from tests.unit.engine.models import compiled, flows, timer

STATES = Path(__file__).with_name("states")
ROOTS = '<message id="m" name="reply"/>'
MODEL = (
    '<startEvent id="s"/><userTask id="first"/><parallelGateway id="f"/><inclusiveGateway id="f2"/>'
    '<subProcess id="sub"><multiInstanceLoopCharacteristics><loopDataInputRef>units</loopDataInputRef>'
    '<inputDataItem name="unit"/></multiInstanceLoopCharacteristics><userTask id="each" gw:assignee="{unit}"/>'
    f'<boundaryEvent id="late" attachedToRef="each" cancelActivity="false">{timer("R3/PT1H", "timeCycle")}'
    '</boundaryEvent><task id="remind"/>' + flows("late>remind") + "</subProcess>"
    '<intermediateCatchEvent id="wait"><extensionElements><gw:correlation name="street" value="=street"/>'
    '</extensionElements><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    '<parallelGateway id="j"/><endEvent id="e"/>' + flows("s>first>f>sub>j>e", "f>wait>j", "f>f2>j")
)


@pytest.mark.parametrize("path", sorted(STATES.glob("v*.json")), ids=lambda path: path.stem)
def test_a_state_of_an_earlier_version_goes_on_to_its_end(path: Path) -> None:
    bundle = compiled(MODEL, roots=ROOTS)
    stored = path.read_bytes()
    loaded = state.load(bundle, "p", stored, MemoryHost())
    assert loaded.business_key == "HZ202611220001"
    step = engine.step(
        bundle, "p", stored, FireTimer(_first(state_waits(bundle, stored), TimerWait).key), host=MemoryHost()
    )
    assert sorted(wait.element_id for wait in step.waits) == ["each", "each", "late", "late", "wait"]
    assert {wait.assignee for wait in step.waits if isinstance(wait, UserTaskWait)} == {"a", "b"}
    while step.status == "running":
        wait = next(wait for wait in step.waits if not isinstance(wait, TimerWait))
        command = DeliverMessage(wait.key) if isinstance(wait, MessageWait) else CompleteUserTask(wait.key)
        step = engine.step(bundle, "p", step.state, command, host=MemoryHost())
    assert step.status == "completed"


def test_the_version_that_is_written_has_a_stored_example() -> None:
    assert (STATES / f"v{state.VERSION}.json").exists()


def state_waits(bundle: engine.Bundle, stored: bytes) -> tuple[Wait, ...]:
    """The open waits of a stored state: a signal that nobody hears changes nothing."""
    from bpmn.engine.contract import DeliverSignal

    return engine.step(bundle, "p", stored, DeliverSignal("nobody"), host=MemoryHost()).waits


def _first(waits: tuple[Wait, ...], kind: type[Wait]) -> Wait:
    return next(wait for wait in waits if isinstance(wait, kind))
