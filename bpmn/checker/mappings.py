"""Rules about what goes in and out of an element: mappings, correlation and listeners, where they mean something."""

from __future__ import annotations

from bpmn.checker.model import JOBS, Node
from bpmn.checker.reading import Findings
from bpmn.checker.texts import check_expression, check_template

_ACTIVITIES = JOBS | {"userTask", "manualTask", "callActivity", "subProcess", "transaction"}
_THROWN = frozenset({"message", "signal", "error", "escalation"})
_LISTENED = frozenset({"enter", "complete", "cancel"})


def check_mappings(node: Node, notes: Findings) -> None:
    """The mappings, correlation and listeners of one node."""
    for name, text, line in node.inputs:
        if not name:
            notes.error("mapping.name", line, node.id, "gw:input 没有名称。", "A gw:input has no name.", name=node.name)
        check_template(text, line, node.id, notes, name=node.name)
    for name, text, line in node.outputs:
        if not name:
            notes.error(
                "mapping.name", line, node.id, "gw:output 没有名称。", "A gw:output has no name.", name=node.name
            )
        check_expression(text.strip().removeprefix("="), line, node.id, notes, name=node.name)
    if node.inputs and not _takes_inputs(node):
        _unused(node, "gw:input", node.inputs[0][2], notes)
    if node.outputs and not _takes_outputs(node):
        _unused(node, "gw:output", node.outputs[0][2], notes)
    target = node.message or node.event
    if target is not None and target.correlation and target.kind != "message":
        _unused(node, "gw:correlation", target.line, notes)
    _listeners(node, notes)


def _takes_inputs(node: Node) -> bool:
    if node.triggered_by_event:
        return False
    event = node.event
    throws = node.kind in ("endEvent", "intermediateThrowEvent") and event is not None and event.kind in _THROWN
    return node.kind in _ACTIVITIES or throws


def _takes_outputs(node: Node) -> bool:
    if node.triggered_by_event:
        return False
    event = node.event
    catches = (
        node.kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent")
        and event is not None
        and event.kind in _THROWN
    )
    return node.kind in _ACTIVITIES or node.kind == "receiveTask" or catches


def _unused(node: Node, what: str, line: int, notes: Findings) -> None:
    notes.error(
        "mapping.unused",
        line,
        node.id,
        f"{what} 在 {node.kind} 上没有作用。",
        f"`{what}` has no effect at this {node.kind}.",
        ("删除它，或移到活动上。", "Remove it or move it to an activity."),
        node.name,
    )


def _listeners(node: Node, notes: Findings) -> None:
    if node.listeners and node.kind.endswith("Gateway"):
        _unused(node, "gw:listener", node.listeners[0].line, notes)
    for listener in node.listeners:
        if listener.event not in _LISTENED or not listener.topic:
            notes.error(
                "listener.invalid",
                listener.line,
                node.id,
                "监听器需要 event（enter、complete 或 cancel）和 topic。",
                "A listener needs `event` (enter, complete or cancel) and `topic`.",
                name=node.name,
            )
        for _, text in listener.parameters:
            check_template(text, listener.line, node.id, notes, name=node.name)
