"""The page of what runs is true: each of its lines is tried."""

from __future__ import annotations

import pytest

from bpmn.checker import check_files
from bpmn.checker.capabilities import TABLE, Capability, markdown
from bpmn.findings import errors_of
from tests.unit.engine.models import bpmn, flows, timer

ROOTS = (
    '<message id="m" name="m"/><signal id="g" name="g"/><error id="e" errorCode="E"/>'
    '<escalation id="x" escalationCode="X"/>'
)
_DEFINITIONS = {
    "none": "",
    "message": '<messageEventDefinition messageRef="m"/>',
    "signal": '<signalEventDefinition signalRef="g"/>',
    "timer": timer("PT1H"),
    "conditional": "<conditionalEventDefinition><condition>a</condition></conditionalEventDefinition>",
    "error": '<errorEventDefinition errorRef="e"/>',
    "escalation": '<escalationEventDefinition escalationRef="x"/>',
    "terminate": "<terminateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "compensation": "<compensateEventDefinition/>",
}
_START = '<startEvent id="s"/>'


def _one(element: str, inside: str = "", **attributes: str) -> str:
    written = "".join(f' {name.replace("__", ":")}="{value}"' for name, value in attributes.items())
    return f'{_START}<{element} id="n"{written}>{inside}</{element}>' + flows("s>n")


def _event(place: str, kind: str) -> str:
    definition = _DEFINITIONS.get(kind, "")
    if kind == "link":
        link = '<linkEventDefinition name="L"/>'
        return (
            f'{_START}<intermediateThrowEvent id="t">{link}</intermediateThrowEvent>'
            f'<intermediateCatchEvent id="c">{link}</intermediateCatchEvent>' + flows("s>t")
        )
    if place == "startEvent":
        return f'<startEvent id="s">{definition}</startEvent>'
    if place == "event subprocess":
        inner = f'<startEvent id="i">{definition}</startEvent>'
        return f'{_START}<subProcess id="n" triggeredByEvent="true">{inner}</subProcess>'
    if place == "boundary event":
        return _boundary(kind, definition)
    if place == "end event" and kind == "cancel":
        inner = f'<startEvent id="i"/><endEvent id="c">{definition}</endEvent>' + flows("i>c")
        return f'{_START}<transaction id="n">{inner}</transaction>' + flows("s>n")
    element = {
        "catch event": "intermediateCatchEvent",
        "throw event": "intermediateThrowEvent",
        "end event": "endEvent",
    }
    return _one(element[place], definition)


def _boundary(kind: str, definition: str) -> str:
    host = "transaction" if kind == "cancel" else "userTask"
    body = f'{_START}<{host} id="n"/><boundaryEvent id="b" attachedToRef="n">{definition}</boundaryEvent>'
    if kind == "compensation":
        body += '<task id="h" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="h"/>'
    return body + flows("s>n")


_LOOP = "<multiInstanceLoopCharacteristics {}><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
_OTHERS = {
    "serviceTask": _one("serviceTask", gw__topic="t"),
    "sendTask": _one("sendTask", messageRef="m"),
    "receiveTask": _one("receiveTask", messageRef="m"),
    "scriptTask": _one("scriptTask", "<script>a = 1</script>"),
    "businessRuleTask": _one("businessRuleTask", gw__decision="d"),
    "callActivity": _one("callActivity", calledElement="p"),
    "multiInstanceLoopCharacteristics": _one("userTask", _LOOP.format("")),
    "multi-instance behavior None, One, Complex": _one("userTask", _LOOP.format('behavior="One"')),
    "standardLoopCharacteristics": _one("task", '<standardLoopCharacteristics loopMaximum="2"/>'),
    "eventBasedGateway": _START + '<eventBasedGateway id="n"/><receiveTask id="r" messageRef="m"/>' + flows("s>n>r"),
    "conditional and default flow out of an activity": _START
    + '<task id="n" default="n_b"/><task id="a"/><task id="b"/>'
    + flows("s>n", "n>a[x]", "n>b"),
    "multiple and parallel multiple events": _one(
        "intermediateCatchEvent", _DEFINITIONS["message"] + _DEFINITIONS["signal"]
    ),
    "lane, pool, annotation, group, data object, data store": '<laneSet id="ls"><lane id="l">'
    "<flowNodeRef>s</flowNodeRef>"
    f'</lane></laneSet>{_START}<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'
    '<dataStoreReference id="ds"/><textAnnotation id="ta"/><group id="gr"/>',
    "data association with assignment or transformation": _one(
        "task", "<dataInputAssociation><transformation>x</transformation></dataInputAssociation>"
    ),
    "startQuantity, completionQuantity other than 1": _one("task", completionQuantity="2"),
}


def _samples(element: str) -> list[str]:
    if element in _OTHERS:
        return [_OTHERS[element]]
    place, colon, kinds = element.partition(": ")
    if colon:
        return [_event(place, kind) for kind in kinds.split(", ")]
    return [_one(element)]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.element)
def test_a_line_of_the_page_is_what_happens(row: Capability) -> None:
    for body in _samples(row.element):
        refused = errors_of(check_files(bpmn(body, roots=ROOTS)))
        assert bool(refused) == (row.status == "refused"), (body, refused)


def test_the_page_is_written_in_both_languages() -> None:
    assert "| complexGateway | refused |" in markdown("en")
    assert "| complexGateway | 拒绝 |" in markdown("zh")
