"""Runs every rule over a model. Each rule looks at one thing and notes findings; none stops another."""

from __future__ import annotations

from bpmn.checker import activities, bindings, compensations, eventrules, flowrules, scopes
from bpmn.checker.behaviour import check_behaviour
from bpmn.checker.model import Model, Node, Process, Scope
from bpmn.checker.reading import Findings
from bpmn.findings import Finding


def check(model: Model, found: list[Finding]) -> None:
    """Note the findings of every process."""
    for process in model.processes.values():
        notes = Findings(process.file, found)
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
