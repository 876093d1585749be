"""`compile_files`: from the files of a deployment to a `Bundle`, or one error with every finding."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.checker import check_model
from bpmn.checker.model import JOBS, Node, Process
from bpmn.checker.timers import TimerText
from bpmn.engine.building import build, implied_default
from bpmn.engine.bundle import Bundle, ElementInfo, FlowInfo, LaneInfo, ProcessInfo, StartInfo
from bpmn.errors import DefinitionError
from bpmn.findings import errors_of


def compile_files(files: Mapping[str, bytes]) -> Bundle:
    """Compile every `.bpmn` (and `.xml`) file together; other files are what they may refer to.

    :raises DefinitionError: anything is wrong with any of them; `facts["findings"]` has all findings.
    """
    model, findings = check_model(files)
    errors = errors_of(findings)
    if errors:
        first = errors[0]
        raise DefinitionError(
            findings=tuple(findings), count=len(errors), first_en=first.as_line("en"), first_zh=first.as_line("zh")
        )
    processes = {process.id: _describe(process) for process in model.processes.values()}
    return Bundle(processes, tuple(findings), build(model))


def _describe(process: Process) -> ProcessInfo:
    nodes = [(scope.id, node) for scope, node in process.body.everywhere()]
    scopes = [process.body, *(node.body for _, node in nodes if node.body is not None)]
    flows = {
        flow.id: FlowInfo(
            flow.id,
            flow.name,
            flow.source,
            flow.target,
            flow.condition,
            flow.id in (scope.nodes[flow.source].default, implied_default(scope.nodes[flow.source])),
        )
        for scope in scopes
        for flow in scope.flows.values()
    }
    return ProcessInfo(
        process.id,
        process.name or process.participant,
        process.file,
        process.documentation,
        process.is_executable is not False,
        {node.id: _element(node, parent) for parent, node in nodes},
        flows,
        tuple(_start(node) for node in process.body.nodes.values() if _starts(node)),
        tuple(LaneInfo(lane.id, lane.name, lane.groups) for lane in process.lanes.values()),
        frozenset(topic for _, node in nodes if (topic := topic_of(node))),
        frozenset(each.topic for _, node in nodes for each in node.listeners),
        frozenset(node.decision for _, node in nodes if node.decision),
        frozenset(node.called for _, node in nodes if node.called),
        frozenset(node.gw["formKey"] for _, node in nodes if node.gw.get("formKey")),
        frozenset(clock for _, node in nodes for clock in _clocks(node)),
    )


def topic_of(node: Node) -> str | None:
    """What a job asks for; a decision and a sent message ask for no topic."""
    if node.kind not in JOBS or node.decision:
        return None
    if node.kind == "sendTask" and "topic" not in node.gw and node.message is not None:
        return None
    return node.gw.get("topic") or node.id


def _element(node: Node, parent: str) -> ElementInfo:
    event = node.message or node.event
    return ElementInfo(
        node.id,
        node.kind,
        node.name,
        node.documentation,
        node.lane or None,
        node.line,
        tuple(flow.id for flow in node.incoming),
        tuple(flow.id for flow in node.outgoing),
        node.attached_to or None,
        node.interrupting,
        parent,
        event.kind if event else None,
        dict(node.gw),
        node.gw.get("formKey"),
        topic_of(node),
    )


def _starts(node: Node) -> bool:
    return node.kind == "startEvent" or (node.kind == "receiveTask" and node.instantiate and not node.incoming)


def _start(node: Node) -> StartInfo:
    event = node.message or node.event
    if event is None:
        return StartInfo(node.id, node.name, "none", "")
    if event.kind == "timer":
        timer = TimerText.read(event.timer, event.value)
        return StartInfo(node.id, node.name, "timer", timer.value, timer.kind)
    value = event.value if event.kind == "conditional" else event.name or event.code or ""
    return StartInfo(node.id, node.name, event.kind, value, "", event.correlation)


def _clocks(node: Node) -> list[str]:
    texts = [event.value for event in node.events if event.kind == "timer"]
    texts += [node.gw.get("dueDate", ""), node.gw.get("followUpDate", "")]
    return [text.strip() for text in texts if text.strip().startswith("clock:")]
