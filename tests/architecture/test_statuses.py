"""A status has one writer: the `states` module of its noun."""

from __future__ import annotations

import ast

from tests.architecture.sources import modules


def test_a_status_is_assigned_only_in_a_states_module() -> None:
    guilty = []
    for name, tree in modules("bpmn", "handlers", "webapp").items():
        if name.endswith("/states.py"):
            continue
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if _has_target(node) else []
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "status" and not _is_answer(target):
                    guilty.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    assert guilty == []


def _has_target(node: ast.AST) -> bool:
    return isinstance(node, ast.AugAssign | ast.AnnAssign) and isinstance(node.target, ast.Attribute)


def _is_answer(target: ast.Attribute) -> bool:
    """`response.status` is HTTP's."""
    return isinstance(target.value, ast.Name) and target.value.id == "response"
