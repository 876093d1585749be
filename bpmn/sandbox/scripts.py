"""Script tasks: Python compiled by RestrictedPython, with every loop, call, operation and attribute under a budget."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from textwrap import dedent
from types import CodeType
from typing import Any

from RestrictedPython.compile import compile_restricted_exec
from RestrictedPython.transformer import RestrictingNodeTransformer

from bpmn.errors import BpmnError, ExpressionError
from bpmn.sandbox.calls import call_problem
from bpmn.sandbox.failures import failure, shorten
from bpmn.sandbox.guards import CONSTANTS, Forbidden, Guards

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
    names: frozenset[str]
    """Every name in the script: only these variables are copied and compared."""

    def run(self, variables: Mapping[str, Any], case: Callable[[], Mapping[str, Any]] | None = None) -> Changes:
        """Run over a copy of `variables`. `throw_error("CODE")` in the script raises `BpmnError`.

        :raises ExpressionError: the script failed, with its line; `BudgetError` when it used too much.
        """
        guards = Guards(writable=True)
        own: dict[str, Any] = {
            name: copy.deepcopy(variables[name]) for name in self.names if name in variables and name != "case"
        }
        scope: dict[str, Any] = {**CONSTANTS, **guards.functions(), **_helpers(guards), **own}
        given = dict(scope)
        if "case" in self.names and case is not None:
            scope["case"] = copy.deepcopy(dict(case()))
        scope["__builtins__"] = {}
        try:
            exec(self.code, scope)  # noqa: S102 - restricted and guarded
            if guards.exhausted is not None:
                raise guards.exhausted
        except (BpmnError, ExpressionError):
            raise
        except Exception as error:  # whatever the script's operations raise is the script's failure
            raise failure(self.text, guards.exhausted or error, _line_of(error)) from error
        return _changes(variables, own, given, scope)


@lru_cache(maxsize=4096)
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
        place = reason.split(":")[0].removeprefix("Line ")
        line = int(place) if place.isdigit() else 1
        why = reason.split(":", 1)[-1].strip()
        raise _refused(text, line, 1, f"不允许：{why}", why)
    problem = call_problem(tree)
    if problem is not None:
        raise _refused(text, *problem)
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Script(source, result.code, names)


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
            return _Writer(target, guards)
        raise Forbidden("只能修改列表和字典", "only lists and dicts can be changed")

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
        "_getitem_": guards.item,
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
        "_made_": guards.made,
        "_text_": guards.text,
        "throw_error": _throw_error,
    }


def _throw_error(code: str, text: str = "") -> None:
    raise BpmnError(str(code), str(text))


class _Writer:
    """Item assignment: what is put into a list or dict is weighed first."""

    __slots__ = ("guards", "target")

    def __init__(self, target: Any, guards: Guards) -> None:
        self.target = target
        self.guards = guards

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            value = list(self.guards.iterate(value))
        self.guards.step(self.guards.weight(value) + self.guards.weight(index))
        self.target[index] = value

    def __delitem__(self, index: Any) -> None:
        self.guards.step()
        del self.target[index]


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
        visited = self.node_contents_visit(node)
        visited.value = self._called("_text_", visited.value)
        return visited

    def visit_Constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, bytes | complex):
            return self._refuse(node, "this kind of constant is not allowed")
        return super().visit_Constant(node)

    def visit_arguments(self, node: ast.arguments) -> Any:
        if node.vararg is not None or node.kwarg is not None:
            return self._refuse(node, "functions take no * or ** parameters")
        return self.node_contents_visit(node)

    def visit_Global(self, node: ast.Global) -> Any:
        return self._refuse(node, "global is not allowed")

    def visit_Compare(self, node: ast.Compare) -> Any:
        visited = self.node_contents_visit(node)
        step = ast.Call(ast.Name("_step_", ast.Load()), [], [])
        return ast.fix_missing_locations(ast.copy_location(ast.BoolOp(ast.Or(), [step, visited]), node))

    def visit_List(self, node: ast.List) -> Any:
        return self._weighed(node)

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return self._weighed(node)

    def visit_Dict(self, node: ast.Dict) -> Any:
        return self._weighed(node)

    def visit_Set(self, node: ast.Set) -> Any:
        return self._weighed(node)

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        return self._called("_made_", super().visit_ListComp(node))

    def visit_SetComp(self, node: ast.SetComp) -> Any:
        return self._called("_made_", super().visit_SetComp(node))

    def visit_DictComp(self, node: ast.DictComp) -> Any:
        return self._called("_made_", super().visit_DictComp(node))

    def _weighed(self, node: Any) -> Any:
        visited = self.node_contents_visit(node)
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return visited
        return self._called("_made_", visited)

    def _called(self, name: str, node: Any) -> Any:
        call = ast.Call(ast.Name(name, ast.Load()), [node], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))

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

    def _refuse(self, node: ast.AST, reason: str) -> ast.AST:
        self.error(node, reason)
        return node
