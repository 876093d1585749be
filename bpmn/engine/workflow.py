"""A running instance: SpiffWorkflow's workflow holding live tokens, their variables and the queue of ready ones.

What a token does at an element is the element's specification's business (`bpmn.engine.specs` and its neighbours);
this module moves tokens, nests scopes, cancels, and brings the instance to rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from bpmn.engine import catching, data, settling
from bpmn.engine.contract import ElementEvent, Host, Thrown
from bpmn.engine.spiff import BpmnSubWorkflow, BpmnWorkflow, TaskState, Token
from bpmn.errors import BpmnError, ExpressionError, InlineFailure, StuckError, VariableError
from bpmn.values import JSON, Variables

if TYPE_CHECKING:
    from bpmn.engine.bundle import Bundle
    from bpmn.engine.specs import FlowSpec, NodeSpec, ScopeSpec

MAX_ELEMENTS = 500_000
"""Elements that one step may run before it is taken for a runaway."""
MAX_DEPTH = 40
"""Scopes within each other, calls included."""


class ScopeWorkflow:
    """What the instance, its subprocesses and called processes have in common. Mixed into SpiffWorkflow's classes."""

    spec: ScopeSpec
    tasks: dict[int, Token]
    task_tree: Token
    instance: Instance
    own: Variables | None
    """The scope's own variables; None: those of the scope around it."""
    process_id: str
    joins: dict[str, Token]
    """Joins that some tokens have reached, by specification name."""
    round: int
    """Grows when everything in the scope is cancelled, so that a thrower knows that it was cut off."""
    compensable: list[list[str]]
    """What can be compensated, oldest first: `[scope, compensation boundary event, activity]`."""

    def open(self) -> None:
        """Prepare an empty scope."""
        self.joins = {}
        self.round = 0
        self.compensable = []
        # The anchor of SpiffWorkflow's task tree: never stored, never live.
        self.task_tree = Token(self, self.spec.start, state=TaskState.COMPLETED, id=self.instance.anchor())
        del self.tasks[self.task_tree.id]
        self.tasks[self.task_tree.id] = self.task_tree

    @property
    def container(self) -> Token | None:
        """The activity's token that this scope runs for; None in the instance itself."""
        raise NotImplementedError

    def tokens(self) -> Iterator[Token]:
        """The live tokens of this scope, without those of the scopes in it."""
        anchor = self.task_tree
        return (token for token in list(self.tasks.values()) if token is not anchor)

    def is_spent(self) -> bool:
        """Whether nothing but triggers of event subprocesses is left."""
        if len(self.tasks) == 1:
            return True
        return all(token.is_armed and token.owner is None for token in self.tokens())

    def add(self, spec: NodeSpec, owner: Token | None = None, **internal: Any) -> Token:
        """A new token at `spec`, not yet ready."""
        instance = self.instance
        instance.last_id += 1
        token = Token(self, spec, owner or self.task_tree, TaskState.FUTURE, instance.last_id)
        token.internal_data = internal
        return token

    def put(self, spec: NodeSpec, owner: Token | None = None, **internal: Any) -> Token:
        """A new token at `spec`, ready to run."""
        token = self.add(spec, owner, **internal)
        self.instance.make_ready(token)
        return token

    def drop(self, token: Token) -> None:
        """Forget a token without a word."""
        parent = token.parent
        if parent is not None:
            parent._children.remove(token.id)
        self.tasks.pop(token.id, None)
        if self.joins.get(token.task_spec.name) is token:
            del self.joins[token.task_spec.name]


class Instance(ScopeWorkflow, BpmnWorkflow):
    """One process instance in memory for the length of one step."""

    def __init__(self, bundle: Bundle, process_id: str, host: Host) -> None:
        self.instance = self
        self.bundle = bundle
        self.process_id = process_id
        self.host = host
        self.last_id = 0
        self._anchors = 0
        self.business_key = ""
        self.own: Variables | None = {}
        self.events: list[ElementEvent] = []
        self.thrown: list[Thrown] = []
        self.ready: deque[Token] = deque()
        self.is_cancelled = False
        self._spent: deque[ScopeWorkflow] = deque()
        self._case: Mapping[str, JSON] | None = None
        self._count = 0
        self._changed = False
        BpmnWorkflow.__init__(self, bundle.scopes[process_id], subprocess_specs=bundle.scopes, deserializing=True)
        self.open()

    # --- small things -------------------------------------------------------------------------------------------

    def anchor(self) -> int:
        """The id of a scope's anchor: negative, so that it never meets a token's."""
        self._anchors -= 1
        return self._anchors

    @property
    def container(self) -> Token | None:
        return None

    def case(self) -> Mapping[str, JSON]:
        """The read-only case, asked of the host once a step."""
        if self._case is None:
            self._case = self.host.case()
        return self._case

    def scopes(self) -> Iterator[ScopeWorkflow]:
        yield self
        yield from list(self.subprocesses.values())

    def all_tokens(self) -> Iterator[Token]:
        for scope in self.scopes():
            yield from scope.tokens()

    def emit(self, kind: Literal["entered", "completed", "cancelled"], token: Token) -> None:
        node = token.task_spec.node
        self.events.append(ElementEvent(kind, node.id, node.kind, token.workflow.process_id, node.name, token.key))

    # --- variables ----------------------------------------------------------------------------------------------

    def _holders(self, token: Token) -> Iterator[Variables]:
        """The dictionaries that a token sees, innermost first."""
        current: Token | None = token
        scope = token.workflow
        while True:
            while current is not None:
                local = current.internal_data.get("local")
                if local is not None:
                    yield local
                current = current.owner
            if scope.own is not None:
                yield scope.own
                return
            current = scope.container
            assert current is not None
            scope = current.workflow

    def variables_at(self, token: Token) -> Variables:
        """What the token sees. Not a copy when it has no local variables: never change it."""
        found = list(self._holders(token))
        if len(found) == 1:
            return found[0]
        merged: Variables = {}
        for holder in reversed(found):
            merged.update(holder)
        return merged

    def write(self, token: Token, changes: Mapping[str, Any], removed: frozenset[str] = frozenset()) -> None:
        """Set variables in the innermost scope that the token writes to.

        :raises VariableError: a value is no JSON.
        """
        holder = next(self._holders(token))
        self._changed = True
        if changes:
            holder.update(data.guarded(changes))
        for name in removed:
            holder.pop(name, None)

    # --- moving tokens ------------------------------------------------------------------------------------------

    def make_ready(self, token: Token, at: str = "enter") -> None:
        """Queue a token; `at` is where it goes on: enter, run, result or leave."""
        token.internal_data.pop("incident", None)
        if at != "enter":
            token.internal_data["at"] = at
        token._set_state(TaskState.READY)
        self.ready.append(token)

    def tell_flow(self, scope: ScopeWorkflow, flow: FlowSpec) -> None:
        """The event of a sequence flow taken."""
        if flow.id:
            self.events.append(ElementEvent("completed", flow.id, "sequenceFlow", scope.process_id, flow.name))

    def take(self, scope: ScopeWorkflow, flow: FlowSpec) -> None:
        """Move a token along a sequence flow."""
        self.tell_flow(scope, flow)
        scope.spec.task_specs[flow.target].arrive(scope, flow)

    def run_to_rest(self) -> None:
        """Run every ready token until nothing is ready and nothing settles any more."""
        while True:
            while self.ready:
                token = self.ready.popleft()
                if token._state == TaskState.READY and token.is_live:
                    self._count += 1
                    if self._count > MAX_ELEMENTS:
                        raise StuckError(element_id=token.task_spec.node.id, limit=MAX_ELEMENTS)
                    self._run(token)
                    if self._changed:
                        self._changed = False
                        settling.watch(self)
                self._close_spent()
            if self.completed or not settling.settle(self):
                return

    def _run(self, token: Token) -> None:
        """Take a token through its phases: enter, entered, run, returned or result, leave."""
        internal, spec = token.internal_data, token.task_spec
        at = internal.pop("at", "enter")
        try:
            if at == "enter":
                spec.announce(token)
                at = "entered"
            if spec.asks_host and self._failed_before(token, at):
                return
            if at == "entered":
                spec.prepare(token)
                at = "run"
            if at == "run":
                if not spec._run(token):
                    return
            elif at == "returned":
                if not spec.go_on(token):
                    return
            elif at == "result":
                spec.take_result(token, internal.get("result", {}))
                internal.pop("result", None)
            at = "leave"
            if token.is_live:
                token.complete()
        except BpmnError as error:
            if not catching.throw_from(token, "error", error.error_code, data.guarded(error.variables)):
                self.incident(token, at, error.code, error.message("zh"), error.message("en"))
        except (ExpressionError, VariableError) as error:
            self.incident(token, at, error.code, error.message("zh"), error.message("en"))

    def spent(self, scope: ScopeWorkflow) -> None:
        """Something left the scope: look whether it has ended."""
        self._spent.append(scope)

    def _close_spent(self) -> None:
        while self._spent:
            scope = self._spent.popleft()
            container = scope.container
            if not scope.is_spent() or (container is not None and self.subprocesses.get(container.id) is not scope):
                continue
            for token in scope.tokens():
                scope.drop(token)
            if container is None:
                self.completed = True
            else:
                container.task_spec.scope_ended(container, scope)

    # --- scopes -------------------------------------------------------------------------------------------------

    def open_scope(self, token: Token, spec: ScopeSpec, own: Variables | None, process_id: str) -> ScopeWorkflow:
        """Start the scope of a subprocess or called process for its activity's token."""
        depth, around = 1, token.workflow
        while around.container is not None:
            depth, around = depth + 1, around.container.workflow
        if depth > MAX_DEPTH:
            raise ExpressionError(
                text=token.task_spec.node.id,
                line=token.task_spec.node.line,
                column=1,
                why_zh=f"流程嵌套调用超过 {MAX_DEPTH} 层",
                why_en=f"processes call each other more than {MAX_DEPTH} deep",
            )
        scope = SubInstance(self, spec, token, own, process_id)
        self.subprocesses[token.id] = scope
        return scope

    def cancel_token(self, token: Token) -> None:
        """Cancel a token with everything that belongs to it."""
        if not token.is_live:
            return
        inner = self.subprocesses.get(token.id)
        if inner is not None:
            self.cancel_scope(inner)
            del self.subprocesses[token.id]
        for child in list(token.children):
            self.cancel_token(child)
        if not token.is_armed and not token.task_spec.is_silent:
            self.emit("cancelled", token)
            token.task_spec.tell("cancel", token)
        token._set_state(TaskState.CANCELLED)
        token.workflow.drop(token)

    def cancel_scope(self, scope: ScopeWorkflow, keep: Token | None = None) -> None:
        """Cancel everything in a scope but `keep`."""
        scope.round += 1
        for token in scope.tokens():
            if token is not keep and token.owner is None:
                self.cancel_token(token)

    def cancel_all(self) -> None:
        """The `Cancel` command."""
        self.cancel_scope(self)
        self.is_cancelled = self.completed = True

    # --- failures -----------------------------------------------------------------------------------------------

    def _failed_before(self, token: Token, at: str) -> bool:
        """Whether this element failed in the attempt that was rolled back: then it becomes an incident."""
        failure = self.host.failure_at(token.task_spec.node.id)
        if failure is None:
            return False
        self.incident(token, at, *failure)
        return True

    def incident(self, token: Token, at: str, kind: str, zh: str, en: str, traceback: str = "") -> None:
        """Stop the token until `Retry`."""
        texts = (zh[:2000], en[:2000], traceback[-4000:])
        token.internal_data["incident"] = [kind, *(_storable(text) for text in texts)]
        token.internal_data["at"] = at
        token.renew()
        token._set_state(TaskState.WAITING)

    def ask(self, token: Token, question: Callable[[], Any]) -> Any:
        """Put a question to the host; a technical failure leaves as `InlineFailure`."""
        try:
            return question()
        except (BpmnError, InlineFailure):
            raise
        except (Exception, SystemExit) as error:  # whatever a handler raises: the caller rolls back and comes again
            node = token.task_spec.node
            raise InlineFailure(
                element_id=node.id, kind="handler", name=node.name, scope_id=token.workflow.process_id
            ) from error


class SubInstance(ScopeWorkflow, BpmnSubWorkflow):
    """The scope of one running subprocess or called process."""

    def __init__(
        self, instance: Instance, spec: ScopeSpec, container: Token, own: Variables | None, process_id: str
    ) -> None:
        self.instance = instance
        self.own = own
        self.process_id = process_id
        self._container = container
        BpmnSubWorkflow.__init__(self, spec, container.id, instance, deserializing=True)
        self.open()

    @property
    def container(self) -> Token | None:
        return self._container

    def _calculate_depth(self) -> int:
        return 0


def _storable(text: str) -> str:
    """A text that JSON and the database take, whatever an error's message holds."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
