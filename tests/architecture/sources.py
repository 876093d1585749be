"""The product's own source files, parsed once, for the tests of this folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bpmn", "handlers", "webapp", "tools")


@cache
def modules(*packages: str) -> dict[str, ast.Module]:
    """Syntax trees by path relative to the checkout, front-end and migrations' revisions left out."""
    found = {}
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(("webapp/frontend/", "webapp/migrations/versions/")):
                found[name] = ast.parse(path.read_text("utf-8"), name)
    return found


def imports(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """(module, name) of every import statement; name is None for `import module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                yield node.module, alias.name


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
