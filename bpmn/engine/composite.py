"""Activities that hold others: subprocesses, call activities, event subprocesses, loops and multi-instance bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.checker.model import Node
from bpmn.engine import data
from bpmn.engine.activities import ActivitySpec
from bpmn.engine.specs import NodeSpec, ScopeSpec
from bpmn.engine.spiff import TaskState, Token
from bpmn.errors import ExpressionError
from bpmn.sandbox import Expression
from bpmn.values import Variables

if TYPE_CHECKING:
    from bpmn.engine.workflow import ScopeWorkflow

MAX_INSTANCES = 10_000


def begin(scope: ScopeWorkflow, start: str | None = None, brought: Mapping[str, Any] | None = None) -> None:
    """Put the first tokens into an open scope: at `start`, else where its specification begins.

    `brought` is what the event at `start` brought.
    """
    for trigger in scope.spec.triggers:
        trigger.arm(scope.add(trigger, armed=1))
    if start is not None:
        scope.put(scope.spec.task_specs[start], fired=1, result=dict(brought or {}))
        return
    for spec in scope.spec.starts:
        scope.put(spec)
    scope.instance.spent(scope)


class SubprocessSpec(ActivitySpec):
    """An embedded subprocess or transaction. It shares the variables of the scope around it."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None, body: ScopeSpec) -> None:
        super().__init__(scope, node, name)
        self.body = body

    def _run_hook(self, token: Token) -> bool:
        instance, scope = token.instance, token.workflow
        if self.input_texts:
            token.internal_data["local"] = {**token.internal_data.get("local", {}), **self.mapped_inputs(token)}
        token._set_state(TaskState.WAITING)
        start, brought = token.internal_data.get("start", (None, None))
        begin(instance.open_scope(token, self.body, None, scope.process_id), start, brought)
        token.internal_data.pop("start", None)
        return False

    def scope_ended(self, token: Token, scope: ScopeWorkflow) -> None:
        instance = token.instance
        del instance.subprocesses[token.id]
        if self.compensation is None:
            # What was done inside can be compensated from outside, as part of this activity.
            kept = [[name, boundary, self.node.id] for name, boundary, _ in scope.compensable]
            token.workflow.compensable.extend(kept)
        if self.output_texts or (self.input_texts and "local" in token.internal_data):
            seen = instance.variables_at(token)
            found = {name: source.evaluate(seen, instance.case) for name, source in self.output_texts}
            if self.input_texts:
                local: Variables = token.internal_data.pop("local")
                inputs = {name for name, _ in self.input_texts}
                if not self.output_texts:
                    found = {name: value for name, value in local.items() if name not in inputs}
            token.internal_data["result"] = found
            instance.make_ready(token, "result")
            return
        instance.make_ready(token, "leave")

    def take_result(self, token: Token, result: Any) -> None:
        token.instance.write(token, result)


class CallSpec(ActivitySpec):
    """A call activity: the called process has its own variables; without mappings all go in and all come back."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None) -> None:
        super().__init__(scope, node, name)
        self.called = node.called

    def _run_hook(self, token: Token) -> bool:
        instance = token.instance
        own = self.mapped_inputs(token) if self.input_texts else data.copied(instance.variables_at(token))
        body = instance.bundle.scopes[self.called]
        token._set_state(TaskState.WAITING)
        begin(instance.open_scope(token, body, own, self.called))
        return False

    def scope_ended(self, token: Token, scope: ScopeWorkflow) -> None:
        instance = token.instance
        del instance.subprocesses[token.id]
        token.internal_data["result"] = scope.own or {}
        instance.make_ready(token, "result")

    def take_result(self, token: Token, result: Any) -> None:
        instance = token.instance
        if self.output_texts:
            result = {name: source.evaluate(result, instance.case) for name, source in self.output_texts}
        instance.write(token, result)


class BodySpec(NodeSpec):
    """What a loop and a multi-instance body have in common: it repeats `inner` and carries the boundary events."""

    is_silent = True
    inner: NodeSpec

    def start_one(self, token: Token, index: int, **more: Any) -> None:
        local: Variables = {"loopCounter": index, **more}
        token.workflow.put(self.inner, token, local=local)

    def merge(self, token: Token, inner: Token, without: set[str]) -> None:
        """What a repetition wrote becomes visible outside."""
        local = inner.internal_data.get("local", {})
        hidden = without | {"loopCounter"}
        token.instance.write(token, {name: value for name, value in local.items() if name not in hidden})

    def scope_ended(self, token: Token, scope: ScopeWorkflow) -> None:
        raise AssertionError("a loop body holds no scope itself")


class StandardLoopSpec(BodySpec):
    """A standard loop: while the condition holds, at most `maximum` times (BPMN 2.0.2 section 13.3.6)."""

    condition: Expression | None = None
    maximum: Expression | None = None

    def _run_hook(self, token: Token) -> bool:
        token.internal_data["done"] = 0
        token._set_state(TaskState.WAITING)
        loop = self.node.loop
        if loop is not None and loop.test_before and not self._goes_on(token, 0):
            return True
        self.start_one(token, 0)
        return False

    def _goes_on(self, token: Token, done: int) -> bool:
        instance = token.instance
        variables = {**instance.variables_at(token), "loopCounter": done}
        if self.maximum is not None and done >= int(self.maximum.evaluate(variables, instance.case)):
            return False
        return self.condition is None or self.condition.holds(variables, instance.case)

    def returned(self, token: Token, inner: Token) -> None:
        self.merge(token, inner, set())
        token.internal_data["done"] += 1
        token.instance.make_ready(token, "returned")

    def go_on(self, token: Token) -> bool:
        done = token.internal_data["done"]
        if not self._goes_on(token, done):
            return True
        self.start_one(token, done)
        token._set_state(TaskState.WAITING)
        return False


class MultiInstanceSpec(BodySpec):
    """Parallel or sequential instances over a number or a collection (BPMN 2.0.2 section 13.3.7)."""

    cardinality: Expression | None = None
    collection: Expression | None = None
    until: Expression | None = None

    def _run_hook(self, token: Token) -> bool:
        items, keys = self._items(token)
        internal, loop = token.internal_data, self.node.loop
        assert loop is not None
        token._set_state(TaskState.WAITING)
        internal.update(total=len(items), done=0, next=0)
        if loop.output:
            internal["out"] = {}
        if keys is not None:
            internal["keys"] = keys
        if not items:
            self._write_output(token)
            return True
        if loop.sequential:
            if self.collection is not None:
                internal["items"] = items
            self._start_next(token, items[0])
        else:
            for item in items:
                self._start_next(token, item)
        return False

    def _items(self, token: Token) -> tuple[list[Any], list[str] | None]:
        instance = token.instance
        variables = instance.variables_at(token)
        if self.collection is not None:
            found = self.collection.evaluate(variables, instance.case)
            if isinstance(found, dict):
                return list(found.values()), list(found)
            if not isinstance(found, list | tuple):
                raise self._refuse(self.collection, "多实例的集合不是列表", "the collection is no list")
            items = list(found)
        else:
            assert self.cardinality is not None
            number = self.cardinality.evaluate(variables, instance.case)
            if isinstance(number, bool) or not isinstance(number, int | float) or number < 0 or number != int(number):
                raise self._refuse(self.cardinality, "多实例的数量不是自然数", "the cardinality is no natural number")
            if number > MAX_INSTANCES:
                raise self._refuse(self.cardinality, "多实例过多", "there are too many instances")
            items = [None] * int(number)
        if len(items) > MAX_INSTANCES:
            raise self._refuse(self.collection, "多实例过多", "there are too many instances")
        return items, None

    def _refuse(self, text: Expression | None, zh: str, en: str) -> ExpressionError:
        return ExpressionError(
            text=text.text if text else self.node.id, line=self.node.line, column=1, why_zh=zh, why_en=en
        )

    def _start_next(self, token: Token, item: Any) -> None:
        loop, index = self.node.loop, token.internal_data["next"]
        assert loop is not None
        token.internal_data["next"] = index + 1
        self.start_one(token, index, **({loop.item: item} if loop.item and self.collection is not None else {}))

    def returned(self, token: Token, inner: Token) -> None:
        internal, loop = token.internal_data, self.node.loop
        assert loop is not None
        local: Variables = inner.internal_data.get("local", {})
        internal["done"] += 1
        if "out" in internal:
            internal["out"][str(local["loopCounter"])] = local.get(loop.output_item or loop.item)
        else:
            self.merge(token, inner, {loop.item, loop.output_item} - {""})
        internal["seen"] = local
        token.instance.make_ready(token, "returned")

    def go_on(self, token: Token) -> bool:
        internal, loop = token.internal_data, self.node.loop
        assert loop is not None
        if self._is_enough(token, internal.get("seen", {})) or internal["done"] == internal["total"]:
            for child in list(token.children):
                if not child.is_armed:
                    token.instance.cancel_token(child)
            self._write_output(token)
            return True
        internal.pop("seen", None)
        token._set_state(TaskState.WAITING)
        if loop.sequential:
            items = internal.get("items")
            self._start_next(token, items[internal["next"]] if items else None)
        return False

    def _is_enough(self, token: Token, local: Variables) -> bool:
        if self.until is None:
            return False
        instance, internal = token.instance, token.internal_data
        counts = {
            "nrOfInstances": internal["total"],
            "nrOfCompletedInstances": internal["done"],
            "nrOfActiveInstances": internal["next"] - internal["done"],
        }
        return self.until.holds({**instance.variables_at(token), **local, **counts}, instance.case)

    def _write_output(self, token: Token) -> None:
        internal, loop = token.internal_data, self.node.loop
        assert loop is not None
        if "out" not in internal:
            return
        found = sorted(internal["out"].items(), key=lambda pair: int(pair[0]))
        keys = internal.get("keys")
        values: Any = [value for _, value in found] if keys is None else {keys[int(at)]: v for at, v in found}
        token.instance.write(token, {loop.output: values})
