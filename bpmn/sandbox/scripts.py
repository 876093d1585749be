"""Script tasks: Python compiled by RestrictedPython, with every loop, call, operation and attribute under a budget."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import dedent
from types import CodeType
from typing import Any

from RestrictedPython.compile import compile_restricted_exec
from RestrictedPython.transformer import RestrictingNodeTransformer

from bpmn.errors import BpmnError, ExpressionError
from bpmn.sandbox.guards import CONSTANTS, Forbidden, Guards, failure, shorten

MAX_TEXT = 50_000
_FILE = "<script>"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a script did to the variables."""

    written: dict[str, Any]
    removed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script."""

    text: str
    code: CodeType
    uses_case: bool

    def run(self, variables: Mapping[str, Any], case: Callable[[], Mapping[str, Any]] | None = None) -> Changes:
        """Run over a copy of `variables`. `throw_error("CODE")` in the script raises `BpmnError`.

        :raises ExpressionError: the script failed, with its line; `BudgetError` when it used too much.
        """
        guards = Guards(writable=True)
        own: dict[str, Any] = copy.deepcopy(dict(variables))
        scope: dict[str, Any] = {**CONSTANTS, **guards.functions(), **_helpers(guards), **own}
        given = dict(scope)
        if self.uses_case and case is not None:
            scope["case"] = copy.deepcopy(dict(case()))
        scope["__builtins__"] = {}
        try:
            exec(self.code, scope)  # noqa: S102 - restricted and guarded
            if guards.exhausted is not None:
                raise guards.exhausted
        except (BpmnError, ExpressionError):
            raise
        except Exception as error:
            raise failure(self.text, guards.exhausted or error, _line_of(error)) from error
        return _changes(variables, own, given, scope)


def compile_script(text: str) -> Script:
    """Check and compile one script.

    :raises ExpressionError: with the line of what is not allowed.
    """
    source = dedent(text.replace("\r\n", "\n")).strip("\n")
    if len(source) > MAX_TEXT:
        raise _refused(text, 1, 1, "脚本过长", "the script is too long")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line, column = getattr(error, "lineno", 1) or 1, getattr(error, "offset", 1) or 1
        raise _refused(text, line, column, "不是有效的 Python 脚本", "this is no valid Python script") from error
    try:
        result = compile_restricted_exec(source, filename=_FILE, policy=_Policy)
    except (RecursionError, MemoryError, ValueError) as error:
        raise _refused(text, 1, 1, "脚本嵌套过深", "the script is nested too deeply") from error
    if result.errors or result.code is None:
        reason = (result.errors or ("?",))[0]
        line = int(reason.split(":")[0].removeprefix("Line ")) if reason.startswith("Line ") else 1
        why = reason.split(":", 1)[-1].strip()
        raise _refused(text, line, 1, f"不允许：{why}", why)
    uses_case = any(isinstance(node, ast.Name) and node.id == "case" for node in ast.walk(tree))
    return Script(source, result.code, uses_case)


def _refused(text: str, line: int, column: int, zh: str, en: str) -> ExpressionError:
    return ExpressionError(text=shorten(text), line=line, column=column, why_zh=zh, why_en=en)


def _line_of(error: BaseException) -> int:
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _changes(
    variables: Mapping[str, Any], own: Mapping[str, Any], given: Mapping[str, Any], scope: Mapping[str, Any]
) -> Changes:
    written: dict[str, Any] = {}
    for name, value in scope.items():
        if name.startswith("_") or name == "case" or callable(value):
            continue
        if name in own:
            if not _same(variables[name], value):
                written[name] = value
        elif name not in given or given[name] is not value:
            written[name] = value
    return Changes(written, frozenset(name for name in own if name not in scope))


def _same(before: Any, after: Any) -> bool:
    return type(before) is type(after) and bool(before == after) and repr(before) == repr(after)


def _helpers(guards: Guards) -> dict[str, Any]:
    def write(target: Any) -> Any:
        if type(target) in (list, dict):
            guards.step()
            return target
        raise Forbidden("只能修改列表和字典", "only lists and dicts can be changed")

    def item(target: Any, index: Any) -> Any:
        guards.step()
        return target[index]

    def unpack(values: Any, spec: Mapping[str, Any], getiter: Callable[[Any], Any]) -> list[Any]:
        parts = list(getiter(values))
        for index, inner in spec["childs"]:
            parts[index] = unpack(parts[index], inner, getiter)
        return parts

    def apply(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        guards.step()
        return function(*arguments, **named)

    return {
        "_getattr_": guards.attribute,
        "_getitem_": item,
        "_getiter_": guards.iterate,
        "_write_": write,
        "_inplacevar_": guards.in_place,
        "_iter_unpack_sequence_": lambda values, spec, getiter: (
            unpack(each, spec, getiter) for each in getiter(values)
        ),
        "_unpack_sequence_": unpack,
        "_apply_": apply,
        "_print_": _Printer,
        "_step_": guards.step,
        "_bin_": guards.binary,
        "throw_error": _throw_error,
    }


def _throw_error(code: str, text: str = "") -> None:
    raise BpmnError(str(code), str(text))


class _Printer:
    """`print` in a script does nothing: there is nobody to read it."""

    def __init__(self, _getattr_: Any = None) -> None:
        pass

    def _call_print(self, *_values: Any, **_options: Any) -> None:
        return None

    def __call__(self) -> str:
        return ""


class _Policy(RestrictingNodeTransformer):
    """RestrictedPython's policy plus the step budget."""

    def visit_Import(self, node: ast.Import) -> Any:
        return self._refuse(node, "import is not allowed")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        return self._refuse(node, "import is not allowed")

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return self._refuse(node, "class is not allowed")

    def visit_With(self, node: ast.With) -> Any:
        return self._refuse(node, "with is not allowed")

    def visit_FormattedValue(self, node: ast.FormattedValue) -> Any:
        if node.format_spec is not None:
            return self._refuse(node, "a format specification is not allowed")
        return self.node_contents_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        visited = self.node_contents_visit(node)
        name = ast.Constant(type(node.op).__name__)
        call = ast.Call(ast.Name("_bin_", ast.Load()), [name, visited.left, visited.right], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))

    def visit_While(self, node: ast.While) -> Any:
        return self._counted(self.node_contents_visit(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return self._counted(super().visit_FunctionDef(node))

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        visited: Any = super().visit_Lambda(node)
        step = ast.Call(ast.Name("_step_", ast.Load()), [], [])
        visited.body = ast.BoolOp(ast.Or(), [step, visited.body])
        return ast.fix_missing_locations(ast.copy_location(visited, node))

    def _counted(self, node: Any) -> Any:
        step = ast.Expr(ast.Call(ast.Name("_step_", ast.Load()), [], []))
        node.body.insert(0, ast.copy_location(step, node.body[0]))
        return ast.fix_missing_locations(node)

    def _refuse(self, node: ast.AST, reason: str) -> None:
        self.error(node, reason)
