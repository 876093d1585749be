"""Compensation: completed activities are undone in reverse order."""

from __future__ import annotations

import pytest

from bpmn.engine.contract import UserTaskWait
from tests.unit.engine.models import codes, flows, run


def _undoable(name: str, undo: str = "scriptTask") -> str:
    body = f"<script>log = log + ['undo {name}']</script>" if undo == "scriptTask" else ""
    return (
        f'<scriptTask id="{name}"><script>log = log + ["{name}"]</script></scriptTask>'
        f'<boundaryEvent id="{name}_cb" attachedToRef="{name}"><compensateEventDefinition/></boundaryEvent>'
        f'<{undo} id="{name}_u" isForCompensation="true">{body}</{undo}>'
        f'<association id="{name}_x" sourceRef="{name}_cb" targetRef="{name}_u"/>'
    )


_THROW = '<intermediateThrowEvent id="c"><compensateEventDefinition{}/></intermediateThrowEvent>'


def test_everything_completed_is_undone_in_reverse_order_and_only_once() -> None:
    process = run(
        '<startEvent id="s"/>' + _undoable("a") + _undoable("b") + _undoable("never") + _THROW.format("")
        + '<endEvent id="e"><compensateEventDefinition/></endEvent><exclusiveGateway id="g" default="g_c"/>'
        + flows("s>a>b>g>c>e", "g>never[False]", "never>c"),
        {"log": []},
    )  # fmt: skip
    assert process.variables["log"] == ["a", "b", "undo b", "undo a"]
    assert process.status == "completed"
    assert process.path()[-5:] == ["b_u", "a_cb", "a_u", "c", "e"]


def test_one_activity_can_be_named() -> None:
    body = '<startEvent id="s"/>' + _undoable("a") + _undoable("b") + _THROW.format(' activityRef="a"')
    assert run(body + flows("s>a>b>c"), {"log": []}).variables["log"] == ["a", "b", "undo a"]


def test_without_a_throw_nothing_is_undone() -> None:
    process = run('<startEvent id="s"/>' + _undoable("a") + flows("s>a"), {"log": []})
    assert (process.status, process.variables["log"]) == ("completed", ["a"])


def test_what_a_finished_subprocess_did_can_be_undone_from_outside() -> None:
    inner = _undoable("a") + _undoable("b") + flows("a>b")
    process = run(
        '<startEvent id="s"/><subProcess id="sub">' + inner + "</subProcess>" + _undoable("z") + _THROW.format("")
        + '<endEvent id="e"/>' + flows("s>sub>z>c>e"),
        {"log": []},
    )  # fmt: skip
    assert process.variables["log"] == ["a", "b", "z", "undo z", "undo b", "undo a"]
    assert process.status == "completed"


def test_a_compensation_that_waits_is_saved_and_goes_on() -> None:
    process = run(
        '<startEvent id="s"/>' + _undoable("a", "userTask") + _undoable("b", "userTask") + _THROW.format("")
        + '<endEvent id="e"/>' + flows("s>a>b>c>e"),
        {"log": []},
    )  # fmt: skip
    assert [task.element_id for task in process.of(UserTaskWait)] == ["b_u"]
    process.complete("b_u")
    assert process.waiting == ["a_u"]
    process.complete("a_u")
    assert process.status == "completed"


def test_a_cancelled_transaction_is_undone_before_it_is_left() -> None:
    process = run(
        '<startEvent id="s"/><transaction id="x"><startEvent id="is"/>' + _undoable("a") + _undoable("b")
        + '<userTask id="u"/><parallelGateway id="f"/><endEvent id="ie"><cancelEventDefinition/></endEvent>'
        + flows("is>a>b>f>u", "f>ie") + '</transaction><boundaryEvent id="cb" attachedToRef="x">'
        '<cancelEventDefinition/></boundaryEvent><endEvent id="e"/>' + flows("s>x", "cb>e"),
        {"log": []},
    )  # fmt: skip
    assert process.variables["log"] == ["a", "b", "undo b", "undo a"]
    assert process.path()[-3:] == ["ie", "cb", "e"]
    assert process.path("cancelled") == ["u", "x"]


def test_an_event_subprocess_undoes_the_scope_around_it() -> None:
    process = run(
        '<startEvent id="s"/>'
        + _undoable("a")
        + '<endEvent id="fail"><errorEventDefinition errorRef="err"/></endEvent>'
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><errorEventDefinition errorRef="err"/>'
        "</startEvent>" + _THROW.format("") + flows("es_s>c") + "</subProcess>" + flows("s>a>fail"),
        {"log": []},
        roots='<error id="err" errorCode="E"/>',
    )
    assert process.variables["log"] == ["a", "undo a"]
    assert process.status == "completed"


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        (_undoable("a").replace("<association", "<group") + flows("s>a"), "compensation.handler_missing", "a_cb"),
        (_undoable("a") + flows("s>a", "a_cb>a"), "compensation.flow", "a_cb"),
        (_undoable("a") + flows("s>a", "a>a_u"), "compensation.flow", "a_u"),
        ('<task id="h" isForCompensation="true"/>', "compensation.unused", "h"),
        (_THROW.format(' activityRef="no"') + flows("s>c"), "compensation.activity_unknown", "c"),
        (_THROW.format(' waitForCompletion="false"') + flows("s>c"), "compensation.not_waiting", "c"),
    ],
)
def test_a_broken_compensation_is_refused(body: str, code: str, element: str) -> None:
    assert (code, element) in codes('<startEvent id="s"/>' + body)
