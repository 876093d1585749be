"""Tasks: user tasks, scripts, jobs for handlers and workers, and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bpmn.checker.model import Lane, Node
from bpmn.engine import data
from bpmn.engine.contract import PENDING, JobWait, UserTaskWait, Wait
from bpmn.engine.specs import NodeSpec, ScopeSpec
from bpmn.engine.spiff import TaskState, Token
from bpmn.errors import ExpressionError
from bpmn.sandbox import Expression, Script, Template
from bpmn.values import Variables


class ActivitySpec(NodeSpec):
    """An activity with `gw:input` and `gw:output` mappings."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.input_texts: tuple[tuple[str, Template], ...] = ()
        self.output_texts: tuple[tuple[str, Expression], ...] = ()
        self.result_variable = node.gw.get("resultVariable", "")

    def mapped_inputs(self, token: Token) -> Variables:
        """The declared inputs only."""
        instance = token.instance
        variables = instance.variables_at(token)
        return data.guarded({name: text.value(variables, instance.case) for name, text in self.input_texts})

    def take_result(self, token: Token, result: Mapping[str, Any]) -> None:
        """Write a result: mapped where outputs are declared, else whole."""
        instance = token.instance
        if self.output_texts:
            seen = {**instance.variables_at(token), **result}
            instance.write(token, {name: source.evaluate(seen, instance.case) for name, source in self.output_texts})
        elif self.result_variable:
            only = len(result) == 1 and self.result_variable in result
            instance.write(token, result if only else {self.result_variable: dict(result)})
        else:
            instance.write(token, result)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may do a user task, as written."""

    groups: tuple[Template, ...] = ()
    users: tuple[Template, ...] = ()
    excluded: tuple[Template, ...] = ()
    assignee: Template | None = None
    priority: Template | None = None
    due: Template | None = None
    follow_up: Template | None = None
    form: Template | None = None

    def texts(self) -> tuple[Template, ...]:
        single = (self.assignee, self.priority, self.due, self.follow_up, self.form)
        return (*self.groups, *self.users, *self.excluded, *(text for text in single if text is not None))


class UserTaskSpec(ActivitySpec):
    """A user task or manual task. What its texts say is worked out once, when the task opens."""

    def __init__(
        self, scope: ScopeSpec, node: Node, name: str | None, assignment: Assignment, lane: Lane | None
    ) -> None:
        super().__init__(scope, node, name)
        self.manual = True
        self.assignment = assignment
        self.lane = lane
        self.is_static = all(text.is_static for text in assignment.texts())
        self._fixed = self._work_out({}, None) if self.is_static else {}

    def _run_hook(self, token: Token) -> bool:
        if not self.is_static:
            instance = token.instance
            token.internal_data["for"] = self._work_out(instance.variables_at(token), instance.case)
        if self.input_texts:
            token.internal_data["shown"] = self.mapped_inputs(token)
        token._set_state(TaskState.WAITING)
        return False

    def _work_out(self, variables: Mapping[str, Any], case: Any) -> dict[str, Any]:
        def several(texts: tuple[Template, ...]) -> list[str]:
            found: list[str] = []
            for text in texts:
                value = text.value(variables, case)
                parts = value if isinstance(value, list) else str("" if value is None else value).split(",")
                found.extend(str(part).strip() for part in parts if str(part).strip())
            return list(dict.fromkeys(found))

        def one(text: Template | None) -> str | None:
            value = None if text is None else text.value(variables, case)
            return None if value is None or not str(value).strip() else str(value).strip()

        chosen = self.assignment
        priority = one(chosen.priority)
        try:
            number = 50 if priority is None else min(max(int(float(priority)), 0), 32767)
        except (ValueError, OverflowError) as error:
            raise ExpressionError(
                text=str(priority),
                line=self.node.line,
                column=1,
                why_zh="优先级不是数字",
                why_en="the priority is no number",
            ) from error
        found = {
            "groups": several(chosen.groups),
            "users": several(chosen.users),
            "excluded": several(chosen.excluded),
            "assignee": one(chosen.assignee),
            "priority": number,
            "due": one(chosen.due),
            "follow_up": one(chosen.follow_up),
            "form": one(chosen.form),
        }
        return {name: value for name, value in found.items() if value not in (None, [], 50)}

    def wait(self, token: Token) -> Wait | None:
        if token._state != TaskState.WAITING:
            return None
        found = token.internal_data.get("for", self._fixed)
        shown = token.internal_data.get("shown")
        return UserTaskWait(
            token.key,
            self.node.id,
            self.node.name,
            token.workflow.process_id,
            lane=self.lane.name or self.lane.id if self.lane else None,
            candidate_groups=tuple(found.get("groups", ())),
            candidate_users=tuple(found.get("users", ())),
            excluded_users=tuple(found.get("excluded", ())),
            assignee=found.get("assignee"),
            priority=found.get("priority", 50),
            due=found.get("due"),
            follow_up=found.get("follow_up"),
            form=found.get("form"),
            data=dict(token.instance.variables_at(token)) if shown is None else shown,
        )


class ScriptTaskSpec(ActivitySpec):
    """A script in the sandbox. What it writes are process variables."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None, script: Script | None) -> None:
        super().__init__(scope, node, name)
        self.script = script

    def _run_hook(self, token: Token) -> bool:
        if self.script is None:
            return True
        instance = token.instance
        changes = self.script.run(instance.variables_at(token), instance.case)
        instance.write(token, changes.written, changes.removed)
        return True


class JobTaskSpec(ActivitySpec):
    """A service, send or business rule task with a topic: answered by the host at once, or later by a worker."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None, topic: str) -> None:
        super().__init__(scope, node, name)
        self.topic = topic
        self.retries = int(node.gw.get("retries", "3"))
        self.backoff = node.gw.get("backoff", "PT10S")
        self.asks_host = True

    def parameters(self, token: Token) -> Variables:
        """The variables with the declared inputs over them."""
        variables = data.copied(token.instance.variables_at(token))
        variables.update(token.internal_data.get("in", {}))
        return variables

    def _run_hook(self, token: Token) -> bool:
        instance = token.instance
        if self.input_texts:
            token.internal_data["in"] = self.mapped_inputs(token)
        parameters, element = self.parameters(token), self.reference(token)
        answer = instance.ask(token, lambda: instance.host.call(self.topic, parameters, element))
        if answer is PENDING:
            token._set_state(TaskState.WAITING)
            return False
        instance.ask(token, lambda: self.take_result(token, answer or {}))
        return True

    def wait(self, token: Token) -> Wait | None:
        if token._state != TaskState.WAITING:
            return None
        place = (token.key, self.node.id, self.node.name, token.workflow.process_id)
        return JobWait(*place, self.topic, self.parameters(token), self.retries, self.backoff)


class DecisionTaskSpec(ActivitySpec):
    """A business rule task with a decision: the host decides at once."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None, decision: str) -> None:
        super().__init__(scope, node, name)
        self.decision = decision
        self.asks_host = True

    def _run_hook(self, token: Token) -> bool:
        instance = token.instance
        variables = data.copied(instance.variables_at(token))
        variables.update(self.mapped_inputs(token))
        element = self.reference(token)
        result = instance.ask(token, lambda: instance.host.decide(self.decision, variables, element))
        instance.ask(token, lambda: self.take_result(token, result or {}))
        return True
