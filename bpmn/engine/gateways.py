"""Gateways: exclusive, parallel, inclusive and event-based, with joins that count tokens per incoming flow.

SpiffWorkflow's joins walk the tree of past tasks; these keep what arrived in the join's own token, so that loops,
repeated tokens and a forgotten past change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.engine.specs import FlowSpec, NodeSpec, no_flow
from bpmn.engine.spiff import TaskState, Token

if TYPE_CHECKING:
    from bpmn.engine.workflow import ScopeWorkflow


class ExclusiveGateway(NodeSpec):
    """The first flow in the order of the file whose condition holds, else the default (BPMN 2.0.2 section 13.4.2)."""

    def choose(self, token: Token) -> tuple[FlowSpec, ...]:
        if len(self.flows) <= 1 and all(flow.condition is None for flow in self.flows):
            return self.flows
        instance = token.instance
        variables = instance.variables_at(token)
        default: FlowSpec | None = None
        for flow in self.flows:
            if flow.is_default:
                default = flow
            elif flow.condition is None or flow.condition.holds(variables, instance.case):
                return (flow,)
        if default is None:
            raise no_flow(self.node)
        return (default,)


class JoinSpec(NodeSpec):
    """A gateway that may have to wait for several incoming flows."""

    def arrive(self, scope: ScopeWorkflow, flow: FlowSpec) -> None:
        if len(self.node.incoming) < 2:
            scope.put(self)
            return
        join = scope.joins.get(self.name)
        if join is None:
            join = scope.joins[self.name] = scope.add(self, arrived={})
            join._set_state(TaskState.WAITING)
            scope.instance.emit("entered", join)
        arrived: dict[str, int] = join.internal_data["arrived"]
        arrived[flow.id] = arrived.get(flow.id, 0) + 1
        self.arrived(join)

    def arrived(self, join: Token) -> None:
        """One more token is there."""

    def fire(self, join: Token, used: list[str]) -> None:
        """Use up one token of each flow in `used` and go on; what is left waits at a new join."""
        scope = join.workflow
        left = dict(join.internal_data["arrived"])
        for flow in used:
            left[flow] -= 1
        left = {flow: count for flow, count in left.items() if count}
        del scope.joins[self.name]
        join.internal_data = {}
        scope.instance.make_ready(join, "run")
        if left:
            rest = scope.joins[self.name] = scope.add(self, arrived=left)
            rest._set_state(TaskState.WAITING)
            scope.instance.emit("entered", rest)

    def missing(self, join: Token) -> list[str]:
        """The incoming flows without a token."""
        arrived = join.internal_data.get("arrived", {})
        return [flow.id for flow in self.node.incoming if flow.id not in arrived]

    def sources(self, flow_id: str) -> frozenset[str]:
        """The nodes from which a token can reach this incoming flow without passing this gateway."""
        return self._wf_spec.reach(self.node.id, flow_id)  # type: ignore[no-any-return]

    def others(self, join: Token) -> set[str]:
        """Where the other live tokens of the scope stand."""
        places: set[str] = set()
        for token in join.workflow.tokens():
            if (token is not join and not token.is_armed) or (token.is_armed and token.owner is None):
                places.add(token.task_spec.node.id)
        return places


class ParallelGateway(JoinSpec):
    """Waits for a token on every incoming flow, then takes every outgoing one."""

    def arrived(self, join: Token) -> None:
        if not self.missing(join):
            self.fire(join, [flow.id for flow in self.node.incoming])
            rest = join.workflow.joins.get(self.name)
            if rest is not None:
                self.arrived(rest)

    def choose(self, token: Token) -> tuple[FlowSpec, ...]:
        return self.flows

    def can_never_fire(self, token: Token) -> bool:
        if "arrived" not in token.internal_data:
            return False
        others = self.others(token)
        return any(not (self.sources(flow) & others) for flow in self.missing(token))


class InclusiveGateway(JoinSpec):
    """Waits for every token that can still arrive, then takes every flow whose condition holds.

    The rule is that of BPMN 2.0.2 section 13.4.3: wait for a token elsewhere that can reach an empty incoming flow
    unless it can also reach a flow that already has a token.
    """

    def settle(self, token: Token) -> bool:
        if "arrived" not in token.internal_data or "incident" in token.internal_data:
            return False
        empty = self.missing(token)
        if empty:
            filled: set[str] = set()
            for flow in token.internal_data["arrived"]:
                filled |= self.sources(flow)
            reaching = set().union(*(self.sources(flow) for flow in empty))
            if self.others(token) & (reaching - filled):
                return False
        self.fire(token, list(token.internal_data["arrived"]))
        return True

    def choose(self, token: Token) -> tuple[FlowSpec, ...]:
        if len(self.flows) <= 1 and all(flow.condition is None for flow in self.flows):
            return self.flows
        return self.matching(token, require=True)


class EventGateway(NodeSpec):
    """Waits at all the events behind it; the first one that comes decides."""

    is_event_gateway = True

    def _run_hook(self, token: Token) -> bool:
        specs = token.workflow.spec.task_specs
        self.arm_all(token, [specs[flow.target] for flow in self.flows])
        token._set_state(TaskState.WAITING)
        return False

    def decide(self, token: Token, spec: NodeSpec, variables: Mapping[str, Any]) -> None:
        """`spec` is the event that came."""
        instance = token.instance
        for other in list(token.children):
            token.workflow.drop(other)
        token.internal_data["chosen"] = [spec.name, dict(variables)]
        instance.make_ready(token, "leave")

    def choose(self, token: Token) -> tuple[FlowSpec, ...]:
        return ()

    def effect(self, token: Token) -> None:
        """Take the flow to the event that came, which need not wait any more."""
        scope = token.workflow
        chosen, variables = token.internal_data["chosen"]
        for flow in self.flows:
            if flow.target == chosen:
                token.instance.tell_flow(scope, flow)
                scope.put(scope.spec.task_specs[flow.target], token.owner, fired=1, result=variables)
