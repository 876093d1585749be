"""FEEL trees to Python closures. A compiled expression is called with a `Scope` and gives a value.

Nothing of FEEL becomes Python code: every node is one function of ours that calls the functions of its children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from lark import Token, Tree

from bpmn.decisions import temporal, types
from bpmn.decisions.feel import builtins, operators
from bpmn.decisions.feel.calls import closure, invoke
from bpmn.decisions.feel.iteration import Compiled, Iteration, filtered, loop, quantified
from bpmn.decisions.feel.parser import parse_expression, parse_unary_tests
from bpmn.decisions.run import MISSING, Scope
from bpmn.decisions.values import CONTEXT

TypeLookup = Callable[[str], types.FeelType | None]
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'", "b": "\b", "f": "\f"}


def compile_expression(text: str, names: frozenset[str], lookup: TypeLookup = types.named) -> Compiled:
    """The function of an expression. `names`: the names in scope; `lookup`: types of item definitions."""
    return _Compiler(lookup).expression(parse_expression(text, names | builtins.NAMES))


def compile_unary_tests(text: str, names: frozenset[str], lookup: TypeLookup = types.named) -> Compiled:
    """The function of a cell: True, False or None for the value that the scope holds under `?`."""
    if text.strip() == "-":
        return lambda scope: True
    return _Compiler(lookup).tests(parse_unary_tests(text, names | builtins.NAMES))


class _Compiler:
    """Knows how each node of the grammar becomes a function."""

    def __init__(self, lookup: TypeLookup) -> None:
        self.lookup = lookup

    def expression(self, tree: Tree[Token]) -> Compiled:
        return getattr(self, f"_{tree.data.strip('_')}")(tree.children)  # type: ignore[no-any-return]

    # --- literals and names ------------------------------------------------------------------------------------

    def _number(self, children: list[Any]) -> Compiled:
        value = CONTEXT.create_decimal(str(children[0]))
        return lambda scope: value

    def _string(self, children: list[Any]) -> Compiled:
        value = unescape(str(children[0])[1:-1])
        return lambda scope: value

    def _at_literal(self, children: list[Any]) -> Compiled:
        text = str(children[0])
        value = temporal.parse_literal(text[text.index('"') + 1 : -1])
        return lambda scope: value

    def _null(self, children: list[Any]) -> Compiled:
        return lambda scope: None

    def _true(self, children: list[Any]) -> Compiled:
        return lambda scope: True

    def _false(self, children: list[Any]) -> Compiled:
        return lambda scope: False

    def _name(self, children: list[Any]) -> Compiled:
        name = str(children[0])
        builtin = builtins.FUNCTIONS.get(name)

        def read(scope: Scope) -> Any:
            value = scope.get(name)
            if value is MISSING:
                if builtin is None:
                    scope.run.warn(f"没有名为“{name}”的变量", f'there is no variable "{name}"')
                return builtin
            return value

        return read

    def _group(self, children: list[Any]) -> Compiled:
        return self.expression(children[1])

    # --- operators ---------------------------------------------------------------------------------------------

    def _or(self, children: list[Any]) -> Compiled:
        left, right = self.expression(children[0]), self.expression(children[2])

        def either(scope: Scope) -> bool | None:
            first = left(scope)
            return True if first is True else operators.disjunction(first, right(scope))

        return either

    def _and(self, children: list[Any]) -> Compiled:
        left, right = self.expression(children[0]), self.expression(children[2])

        def both(scope: Scope) -> bool | None:
            first = left(scope)
            return False if first is False else operators.conjunction(first, right(scope))

        return both

    def _compare(self, children: list[Any]) -> Compiled:
        left, right = self.expression(children[0]), self.expression(children[2])
        operator = str(children[1])
        return lambda scope: operators.order(operator, left(scope), right(scope))

    def _arithmetic(self, children: list[Any]) -> Compiled:
        left, right = self.expression(children[0]), self.expression(children[2])
        operator = str(children[1])

        def calculate(scope: Scope) -> Any:
            scope.run.tick()
            return operators.calculate(operator, left(scope), right(scope))

        return calculate

    def _negate(self, children: list[Any]) -> Compiled:
        value = self.expression(children[1])
        return lambda scope: operators.negate(value(scope))

    def _between(self, children: list[Any]) -> Compiled:
        value, low, high = (self.expression(children[index]) for index in (0, 2, 4))

        def test(scope: Scope) -> bool | None:
            tested = value(scope)
            return operators.conjunction(
                operators.order(">=", tested, low(scope)), operators.order("<=", tested, high(scope))
            )

        return test

    def _in(self, children: list[Any]) -> Compiled:
        value = self.expression(children[0])
        tests = [self.test(child) for child in children[1:] if isinstance(child, Tree)]

        def test(scope: Scope) -> bool | None:
            inner = scope.inner({"?": value(scope)})
            return _any_of(tests, inner)

        return test

    def _instance_of(self, children: list[Any]) -> Compiled:
        value, wanted = self.expression(children[0]), self.type(children[-1])
        if wanted is None:
            return lambda scope: None
        return lambda scope: types.is_instance(value(scope), wanted)

    def _path(self, children: list[Any]) -> Compiled:
        value, name = self.expression(children[0]), str(children[2])
        return lambda scope: operators.path(value(scope), name)

    def _range(self, children: list[Any]) -> Compiled:
        opening = "[" if str(children[0]) == "[" else "("
        closing = "]" if str(children[4]) == "]" else ")"
        start, end = self.expression(children[1]), self.expression(children[3])
        return lambda scope: operators.make_range(start(scope), end(scope), opening, closing)

    def _unary_range(self, children: list[Any]) -> Compiled:
        operator, operand = [child for child in children if not _is_bracket(child)]
        value, sign = self.expression(operand), str(operator)
        return lambda scope: operators.unary_range(sign, value(scope))

    # --- collections -------------------------------------------------------------------------------------------

    def _list(self, children: list[Any]) -> Compiled:
        items = [self.expression(child) for child in children if isinstance(child, Tree)]
        return lambda scope: [item(scope) for item in items]

    def _context(self, children: list[Any]) -> Compiled:
        entries = []
        for entry in (child for child in children if isinstance(child, Tree)):
            key = entry.children[0]
            name = unescape(str(key)[1:-1]) if getattr(key, "type", "") == "STRING" else str(key)
            entries.append((name, self.expression(entry.children[-1])))
        names = [name for name, _ in entries]
        if len(set(names)) < len(names):
            return lambda scope: None

        def build(scope: Scope) -> dict[str, Any]:
            values: dict[str, Any] = {}
            inner = scope.inner(values)
            for name, compiled in entries:
                value = compiled(inner)
                values[name] = value
            return dict(values)

        return build

    def _filter(self, children: list[Any]) -> Compiled:
        source, condition = self.expression(children[0]), self.expression(children[2])
        return lambda scope: filtered(source(scope), condition, scope)

    # --- control -----------------------------------------------------------------------------------------------

    def _if(self, children: list[Any]) -> Compiled:
        condition, then, otherwise = (self.expression(child) for child in children if isinstance(child, Tree))
        return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)

    def _iterators(self, children: list[Any]) -> list[Iteration]:
        found: list[Iteration] = []
        for child in children:
            if isinstance(child, Tree) and child.data == "iterator":
                bounds = [self.expression(part) for part in child.children if isinstance(part, Tree)]
                found.append((str(child.children[0]), bounds[0], bounds[1] if len(bounds) > 1 else None))
        return found

    def _for(self, children: list[Any]) -> Compiled:
        iterators, body = self._iterators(children), self.expression(children[-1])
        return lambda scope: loop(iterators, body, scope)

    def _quantified(self, children: list[Any]) -> Compiled:
        iterators, body = self._iterators(children), self.expression(children[-1])
        wanted = str(children[0]) == "some"
        return lambda scope: quantified(iterators, body, scope, wanted=wanted)

    def _function(self, children: list[Any]) -> Compiled:
        parameters: list[str] = []
        parameter_types: list[types.FeelType] = []
        for child in children[:-1]:
            if isinstance(child, Tree) and child.data == "parameter":
                parameters.append(str(child.children[0]))
                declared = self.type(child.children[-1]) if isinstance(child.children[-1], Tree) else types.ANY
                parameter_types.append(declared or types.ANY)
        if any(isinstance(child, Token) and child.type == "EXTERNAL" for child in children):
            return lambda scope: None
        body = self.expression(children[-1])
        return lambda scope: closure("", tuple(parameters), tuple(parameter_types), body, scope)

    def _call(self, children: list[Any]) -> Compiled:
        callee = self.expression(children[0])
        arguments = children[2]
        label = str(children[0].children[0]) if children[0].data == "name" else "…"
        if arguments is not None and arguments.data == "named":
            by_name = [
                (str(argument.children[0]), self.expression(argument.children[2])) for argument in _trees(arguments)
            ]
            return lambda scope: invoke(
                callee(scope), [], {name: value(scope) for name, value in by_name}, scope.run, label
            )
        positional = [] if arguments is None else [self.expression(tree) for tree in _trees(arguments)]
        return lambda scope: invoke(callee(scope), [value(scope) for value in positional], None, scope.run, label)

    # --- unary tests -------------------------------------------------------------------------------------------

    def tests(self, tree: Tree[Token]) -> Compiled:
        parts = [self.test(child) for child in _trees(tree)]
        if tree.data != "negated_tests":
            return lambda scope: _any_of(parts, scope)

        def negated(scope: Scope) -> bool | None:
            result = _any_of(parts, scope)
            return None if result is None else not result

        return negated

    def test(self, tree: Tree[Token]) -> Compiled:
        if tree.data == "test_compare":
            operator, operand = str(tree.children[0]), self.expression(tree.children[1])  # type: ignore[arg-type]
            return lambda scope: operators.order(operator, scope.get("?"), operand(scope))
        if tree.data == "range_in":
            return self._membership(self._range(tree.children), null_is_unknown=True)
        inner = tree.children[0]
        uses_input = any(token.type == "NAME" and token.value == "?" for token in _tokens(inner))
        unknown = uses_input or (isinstance(inner, Tree) and inner.data == "range")
        return self._membership(self.expression(inner), uses_input=uses_input, null_is_unknown=unknown)  # type: ignore[arg-type]

    def _membership(self, compiled: Compiled, *, uses_input: bool = False, null_is_unknown: bool = False) -> Compiled:
        def test(scope: Scope) -> bool | None:
            wanted, value = compiled(scope), scope.get("?")
            if isinstance(wanted, bool) and (uses_input or not isinstance(value, bool | list | None)):
                return wanted
            if wanted is None and null_is_unknown:
                return None
            return operators.matches(value, wanted)

        return test

    # --- types -------------------------------------------------------------------------------------------------

    def type(self, tree: Any) -> types.FeelType | None:
        """The type a `type` node names, or None when it is unknown."""
        children = tree.children
        if tree.data == "named_type":
            name = "".join(str(token) for token in children)
            return self.lookup("Null" if name == "null" else name)
        if tree.data == "generic_type":
            return self._generic(str(children[0]), self.type(children[2]))
        if tree.data == "context_type":
            entries = {str(entry.children[0]): self.type(entry.children[2]) for entry in _trees(tree)}
            known = {name: entry for name, entry in entries.items() if entry is not None}
            return types.ContextOf(known) if len(known) == len(entries) else None
        parts = [self.type(child) for child in _trees(tree)]
        complete = [part for part in parts if part is not None]
        return types.FunctionOf(tuple(complete[:-1]), complete[-1]) if len(complete) == len(parts) else None

    @staticmethod
    def _generic(name: str, item: types.FeelType | None) -> types.FeelType | None:
        if item is None:
            return None
        if name == "list":
            return types.ListOf(item)
        return types.RangeOf(item) if name == "range" else None


def _trees(tree: Tree[Token]) -> list[Any]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Any) -> Iterator[Token]:
    if isinstance(tree, Tree):
        yield from tree.scan_values(lambda value: isinstance(value, Token))


def _is_bracket(child: Any) -> bool:
    return isinstance(child, Token) and child.type in ("LPAR", "RPAR")


def _any_of(tests: list[Compiled], scope: Scope) -> bool | None:
    unknown = False
    for test in tests:
        result = test(scope)
        if result is True:
            return True
        unknown = unknown or result is None
    return None if unknown else False


@lru_cache(maxsize=4096)
def unescape(text: str) -> str:
    """A string literal's content (section 10.3.1.2, rule 33 to 36)."""
    if "\\" not in text:
        return text
    result, index = [], 0
    while index < len(text):
        character = text[index]
        following = text[index + 1 : index + 2]
        if character != "\\" or not following:
            result.append(character)
            index += 1
        elif following in _ESCAPES:
            result.append(_ESCAPES[following])
            index += 2
        elif following in "uU":
            width = 4 if following == "u" else 6
            digits = text[index + 2 : index + 2 + width]
            try:
                result.append(chr(int(digits, 16)))
                index += 2 + width
            except (ValueError, OverflowError):
                result.append(character)
                index += 1
        else:
            result.append(character)
            index += 1
    joined = "".join(result)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
