"""Compensation: what was completed is undone in reverse order, by a compensation event or a cancelled transaction.

(BPMN 2.0.2 sections 10.7 and 13.5.5.) Handlers run one after another, at the throwing event's token; those of a
completed subprocess run in a scope of that subprocess. They see the variables of now, not a copy of those of then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.engine.contract import ElementEvent
from bpmn.engine.events import ThrowSpec
from bpmn.engine.spiff import TaskState, Token

if TYPE_CHECKING:
    from bpmn.engine.workflow import ScopeWorkflow


class CompensatingSpec(ThrowSpec):
    """A compensation throw or end event, or the cancel end event of a transaction."""

    def _run_hook(self, token: Token) -> bool:
        assert self.event is not None
        scope = token.workflow
        if self.event.kind == "cancel":
            token.instance.cancel_scope(scope, keep=token)
        registry = _registry(scope)
        wanted = [each for each in registry.compensable if self.event.activity in ("", each[2])]
        registry.compensable = [each for each in registry.compensable if each not in wanted]
        token.internal_data["todo"] = wanted
        token._set_state(TaskState.WAITING)
        return self._next(token)

    def _next(self, token: Token) -> bool:
        """Start the handler of what was completed last. True: nothing is left to compensate."""
        todo: list[list[str]] = token.internal_data["todo"]
        if not todo:
            return True
        scope_name, boundary_name, _ = todo[-1]
        instance, scope = token.instance, token.workflow
        owner: Token | None = token
        if scope_name != scope.spec.name:
            scope = instance.open_scope(token, instance.bundle.scopes[scope_name], None, scope.process_id)
            owner = None
        todo.pop()
        boundary = scope.spec.task_specs[boundary_name]
        for kind in ("entered", "completed"):
            node = boundary.node
            instance.events.append(ElementEvent(kind, node.id, node.kind, scope.process_id, node.name))
        assert boundary.handler is not None
        scope.put(boundary.handler, owner)
        token._set_state(TaskState.WAITING)
        return False

    def returned(self, token: Token, inner: Token) -> None:
        token.instance.make_ready(token, "returned")

    def scope_ended(self, token: Token, scope: ScopeWorkflow) -> None:
        del token.instance.subprocesses[token.id]
        token.instance.make_ready(token, "returned")

    def go_on(self, token: Token) -> bool:
        return self._next(token)


def _registry(scope: ScopeWorkflow) -> ScopeWorkflow:
    """Where completed activities are noted: an event subprocess compensates those of the scope around it."""
    container = scope.container
    if container is not None and container.task_spec.node.triggered_by_event:
        return container.workflow
    return scope
