"""Specifications of flow nodes: SpiffWorkflow's task specification with token semantics, and the plain nodes.

The life of a token at a node: it is announced and prepared (boundary events, listeners), run, perhaps waits for a
result, and completes along the flows that `choose` names. Activities, gateways and events refine these steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bpmn.checker.model import Event, Listener, Node, Scope
from bpmn.engine.contract import ElementRef, Wait
from bpmn.engine.spiff import BpmnProcessSpec, BpmnSpecMixin, Token
from bpmn.engine.workflow import ScopeWorkflow
from bpmn.errors import ExpressionError, GridWhistleError
from bpmn.sandbox import Expression, Template
from bpmn.values import Variables


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """A sequence flow as the engine takes it. Without an id it is a step that no diagram shows (a link)."""

    id: str
    name: str
    target: str
    condition: Expression | None = None
    is_default: bool = False
    line: int = 0


class ScopeSpec(BpmnProcessSpec):
    """The specification of a process or subprocess body."""

    def __init__(self, name: str, model: Scope) -> None:
        super().__init__(name=name)
        self.model = model
        self.watches = False
        """Whether a conditional event stands in it."""
        self.triggers: list[NodeSpec] = []
        """Event subprocesses, waiting for as long as the scope is open."""
        self.starts: list[NodeSpec] = []
        """Where a token begins when nobody picks a start event."""


def spec_name(node_id: str) -> str:
    """The name of a node's specification: no id collides with SpiffWorkflow's own `Start`, `End` or `Root`."""
    return f"n:{node_id}"


def inner_name(node_id: str) -> str:
    """The name of what a loop or multi-instance body repeats."""
    return f"i:{node_id}"


class NodeSpec(BpmnSpecMixin):
    """A plain node: an undefined task, a none event. Everything that is special derives from it."""

    is_silent = False
    """True for what tells no events of its own: the body of a loop."""
    is_event_gateway = False
    is_conditional = False
    compensation: NodeSpec | None = None
    """The boundary event that compensates this activity once it is completed."""
    handler: NodeSpec | None = None
    """Of a compensation boundary event: the activity that compensates."""
    output_texts: tuple[tuple[str, Expression], ...] = ()
    event: Event | None = None
    """The event definition that it waits for or throws."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, name or spec_name(node.id), bpmn_name=node.name, inputs=[], outputs=[])
        self.bpmn_id = node.id
        self.node = node
        self.flows: tuple[FlowSpec, ...] = ()
        self.boundaries: tuple[NodeSpec, ...] = ()
        self.listeners: tuple[tuple[Listener, tuple[tuple[str, Template], ...]], ...] = ()
        self.asks_host = False

    # --- reaching it --------------------------------------------------------------------------------------------

    def arrive(self, scope: ScopeWorkflow, flow: FlowSpec) -> None:
        """A token comes along `flow`."""
        scope.put(self)

    def announce(self, token: Token) -> None:
        if not self.is_silent:
            token.instance.emit("entered", token)

    def prepare(self, token: Token) -> None:
        """Arm the boundary events and tell the listeners."""
        self.arm_all(token, self.boundaries)
        self.tell("enter", token)

    def arm_all(self, token: Token, triggers: Iterable[NodeSpec]) -> None:
        """Let the triggers wait beside the token. All or, when a text of one fails, none; a retry begins anew."""
        scope = token.workflow
        for child in list(token.children):
            scope.drop(child)
        try:
            for spec in triggers:
                spec.arm(scope.add(spec, token, armed=1))
        except GridWhistleError:
            for child in list(token.children):
                scope.drop(child)
            raise

    def arm(self, token: Token) -> None:
        """Begin to wait beside something else; only events do."""

    def again(self, token: Token, last: bool) -> None:
        """A trigger that interrupts nothing has fired: wait once more, or no more."""
        token.workflow.drop(token)

    def catches(self, kind: str, code: str) -> bool:
        """Whether it waits for this error, escalation or cancellation."""
        return False

    def waits_for_signal(self, token: Token, name: str) -> bool:
        return False

    def settle(self, token: Token) -> bool:
        """Look again when nothing is ready. True: something became ready."""
        return False

    def can_never_fire(self, token: Token) -> bool:
        """Whether it waits for what cannot come."""
        return False

    # --- running ------------------------------------------------------------------------------------------------

    def _run(self, token: Token) -> bool:
        """Do the element's work. False: it waits, and goes on with a result."""
        return bool(self._run_hook(token))

    def take_result(self, token: Token, result: Mapping[str, Any]) -> None:
        """What a completed wait brings."""
        token.instance.write(token, result)

    def wait(self, token: Token) -> Wait | None:
        """What the token waits for, if the outside can answer it."""
        return None

    def go_on(self, token: Token) -> bool:
        """After a repetition inside this loop has completed. True: the loop is done."""
        return True

    def scope_ended(self, token: Token, scope: ScopeWorkflow) -> None:
        """The scope inside this activity has ended."""

    # --- leaving ------------------------------------------------------------------------------------------------

    def choose(self, token: Token) -> tuple[FlowSpec, ...]:
        """The flows to leave by: all without condition, those whose condition holds, else the default one.

        (BPMN 2.0.2 section 8.4.13: an activity's conditional flows; section 13.3.1.)
        """
        if all(flow.condition is None and not flow.is_default for flow in self.flows):
            return self.flows
        return self.matching(token, require=True)

    def matching(self, token: Token, *, require: bool) -> tuple[FlowSpec, ...]:
        """Flows whose condition holds or that have none; the default when no condition holds."""
        instance = token.instance
        variables = instance.variables_at(token)
        taken: list[FlowSpec] = []
        conditional = False
        for flow in self.flows:
            if flow.is_default:
                continue
            if flow.condition is None:
                taken.append(flow)
            elif flow.condition.holds(variables, instance.case):
                taken.append(flow)
                conditional = True
        if not conditional:
            taken.extend(flow for flow in self.flows if flow.is_default)
        if not taken and require:
            raise no_flow(self.node)
        return tuple(taken)

    def _on_complete(self, token: Token) -> None:
        """SpiffWorkflow's completion, without predictions: leave by the chosen flows and forget the token."""
        flows = self.choose(token)
        self.tell("complete", token)
        instance, scope = token.instance, token.workflow
        if not self.is_silent:
            instance.emit("completed", token)
        for child in list(token.children):
            scope.drop(child)
        if self.compensation is not None:
            scope.compensable.append([scope.spec.name, self.compensation.name, self.node.id])
        owner = token.owner
        scope.drop(token)
        before = scope.round
        self.effect(token)
        if scope.round == before:
            if owner is not None and owner.is_live:
                owner.task_spec.returned(owner, token)
            else:
                for flow in flows:
                    instance.take(scope, flow)
        instance.spent(scope)

    def effect(self, token: Token) -> None:
        """What a throwing event does once it is completed, before its flows are taken."""

    def returned(self, token: Token, inner: Token) -> None:
        """One repetition inside this loop has completed."""

    # --- the host -----------------------------------------------------------------------------------------------

    def reference(self, token: Token) -> ElementRef:
        return ElementRef(self.node.id, self.node.name, self.node.kind, token.workflow.process_id)

    def tell(self, event: str, token: Token) -> None:
        """Tell the host's listeners of this element."""
        for listener, templates in self.listeners:
            if listener.event == event:
                self._tell_one(event, listener.topic, templates, token)

    def _tell_one(self, event: str, topic: str, templates: tuple[tuple[str, Template], ...], token: Token) -> None:
        instance = token.instance
        variables = instance.variables_at(token)
        parameters: Variables = {name: text.value(variables, instance.case) for name, text in templates}
        element, key = replace(self.reference(token), variables=dict(variables)), token.key
        instance.ask(token, lambda: instance.host.listen(event, topic, parameters, element, key))


def no_flow(node: Node) -> ExpressionError:
    """No condition holds and there is no default flow."""
    return ExpressionError(
        text=node.name or node.id,
        line=node.line,
        column=1,
        why_zh="没有任何出口的条件成立，也没有默认出口",
        why_en="no condition of an outgoing flow holds and there is no default flow",
    )
