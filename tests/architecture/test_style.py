"""House rules that a reader would otherwise have to watch."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import ROOT, functions, modules

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
BROAD = {"Exception", "BaseException"}


def test_every_module_says_what_it_owns() -> None:
    silent = [name for name, tree in modules().items() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_no_module_and_no_function_outgrows_the_reader() -> None:
    long = []
    for name, tree in modules("bpmn", "handlers", "webapp").items():
        lines = len((ROOT / name).read_text("utf-8").splitlines())
        if lines > LONGEST_MODULE:
            long.append(f"{name}: {lines} lines")
        for function in functions(tree):
            length = (function.end_lineno or 0) - function.lineno
            if length > LONGEST_FUNCTION:
                long.append(f"{name}:{function.lineno}: {function.name} has {length} lines")
    assert long == []


def test_broad_excepts_raise_again_or_say_why_they_stand_there() -> None:
    silent = []
    for name, tree in modules("bpmn", "handlers", "webapp").items():
        lines = (ROOT / name).read_text("utf-8").splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or _is_broad(node.type)):
                around = lines[node.lineno - 1] + (lines[node.lineno] if node.lineno < len(lines) else "")
                if "#" not in around and not isinstance(node.body[-1], ast.Raise):
                    silent.append(f"{name}:{node.lineno}")
    assert silent == []


def _is_broad(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return any(_is_broad(item) for item in node.elts)
    return isinstance(node, ast.Name) and node.id in BROAD


@pytest.mark.parametrize("package", ["bpmn", "handlers", "webapp", "tests"])
def test_nobody_sleeps_without_saying_why(package: str) -> None:
    """A test or service that sleeps instead of watching is slow when it passes and wrong when it fails;
    where a pause is right, its reason stands beside it."""
    guilty = []
    for name, tree in modules(package).items():
        lines = (ROOT / name).read_text("utf-8").splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
                if " # " not in lines[node.lineno - 1]:
                    guilty.append(f"{name}:{node.lineno}")
    assert guilty == []


def test_the_database_is_committed_in_one_place() -> None:
    """All sessions belong to `bpmn.transactions.run`, but for that of a background handler (`bpmn.jobs`)."""
    guilty = [
        f"{name}:{node.lineno}"
        for name, tree in modules("bpmn", "handlers", "webapp").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and name not in {"bpmn/transactions.py", "bpmn/jobs.py"}
    ]
    assert guilty == []
