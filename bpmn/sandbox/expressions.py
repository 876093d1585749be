"""Conditions and mappings: a safe subset of Python expressions, checked when a diagram is deployed.

Allowed: constants, variables, `case`, comparison, `and or not in`, arithmetic, `x if y else z`, lists, dicts,
comprehensions, item access, reading a field as `case.grade`, and the functions and methods of `guards`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from bpmn.errors import ExpressionError
from bpmn.sandbox.calls import method_problem
from bpmn.sandbox.failures import failure, shorten
from bpmn.sandbox.guards import CONSTANTS, NAMES, Guards

MAX_TEXT = 10_000
_PLAIN: tuple[type[ast.AST], ...] = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.UAdd,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.Is,
    ast.IsNot,
    ast.In,
    ast.NotIn,
    ast.IfExp,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.List,
    ast.Tuple,
    ast.Dict,
    ast.Set,
    ast.Subscript,
    ast.Slice,
    ast.Attribute,
    ast.Call,
    ast.keyword,
    ast.BinOp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.comprehension,
    ast.JoinedStr,
    ast.FormattedValue,
)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. `names` are the variables that it reads, `uses_case` whether it reads `case`."""

    text: str
    code: CodeType
    names: frozenset[str]
    uses_case: bool
    is_plain: bool

    def evaluate(self, variables: Mapping[str, Any], case: Callable[[], Mapping[str, Any]] | None = None) -> Any:
        """The value over `variables`; `case` is asked only when the text reads it.

        :raises ExpressionError: a variable is missing or the evaluation fails.
        """
        scope: dict[str, Any] = {**CONSTANTS, **variables, "__builtins__": {}}
        if self.uses_case and case is not None:
            scope["case"] = case()
        if not self.is_plain:
            guards = Guards()
            scope = {**guards.functions(), **scope}
            scope["_get_"], scope["_bin_"], scope["_iter_"] = guards.attribute, guards.binary, guards.iterate
            scope["_item_"], scope["_text_"], scope["_slice_"] = guards.item, guards.text, slice
        try:
            value = eval(self.code, scope)  # noqa: S307 - whitelisted and guarded above
            return list(value) if not self.is_plain and hasattr(value, "__next__") else value
        except ExpressionError:
            raise
        except Exception as error:  # whatever the expression's operations raise is its failure
            raise failure(self.text, error) from error

    def holds(self, variables: Mapping[str, Any], case: Callable[[], Mapping[str, Any]] | None = None) -> bool:
        """Whether the condition is true."""
        return bool(self.evaluate(variables, case))


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Check and compile one expression.

    :raises ExpressionError: with line and column of what is not allowed.
    """
    source = text.strip()
    if not source:
        raise _refused(text, 1, 1, "表达式是空的", "the expression is empty")
    if len(source) > MAX_TEXT:
        raise _refused(text, 1, 1, "表达式过长", "the expression is too long")
    try:
        tree = ast.parse(f"(\n{source}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _syntax(text, source, error) from error
    checker = _Checker(source)
    try:
        checker.visit(tree)
        rewriter = _Rewriter()
        rewritten = ast.fix_missing_locations(rewriter.visit(tree))
        code = compile(rewritten, "<expression>", "eval")
    except (RecursionError, MemoryError, ValueError) as error:
        raise _refused(text, 1, 1, "表达式嵌套过深", "the expression is nested too deeply") from error
    names = frozenset(checker.read - checker.bound)
    return Expression(source, code, names, "case" in names, not rewriter.is_guarded and not checker.calls)


def _syntax(text: str, source: str, error: BaseException) -> ExpressionError:
    line = max((getattr(error, "lineno", 2) or 2) - 1, 1)
    column = getattr(error, "offset", 1) or 1
    zh, en = "不是有效的表达式", "this is no valid expression"
    if source.startswith(("${", "#{")):
        zh, en = (
            "这是 JUEL 写法（${…}），请改写为 Python 表达式",
            "this is JUEL (`${…}`); write it as a Python expression",
        )
    elif source.startswith("="):
        zh, en = "条件前不要写等号（FEEL 写法）", "leave out the leading `=` (FEEL)"
    elif "&&" in source or "||" in source:
        zh, en = "请用 and、or、not", "write `and`, `or`, `not` instead of `&&`, `||`, `!`"
    elif "=" in source.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", ""):
        zh, en = "比较相等请写 ==", "write `==` to compare"
    return _refused(text, line, column, zh, en)


def _refused(text: str, line: int, column: int, zh: str, en: str) -> ExpressionError:
    return ExpressionError(text=shorten(text), line=line, column=column, why_zh=zh, why_en=en)


class _Checker(ast.NodeVisitor):
    """Refuses every node that is not on the allow-list, and notes which names are read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.read: set[str] = set()
        self.bound: set[str] = set()
        self.calls = False

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, _PLAIN):
            kind = type(node).__name__
            raise self._at(node, f"不允许使用 {kind}", f"`{kind}` is not allowed")
        return super().visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id.startswith("_"):
            raise self._at(node, f"名称 {node.id} 不能以下划线开头", f"`{node.id}` may not begin with `_`")
        (self.read if isinstance(node.ctx, ast.Load) else self.bound).add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr.startswith("_"):
            raise self._at(node, f"不能使用 {node.attr}", f"`{node.attr}` may not be used")
        problem = method_problem(node.value, node.attr, writable=False)
        if problem is not None:
            raise self._at(node, *problem)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self.calls = True
        if isinstance(node.func, ast.Name):
            if node.func.id not in NAMES:
                raise self._at(node, f"没有函数 {node.func.id}", f"there is no function `{node.func.id}`")
        elif not isinstance(node.func, ast.Attribute):
            raise self._at(node, "只能调用函数和方法", "only functions and methods can be called")
        else:
            self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self._at(node, "不允许 **", "`**` is not allowed")
            self.visit(keyword.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, _OPERATORS):
            kind = type(node.op).__name__
            raise self._at(node, f"不允许运算 {kind}", f"the operation `{kind}` is not allowed")
        self.visit(node.left)
        self.visit(node.right)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        if node.format_spec is not None:
            raise self._at(node, "不允许格式说明", "a format specification is not allowed")
        self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bytes | complex) or node.value is Ellipsis:
            raise self._at(node, "不允许这种常量", "this kind of constant is not allowed")

    def visit_comprehension(self, node: ast.comprehension) -> None:
        if node.is_async:
            raise self._at(node.iter, "不允许 async", "`async` is not allowed")
        self.generic_visit(node)

    def _at(self, node: ast.AST, zh: str, en: str) -> ExpressionError:
        line = max(getattr(node, "lineno", 2) - 1, 1)
        return _refused(self.text, line, getattr(node, "col_offset", 0) + 1, zh, en)


class _Rewriter(ast.NodeTransformer):
    """Puts the guards in: attributes, binary operations and iteration go through `Guards`."""

    def __init__(self) -> None:
        self.is_guarded = False

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return self._call("_get_", node, node.value, ast.Constant(node.attr))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._call("_bin_", node, ast.Constant(type(node.op).__name__), node.left, node.right)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.iter = self._call("_iter_", node.iter, node.iter)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.slice, ast.Slice):
            return node
        bounds = [node.slice.lower, node.slice.upper, node.slice.step]
        cut = ast.Call(ast.Name("_slice_", ast.Load()), [each or ast.Constant(None) for each in bounds], [])
        return self._call("_item_", node, node.value, cut)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        self.generic_visit(node)
        node.value = self._call("_text_", node.value, node.value)
        return node

    def _call(self, name: str, place: ast.AST, *arguments: ast.expr) -> ast.Call:
        self.is_guarded = True
        call = ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=list(arguments), keywords=[])
        return ast.copy_location(call, place)
