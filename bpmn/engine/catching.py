"""Triggers: which waiting event catches an error, escalation, cancellation or signal, and what a trigger does.

Errors and escalations look outwards: the activity's own boundary, the scope's event subprocesses, the boundary of
the activity around the scope, and so on through called processes (BPMN 2.0.2 section 10.5.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.engine.spiff import TaskState

if TYPE_CHECKING:
    from bpmn.engine.spiff import Token
    from bpmn.engine.workflow import Instance, ScopeWorkflow


def throw_from(token: Token, kind: str, code: str, variables: Mapping[str, Any]) -> bool:
    """Throw from an activity: its own boundary events come first. False: nothing catches it."""
    activity: Token | None = token
    while activity is not None:
        if _trigger_boundary(activity, kind, code, variables):
            return True
        activity = activity.owner
    return throw_in(token.workflow, kind, code, variables)


def throw_in(scope: ScopeWorkflow, kind: str, code: str, variables: Mapping[str, Any]) -> bool:
    """Throw from within a scope, outwards."""
    current: ScopeWorkflow | None = scope
    while current is not None:
        listening = [token for token in current.tokens() if token.is_armed and token.owner is None]
        found = _best(listening, kind, code)
        if found is not None:
            trigger(found, variables)
            return True
        activity = current.container
        outer = activity.workflow if activity is not None else None
        while activity is not None:
            if _trigger_boundary(activity, kind, code, variables):
                return True
            activity = activity.owner
        current = outer
    return False


def _trigger_boundary(activity: Token, kind: str, code: str, variables: Mapping[str, Any]) -> bool:
    found = _best([child for child in activity.children if child.is_armed], kind, code)
    if found is None:
        return False
    trigger(found, variables)
    return True


def _best(candidates: list[Token], kind: str, code: str) -> Token | None:
    """The one for exactly this code, else one for any code."""
    matching = [token for token in candidates if token.task_spec.catches(kind, code)]
    exact = [token for token in matching if (event := token.task_spec.event) is not None and event.code is not None]
    return next(iter(exact or matching), None)


def signal(instance: Instance, name: str, variables: Mapping[str, Any]) -> int:
    """Give a signal to every open wait for it. How many caught it."""
    catching = [token for token in instance.all_tokens() if token.task_spec.waits_for_signal(token, name)]
    caught = 0
    for token in catching:
        if token.is_live:
            trigger(token, variables)
            caught += 1
    return caught


def trigger(token: Token, variables: Mapping[str, Any], *, last: bool = True) -> None:
    """The event that a token waits for has come."""
    instance, scope, spec = token.instance, token.workflow, token.task_spec
    if not token.is_armed:
        token.internal_data["result"] = dict(variables)
        instance.make_ready(token, "result")
        return
    owner = token.owner
    if owner is None:
        _trigger_event_subprocess(token, variables, last)
        return
    if owner.task_spec.is_event_gateway:
        scope.drop(token)
        owner.task_spec.decide(owner, spec, variables)
        return
    fired = {"fired": 1, "result": dict(variables)}
    if spec.node.interrupting:
        scope.drop(token)
        around = owner.owner
        instance.cancel_token(owner)
        scope.put(spec, around, **fired)
        return
    scope.put(spec, None, **fired)
    spec.again(token, last)


def _trigger_event_subprocess(token: Token, variables: Mapping[str, Any], last: bool) -> None:
    instance, scope, spec = token.instance, token.workflow, token.task_spec
    if spec.node.interrupting:
        instance.cancel_scope(scope)
    scope.put(spec.activity, None, start=[spec.start_name, dict(variables)])
    if not spec.node.interrupting:
        spec.again(token, last)


def is_waiting(token: Token) -> bool:
    """Whether the token waits and has not failed."""
    return bool(token._state == TaskState.WAITING) and "incident" not in token.internal_data
