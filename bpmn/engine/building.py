"""Builds specifications from a checked model. It trusts the rules of `bpmn.checker`: what comes here runs right."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.checker.model import JOBS, Flow, Model, Node, Process, Scope
from bpmn.engine.activities import (
    ActivitySpec,
    Assignment,
    DecisionTaskSpec,
    JobTaskSpec,
    ScriptTaskSpec,
    UserTaskSpec,
)
from bpmn.engine.compensating import CompensatingSpec
from bpmn.engine.composite import BodySpec, CallSpec, MultiInstanceSpec, StandardLoopSpec, SubprocessSpec
from bpmn.engine.events import CatchSpec, EventSpec, StartSpec, ThrowSpec
from bpmn.engine.gateways import EventGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from bpmn.engine.reach import ReachingScopeSpec
from bpmn.engine.specs import FlowSpec, NodeSpec, ScopeSpec, inner_name, spec_name
from bpmn.sandbox import Template, compile_expression, compile_script, compile_template

_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
_GATEWAYS: Mapping[str, type[NodeSpec]] = {
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventGateway,
}


def build(model: Model) -> dict[str, ScopeSpec]:
    """The specifications of every process and subprocess, by id."""
    scopes: dict[str, ScopeSpec] = {}
    for process in model.processes.values():
        _Builder(process, scopes).build(process.body)
    return scopes


class _Builder:
    """Builds one process."""

    def __init__(self, process: Process, scopes: dict[str, ScopeSpec]) -> None:
        self.process = process
        self.scopes = scopes

    def build(self, body: Scope) -> ScopeSpec:
        """Build a scope; subprocesses first, so that recursion depth is the nesting's."""
        scope = ReachingScopeSpec(body.id, body)
        self.scopes[body.id] = scope
        specs: dict[str, NodeSpec] = {}
        for node in body.nodes.values():
            specs[node.id] = self._node(scope, node)
        for node in body.nodes.values():
            self._connect(specs, node, body)
        self._begin(scope, specs, body)
        return scope

    # --- nodes --------------------------------------------------------------------------------------------------

    def _node(self, scope: ScopeSpec, node: Node) -> NodeSpec:
        if node.loop is None:
            spec = self._plain(scope, node, None)
        else:
            spec = self._loop(scope, node)
        if not isinstance(spec, BodySpec):
            self._listeners(spec)
        return spec

    def _loop(self, scope: ScopeSpec, node: Node) -> NodeSpec:
        loop = node.loop
        assert loop is not None
        body: StandardLoopSpec | MultiInstanceSpec
        if loop.kind == "standard":
            body = StandardLoopSpec(scope, node)
            body.condition = compile_expression(loop.condition) if loop.condition else None
            body.maximum = compile_expression(loop.maximum) if loop.maximum else None
        else:
            body = MultiInstanceSpec(scope, node)
            body.cardinality = compile_expression(loop.cardinality) if loop.cardinality else None
            body.collection = compile_expression(loop.collection) if loop.collection else None
            body.until = compile_expression(loop.until) if loop.until else None
        body.inner = self._plain(scope, node, inner_name(node.id))
        self._listeners(body.inner)
        return body

    def _plain(self, scope: ScopeSpec, node: Node, name: str | None) -> NodeSpec:
        kind = node.kind
        if kind in _GATEWAYS:
            return _GATEWAYS[kind](scope, node, name)
        if kind == "startEvent":
            return self._event(StartSpec(scope, node, node.event), node)
        if node.event is not None and node.event.kind in ("compensate", "cancel") and kind in _THROWING:
            return CompensatingSpec(scope, node, node.event, name)
        if kind in _THROWING:
            return self._event(ThrowSpec(scope, node, node.event, name), node)
        if kind in ("intermediateCatchEvent", "boundaryEvent"):
            return self._event(CatchSpec(scope, node, node.event, name), node)
        if kind == "receiveTask":
            return self._event(CatchSpec(scope, node, node.message, name), node)
        return self._activity(scope, node, name)

    def _activity(self, scope: ScopeSpec, node: Node, name: str | None) -> NodeSpec:
        kind = node.kind
        spec: NodeSpec
        if kind in ("userTask", "manualTask"):
            lane = self.process.lanes.get(node.lane)
            spec = UserTaskSpec(scope, node, name, _assignment(node, lane.groups if lane else ""), lane)
        elif kind == "scriptTask":
            spec = ScriptTaskSpec(scope, node, name, compile_script(node.script) if node.script.strip() else None)
        elif kind == "sendTask" and "topic" not in node.gw and node.message is not None:
            return self._event(ThrowSpec(scope, node, node.message, name), node)
        elif kind == "businessRuleTask" and node.decision:
            spec = DecisionTaskSpec(scope, node, name, node.decision)
        elif kind in JOBS:
            spec = JobTaskSpec(scope, node, name, node.gw.get("topic") or node.id)
        elif kind == "callActivity":
            spec = CallSpec(scope, node, name)
        elif node.body is not None:
            body = self.scopes.get(node.body.id) or self.build(node.body)
            spec = SubprocessSpec(scope, node, name, body)
        else:
            spec = ActivitySpec(scope, node, name)
        assert isinstance(spec, ActivitySpec)
        spec.input_texts = tuple((key, compile_template(text)) for key, text, _ in node.inputs)
        spec.output_texts = tuple((key, compile_expression(_source(text))) for key, text, _ in node.outputs)
        return spec

    def _event(self, spec: EventSpec, node: Node) -> EventSpec:
        event = spec.event
        if event is None:
            return spec
        if event.kind == "timer":
            spec.value = compile_template(event.value)
        elif event.kind == "conditional" and not isinstance(spec, StartSpec):
            spec.condition = compile_expression(event.value)
            spec.is_conditional = spec.scope.watches = True
        spec.correlation = tuple((key, compile_template(text)) for key, text in event.correlation)
        spec.output_texts = tuple((key, compile_expression(_source(text))) for key, text, _ in node.outputs)
        spec.sent = tuple((key, compile_template(text)) for key, text, _ in node.inputs)
        return spec

    def _listeners(self, spec: NodeSpec) -> None:
        spec.listeners = tuple(
            (each, tuple((key, compile_template(text)) for key, text in each.parameters))
            for each in spec.node.listeners
        )
        spec.asks_host = spec.asks_host or bool(spec.listeners)

    # --- connections --------------------------------------------------------------------------------------------

    def _connect(self, specs: dict[str, NodeSpec], node: Node, body: Scope) -> None:
        spec = specs[node.id]
        spec.flows = tuple(self._flow(flow, node) for flow in node.outgoing)
        for flow in node.outgoing:
            spec.connect(specs[flow.target])
        attached = body.attached(node.id)
        spec.boundaries = tuple(specs[each.id] for each in attached if each.id not in body.compensations)
        spec.compensation = next((specs[each.id] for each in attached if each.id in body.compensations), None)
        if node.id in body.compensations:
            spec.handler = specs[body.compensations[node.id]]
        if node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link":
            target = body.linked("intermediateCatchEvent", node.event.link)[0]
            spec.flows = (FlowSpec("", "", spec_name(target.id)),)
        if node.kind == "intermediateCatchEvent" and isinstance(spec, CatchSpec) and node.event is not None:
            if node.event.kind == "link":
                spec.event = None

    def _flow(self, flow: Flow, node: Node) -> FlowSpec:
        is_default = flow.id == node.default or flow.id == implied_default(node)
        condition = None
        if flow.condition and not is_default and node.kind not in ("parallelGateway", "eventBasedGateway"):
            condition = compile_expression(flow.condition)
        return FlowSpec(flow.id, flow.name, spec_name(flow.target), condition, is_default, flow.line)

    def _begin(self, scope: ScopeSpec, specs: dict[str, NodeSpec], body: Scope) -> None:
        for node in body.nodes.values():
            if node.triggered_by_event and node.body is not None:
                scope.triggers.append(self._trigger(scope, specs[node.id], node.body))
        starts = [node for node in body.nodes.values() if node.kind == "startEvent"]
        if starts:
            scope.starts = [specs[node.id] for node in starts if node.event is None][:1]
        else:
            scope.starts = [specs[node.id] for node in body.nodes.values() if begins(node)]

    def _trigger(self, scope: ScopeSpec, activity: NodeSpec, body: Scope) -> NodeSpec:
        """The event subprocess's start event, waiting in the scope around it."""
        start = next(node for node in body.nodes.values() if node.kind == "startEvent")
        trigger = CatchSpec(scope, start, start.event, f"t:{start.id}")
        self._event(trigger, start)
        trigger.activity = activity
        trigger.start_name = spec_name(start.id)
        return trigger


def begins(node: Node) -> bool:
    """Whether a token begins here in a scope without start event."""
    if node.incoming or node.kind in ("boundaryEvent", "startEvent"):
        return False
    is_link = node.kind == "intermediateCatchEvent" and node.event is not None and node.event.kind == "link"
    return not (node.triggered_by_event or node.is_for_compensation or is_link)


def implied_default(node: Node) -> str:
    """An exclusive or inclusive gateway's only flow without condition is its default when none is marked."""
    if node.kind not in ("exclusiveGateway", "inclusiveGateway") or node.default or len(node.outgoing) < 2:
        return ""
    bare = [flow.id for flow in node.outgoing if not flow.condition]
    return bare[0] if len(bare) == 1 else ""


def _source(text: str) -> str:
    return text.strip().removeprefix("=")


def _assignment(node: Node, lane_groups: str) -> Assignment:
    def several(name: str, fallback: str = "") -> tuple[Template, ...]:
        text = node.gw.get(name, fallback)
        if text.lstrip().startswith("="):
            return (compile_template(text),)
        return tuple(compile_template(part.strip()) for part in text.split(",") if part.strip())

    def one(name: str) -> Template | None:
        text = node.gw.get(name, "").strip()
        return compile_template(text) if text else None

    return Assignment(
        groups=several("candidateGroups", "" if "candidateUsers" in node.gw or "assignee" in node.gw else lane_groups),
        users=several("candidateUsers"),
        excluded=several("excludedUsers"),
        assignee=one("assignee"),
        priority=one("priority"),
        due=one("dueDate"),
        follow_up=one("followUpDate"),
        form=one("formKey"),
    )


__all__ = ["build"]
