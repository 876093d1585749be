"""What can be known of calls before a text runs: functions that nobody offers, and methods that a literal has not.

What a variable holds is known only when it runs; `guards` judges that.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from bpmn.sandbox.guards import NAMES, READ, WRITE

_CALLABLE: Final = NAMES | {"print", "throw_error"}
_LITERALS: Final[Mapping[type, type]] = {
    ast.JoinedStr: str,
    ast.List: list,
    ast.ListComp: list,
    ast.Set: set,
    ast.SetComp: set,
    ast.Tuple: tuple,
}


def call_problem(tree: ast.Module) -> tuple[int, int, str, str] | None:
    """The first call in a script of what cannot be there: line, column, and why in Chinese and English.

    Variables are JSON, so a called name is a function of the sandbox or something that the script makes.
    """
    nodes = list(ast.walk(tree))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    found: list[tuple[int, int, str, str]] = []
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name not in _CALLABLE and name not in own:
                why = (f"没有函数 {name}", f"there is no function `{name}`")
                found.append((node.lineno, node.col_offset + 1, *why))
        elif isinstance(node, ast.Attribute):
            problem = method_problem(node.value, node.attr, writable=True)
            if problem is not None:
                found.append((node.lineno, node.col_offset + 1, *problem))
    return min(found, default=None)


def method_problem(value: ast.expr, name: str, *, writable: bool) -> tuple[str, str] | None:
    """Why a literal has no such method (Chinese, English); None for what is only known when it runs."""
    kind = _kind(value)
    if kind is None or name in READ[kind] or (writable and name in WRITE.get(kind, frozenset())):
        return None
    return f"{kind.__name__} 没有可用的 {name}", f"`{name}` of {kind.__name__} may not be used"


def _kind(value: ast.expr) -> type | None:
    """The type of a literal, or of a text made from one by `+`, `*` or `%`; a dict's fields are read as attributes."""
    if isinstance(value, ast.Constant):
        kind = type(value.value)
        return kind if kind in READ else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Mult | ast.Mod):
        return str if _kind(value.left) is str else None
    return _LITERALS.get(type(value))
