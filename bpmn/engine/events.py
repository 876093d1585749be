"""Events: start, end, throwing, catching, boundary events, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.checker.model import Event, Node
from bpmn.checker.timers import TimerText
from bpmn.engine import catching, data
from bpmn.engine.contract import MessageWait, SignalWait, Thrown, TimerWait, Wait
from bpmn.engine.specs import FlowSpec, NodeSpec, ScopeSpec
from bpmn.engine.spiff import TaskState, Token
from bpmn.errors import ExpressionError
from bpmn.sandbox import Expression, Template
from bpmn.values import Variables

if TYPE_CHECKING:
    from bpmn.engine.workflow import ScopeWorkflow


class EventSpec(NodeSpec):
    """An event with at most one definition. Its texts are compiled by `bpmn.engine.building`."""

    def __init__(self, scope: ScopeSpec, node: Node, event: Event | None, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.event = event
        self.scope = scope
        self.value: Template | None = None
        self.condition: Expression | None = None
        self.correlation: tuple[tuple[str, Template], ...] = ()
        self.output_texts: tuple[tuple[str, Expression], ...] = ()
        self.sent: tuple[tuple[str, Template], ...] = ()

    def correlated(self, token: Token) -> Variables:
        """The correlation values, from the token's variables."""
        instance = token.instance
        variables = instance.variables_at(token)
        return data.guarded({name: text.value(variables, instance.case) for name, text in self.correlation})

    def take_result(self, token: Token, result: Mapping[str, Any]) -> None:
        if not self.output_texts:
            token.instance.write(token, result)
            return
        instance = token.instance
        seen = {**instance.variables_at(token), **result}
        instance.write(token, {name: source.evaluate(seen, instance.case) for name, source in self.output_texts})

    def take_fired(self, token: Token) -> bool:
        """Take what the event brought that is known to have come."""
        self.take_result(token, token.internal_data.get("result", {}))
        token.internal_data.pop("result", None)
        return True


class ThrowSpec(EventSpec):
    """An end event or intermediate throw event. The effect comes when it is completed."""

    def _run_hook(self, token: Token) -> bool:
        if self.event is not None and self.event.kind == "message":
            token.internal_data["corr"] = self.correlated(token)
            token.internal_data["sent"] = self.payload(token)
        elif self.event is not None and self.event.kind in ("signal", "error", "escalation"):
            token.internal_data["sent"] = self.payload(token)
        return True

    def payload(self, token: Token) -> Variables:
        """The variables that go out: the mapped ones, else all."""
        instance = token.instance
        variables = instance.variables_at(token)
        if self.sent:
            return data.guarded({name: text.value(variables, instance.case) for name, text in self.sent})
        return data.copied(variables)

    def choose(self, token: Token) -> tuple[FlowSpec, ...]:
        return () if self.node.kind == "endEvent" else super().choose(token)

    def effect(self, token: Token) -> None:
        event, instance, scope = self.event, token.instance, token.workflow
        if event is None:
            return
        internal = token.internal_data
        mapped: Variables = internal.get("sent", {}) if self.sent else {}
        if event.kind == "message":
            instance.thrown.append(Thrown("message", event.name, internal["sent"], internal["corr"], self.node.id))
        elif event.kind == "signal":
            instance.thrown.append(Thrown("signal", event.name, internal["sent"], {}, self.node.id))
            catching.signal(instance, event.name, mapped)
        elif event.kind == "escalation":
            catching.throw_in(scope, "escalation", event.code or "", mapped)
        elif event.kind == "terminate":
            instance.cancel_scope(scope)
        elif event.kind == "error":
            if not catching.throw_in(scope, "error", event.code or "", mapped):
                # Nothing catches it: the instance ends (BPMN 2.0.2 section 10.5.6 leaves this to the engine).
                instance.cancel_scope(instance)
                instance.spent(instance)
        elif event.kind == "cancel":
            self._cancel_transaction(scope)

    def _cancel_transaction(self, scope: ScopeWorkflow) -> None:
        """The transaction is left by its cancel boundary event; without one it just ends."""
        container = scope.container
        if container is None or not catching.throw_from(container, "cancel", "", {}):
            scope.instance.cancel_scope(scope)


class CatchSpec(EventSpec):
    """A catching event: intermediate, boundary, start of an event subprocess, or receive task."""

    activity: NodeSpec | None = None
    """The event subprocess that it starts."""
    start_name = ""
    """The start event inside it."""

    def arm(self, token: Token) -> None:
        """Work out what it waits for, and wait."""
        event, internal, instance = self.event, token.internal_data, token.instance
        if event is None:
            return
        if event.kind == "timer" and self.value is not None:
            variables = instance.variables_at(token)
            text = str(self.value.value(variables, instance.case)).strip()
            timer = TimerText.read(event.timer, text)
            if timer.problem:
                raise ExpressionError(
                    text=text, line=event.line, column=1, why_zh=timer.problem[0], why_en=timer.problem[1]
                )
            if not self.value.is_static:
                internal["timer"] = text
        elif event.kind == "message" and self.correlation:
            internal["corr"] = self.correlated(token)
        elif event.kind == "conditional":
            internal["was"] = False
        token._set_state(TaskState.WAITING)

    def _run_hook(self, token: Token) -> bool:
        if token.internal_data.get("fired") or self.event is None:
            return self.take_fired(token)
        self.arm(token)
        return False

    def again(self, token: Token, last: bool) -> None:
        event, scope = self.event, token.workflow
        assert event is not None
        count = token.internal_data.get("count", 1) + 1
        owner = token.owner
        scope.drop(token)
        if event.kind == "timer":
            timer = self.timer(token)
            if last or not timer.repeats or (timer.times is not None and count > timer.times):
                return
        follower = scope.add(self, owner, armed=1)
        if event.kind == "timer":
            follower.internal_data["count"] = count
            if "timer" in token.internal_data:
                follower.internal_data["timer"] = token.internal_data["timer"]
        elif event.kind == "conditional":
            follower.internal_data["was"] = True
        elif "corr" in token.internal_data:
            follower.internal_data["corr"] = token.internal_data["corr"]
        follower._set_state(TaskState.WAITING)

    def timer(self, token: Token) -> TimerText:
        assert self.event is not None
        assert self.value is not None
        return TimerText.read(self.event.timer, token.internal_data.get("timer", self.value.text.strip()))

    def catches(self, kind: str, code: str) -> bool:
        event = self.event
        return event is not None and event.kind == kind and event.code in (None, code)

    def waits_for_signal(self, token: Token, name: str) -> bool:
        event = self.event
        return event is not None and event.kind == "signal" and event.name == name and catching.is_waiting(token)

    def settle(self, token: Token) -> bool:
        if self.condition is None or not catching.is_waiting(token):
            return False
        instance = token.instance
        try:
            holds = self.condition.holds(instance.variables_at(token), instance.case)
        except ExpressionError:
            holds = False  # a variable that is not there yet
        was, token.internal_data["was"] = token.internal_data.get("was", False), holds
        if not holds or was:
            return False
        catching.trigger(token, {}, last=False)
        return True

    def wait(self, token: Token) -> Wait | None:
        event = self.event
        if event is None or not catching.is_waiting(token):
            return None
        place = (token.key, self.node.id, self.node.name, token.workflow.process_id)
        if event.kind == "timer":
            timer = self.timer(token)
            return TimerWait(
                *place,
                timer.kind,
                timer.value,
                token.internal_data.get("count", 1),
                event.catch_up,  # type: ignore[arg-type]
            )
        if event.kind == "message":
            return MessageWait(*place, event.name, token.internal_data.get("corr", {}))
        if event.kind == "signal":
            return SignalWait(*place, event.name)
        return None


class StartSpec(EventSpec):
    """A start event: what it waited for is known to have come."""

    def _run_hook(self, token: Token) -> bool:
        return self.take_fired(token)
