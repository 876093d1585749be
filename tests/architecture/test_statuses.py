"""A status has one table of transitions: the `states` module of its noun, which every change passes."""

from __future__ import annotations

import ast

from tests.architecture.sources import modules


def test_a_status_changes_only_through_a_states_module() -> None:
    guilty = []
    for name, tree in modules("bpmn", "handlers", "webapp").items():
        if name.endswith("/states.py"):
            continue
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if _has_target(node) else []
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and target.attr == "status"
                    and not (_is_answer(target) or _is_checked(node.value))
                ):
                    guilty.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    assert guilty == []


def _has_target(node: ast.AST) -> bool:
    return isinstance(node, ast.AugAssign | ast.AnnAssign) and isinstance(node.target, ast.Attribute)


def _is_checked(value: ast.expr | None) -> bool:
    """`x.status = states.TABLE.check(x.status, new)` and the like: the table has agreed."""
    return isinstance(value, ast.Call) and ast.unparse(value.func).startswith("states.")


def _is_answer(target: ast.Attribute) -> bool:
    """`response.status` is HTTP's."""
    return isinstance(target.value, ast.Name) and target.value.id == "response"
