"""What is decided only when nothing is ready: inclusive joins, conditional events, and joins that can never fire."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.engine.spiff import Token
    from bpmn.engine.workflow import Instance


def settle(instance: Instance) -> bool:
    """Move on what can be. True: something became ready."""
    for token in list(instance.all_tokens()):
        if token.is_live and token.task_spec.settle(token):
            return True
    if instance.ready:
        return True
    for token in list(instance.all_tokens()):
        if is_stuck(token):
            node = token.task_spec.node
            instance.incident(
                token,
                "stuck",
                "stuck",
                f"汇聚网关“{node.name or node.id}”永远等不到缺少的分支。",
                f"The join {node.name or node.id} waits for a branch that can never arrive.",
            )
    return False


def watch(instance: Instance) -> None:
    """Variables have changed: let conditional events fire before anything else runs."""
    for scope in instance.scopes():
        if scope.spec.watches:
            for token in scope.tokens():
                if token.is_live and token.task_spec.is_conditional:
                    token.task_spec.settle(token)


def is_stuck(token: Token) -> bool:
    """Whether this join waits for a flow that no live token can reach any more."""
    return "incident" not in token.internal_data and bool(token.task_spec.can_never_fire(token))
