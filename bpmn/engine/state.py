"""The stored state of an instance: live tokens and variables as compact JSON, no specification, nothing finished.

Version 1. A scope is `[token id of its activity or 0, specification, process id, variables or null, round, tokens]`
and, where there is any, what can be compensated; a token is `[id, specification, owner id or 0, internal data]`.
The node names are checked against the bundle on load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from bpmn.engine.contract import Host
from bpmn.engine.spiff import TaskState, Token
from bpmn.engine.workflow import Instance, ScopeWorkflow, SubInstance
from bpmn.errors import StateError

if TYPE_CHECKING:
    from bpmn.engine.bundle import Bundle

VERSION = 1


def dump(instance: Instance) -> bytes:
    """The state of an instance at rest."""
    scopes = [_dump_scope(scope) for scope in instance.scopes()]
    return orjson.dumps([VERSION, instance.process_id, instance.business_key, instance.last_id, scopes])


def _dump_scope(scope: ScopeWorkflow) -> list[Any]:
    container = scope.container
    tokens = [
        [token.id, token.task_spec.name, owner.id if (owner := token.owner) else 0, token.internal_data]
        for token in scope.tokens()
    ]
    stored = [container.id if container else 0, scope.spec.name, scope.process_id, scope.own, scope.round, tokens]
    return [*stored, scope.compensable] if scope.compensable else stored


def load(bundle: Bundle, process_id: str, state: bytes, host: Host) -> Instance:
    """Read a stored state.

    :raises StateError: it is damaged, of an unknown version, or of another definition.
    """
    try:
        version, stored_id, business_key, last_id, scopes = orjson.loads(state)
    except (orjson.JSONDecodeError, ValueError, TypeError) as error:
        raise StateError(why_zh="数据已损坏", why_en="it is damaged") from error
    if version != VERSION:
        raise StateError(why_zh=f"未知版本 {version}", why_en=f"its version {version} is unknown")
    if stored_id != process_id or process_id not in bundle.processes:
        raise StateError(why_zh=f"属于流程 {stored_id}", why_en=f"it belongs to process {stored_id}")
    instance = Instance(bundle, process_id, host)
    instance.business_key, instance.last_id = business_key, last_id
    containers: dict[int, Token] = {}
    try:
        for container_id, name, scope_process, own, round_, tokens, *compensable in scopes:
            scope: ScopeWorkflow
            if container_id:
                container = containers[container_id]
                scope = SubInstance(instance, bundle.scopes[name], container, own, scope_process)
                instance.subprocesses[container_id] = scope
            else:
                scope = instance
                instance.own = own
            scope.round = round_
            scope.compensable = compensable[0] if compensable else []
            _load_tokens(scope, tokens, containers)
    except (KeyError, ValueError, TypeError) as error:
        raise StateError(why_zh=f"流程定义中没有 {error}", why_en=f"the definition has no {error}") from error
    return instance


def _load_tokens(scope: ScopeWorkflow, tokens: list[Any], containers: dict[int, Token]) -> None:
    specs = scope.spec.task_specs
    for token_id, name, owner_id, internal in tokens:
        owner = scope.tasks[owner_id] if owner_id else scope.task_tree
        token = Token(scope, specs[name], owner, TaskState.WAITING, token_id)
        token.internal_data = internal
        containers[token_id] = token
        if "arrived" in internal:
            scope.joins[name] = token
