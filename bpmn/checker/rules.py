"""Runs every rule over a model. Each rule looks at one thing and notes findings; none stops another."""

from __future__ import annotations

from bpmn.checker import activities, bindings, compensations, eventrules, flowrules, scopes
from bpmn.checker.behaviour import check_behaviour
from bpmn.checker.model import Model, Node, Process, Scope
from bpmn.checker.reading import Findings
from bpmn.findings import Finding

MAX_TEXTS = 300_000
"""Characters of scripts, conditions and mappings in one file: compiling them takes time."""


def check(model: Model, found: list[Finding]) -> None:
    """Note the findings of every process."""
    texts: dict[str, int] = {}
    for process in model.processes.values():
        notes = Findings(process.file, found)
        texts[process.file] = texts.get(process.file, 0) + _length_of_texts(process)
        if texts[process.file] > MAX_TEXTS:
            _too_much_text(process, notes)
            continue
        scopes.check_process(process, notes)
        _check_scope(process, process.body, None, notes, model)
    bindings.check_calls(model, found)


def _check_scope(process: Process, scope: Scope, holder: Node | None, notes: Findings, model: Model) -> None:
    before = len(notes.found)
    scopes.check_scope(process, scope, holder, notes)
    for flow in scope.flows.values():
        flowrules.check_flow(flow, scope, notes)
    compensations.check_compensations(scope, holder, notes)
    for node in scope.nodes.values():
        flowrules.check_node(node, scope, notes)
        eventrules.check_events(node, scope, holder, notes)
        activities.check_activity(node, notes)
        bindings.check_bindings(node, process, notes)
    if all(finding.severity != "error" for finding in notes.found[before:]):
        check_behaviour(scope, notes)
    for node in scope.nodes.values():
        if node.body is not None:
            _check_scope(process, node.body, node, notes, model)


def _length_of_texts(process: Process) -> int:
    total = 0
    for _, node in process.body.everywhere():
        total += len(node.script) + sum(len(text) for _, text, _ in (*node.inputs, *node.outputs))
        total += sum(len(event.value) for event in node.events) + sum(len(text) for text in node.gw.values())
        total += sum(len(text) for listener in node.listeners for _, text in listener.parameters)
        total += sum(len(flow.condition or "") for flow in node.outgoing)
        if node.loop is not None:
            total += len(node.loop.condition) + len(node.loop.collection) + len(node.loop.cardinality)
            total += len(node.loop.until) + len(node.loop.maximum)
    return total


def _too_much_text(process: Process, notes: Findings) -> None:
    notes.error(
        "file.too_much_text",
        process.line,
        process.id,
        f"脚本和条件共超过 {MAX_TEXTS} 个字符。",
        f"Scripts and conditions have more than {MAX_TEXTS} characters in all.",
        ("把逻辑移到处理程序或决策表中。", "Move the logic into handlers or decision tables."),
        process.name,
    )
