"""Boxed expressions (DMN 1.5 section 10.2.2) to compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bpmn.decisions import types
from bpmn.decisions.dmnfile import child, clean, local, named, text_of, type_ref
from bpmn.decisions.errors import DecisionError
from bpmn.decisions.feel import builtins, calls, compiler, iteration
from bpmn.decisions.feel.iteration import Compiled, Iteration
from bpmn.decisions.feel.parser import parse_unary_tests
from bpmn.decisions.index import Cell, ColumnIndex, constants_of
from bpmn.decisions.run import Run, Scope
from bpmn.decisions.table import POLICIES, InputColumn, OutputColumn, Table
from bpmn.decisions.values import FeelFunction

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

FEEL_LANGUAGES = ("", "feel", "http://www.omg.org/spec/feel/20140401", "http://www.omg.org/spec/dmn/")
HitListener = Callable[[str, Scope, list[int]], None]


@dataclass(slots=True)
class Boxed:
    """Compiles the boxed expressions of one file. `names` are all names known there."""

    names: frozenset[str]
    lookup: Callable[[str], types.FeelType | None]
    file: str
    decision: str
    on_hits: HitListener
    allowed_of: Callable[[str | None], Compiled | None]
    """The allowed values of an item definition, for table inputs without their own."""
    tables: list[Table] = field(default_factory=list)
    """The decision tables met on the way."""

    def compile(self, element: Element | None) -> Compiled:
        """The function of a boxed expression; nothing at all is null."""
        if element is None:
            return lambda scope: None
        try:
            compiled: Compiled = getattr(self, f"_{local(element).lower()}")(element)
        except DecisionError as error:
            raise error.at(file=self.file, line=element.sourceline, decision=self.decision) from None
        wanted = self.type_of(element)
        if wanted is None or local(element) in ("functionDefinition", "encapsulatedLogic"):
            return compiled
        return lambda scope: types.coerce(compiled(scope), wanted)

    def type_of(self, element: Element | None) -> types.FeelType | None:
        """The declared type of an element, or None."""
        reference = type_ref(element)
        return None if reference is None else self.lookup(reference)

    def feel(self, text: str | None) -> Compiled:
        """The function of a FEEL text; an empty text is null."""
        if not text:
            return lambda scope: None
        return compiler.compile_expression(text, self.names, self.lookup)

    def unary(self, text: str | None) -> Compiled:
        return compiler.compile_unary_tests(text or "-", self.names, self.lookup)

    def inner(self, element: Element | None) -> Compiled:
        """The boxed expression inside `element`."""
        found = None if element is None else next((part for part in element if _is_logic(part)), None)
        return self.compile(found)

    # --- expressions -------------------------------------------------------------------------------------------

    def _literalexpression(self, element: Element) -> Compiled:
        language = (element.get("expressionLanguage") or "").lower()
        if not (language in FEEL_LANGUAGES or "feel" in language or "omg.org/spec/dmn" in language):
            raise DecisionError(
                "language",
                zh=f"不支持表达式语言“{language}”",
                en=f'the expression language "{language}" is not supported',
            )
        return self.feel(text_of(element))

    def _context(self, element: Element) -> Compiled:
        entries: list[tuple[str | None, Compiled]] = []
        for entry in named(element, "contextEntry"):
            variable = child(entry, "variable")
            name = None if variable is None else clean(variable.get("name"))
            compiled, wanted = self.inner(entry), self.type_of(variable)
            entries.append((name, partial(_coerced, compiled, wanted) if wanted else compiled))

        def build(scope: Scope) -> Any:
            values: dict[str, Any] = {}
            inner = scope.inner(values)
            for name, compiled in entries:
                value = compiled(inner)
                if name is None:
                    return value
                values[name] = value
            return dict(values)

        return build

    def _list(self, element: Element) -> Compiled:
        items = [self.compile(part) for part in element if _is_logic(part)]
        return lambda scope: [item(scope) for item in items]

    def _relation(self, element: Element) -> Compiled:
        columns = [clean(column.get("name")) for column in named(element, "column")]
        rows = [[self.compile(part) for part in row if _is_logic(part)] for row in named(element, "row")]
        return lambda scope: [{name: cell(scope) for name, cell in zip(columns, row, strict=False)} for row in rows]

    def _invocation(self, element: Element) -> Compiled:
        called = next(part for part in element if _is_logic(part))
        label = text_of(called) or "…"
        function = self.compile(called)
        arguments: dict[str, Compiled] = {}
        for binding in named(element, "binding"):
            parameter = child(binding, "parameter")
            compiled, wanted = self.inner(binding), self.type_of(parameter)
            name = "" if parameter is None else clean(parameter.get("name"))
            arguments[name] = partial(_coerced, compiled, wanted) if wanted else compiled
        return lambda scope: calls.invoke(
            function(scope), [], {name: value(scope) for name, value in arguments.items()}, scope.run, label
        )

    def _functiondefinition(self, element: Element) -> Compiled:
        if (element.get("kind") or "FEEL").upper() != "FEEL":
            return self._external(element)
        parameters = list(named(element, "formalParameter"))
        names = tuple(clean(parameter.get("name")) for parameter in parameters)
        wanted = tuple(self.type_of(parameter) or types.ANY for parameter in parameters)
        body, result = self.inner(element), self.type_of(element)
        result = result.result if isinstance(result, types.FunctionOf) else result
        return lambda scope: calls.closure(self.decision, names, wanted, body, scope, result_type=result)

    _encapsulatedlogic = _functiondefinition

    def _external(self, element: Element) -> Compiled:
        """Java and PMML functions are refused: calling one gives null and a warning (no foreign code runs here)."""
        names = tuple(clean(parameter.get("name")) for parameter in named(element, "formalParameter"))

        def refuse(run: Run, positional: list[Any], given: dict[str, Any] | None) -> None:
            run.warn("不支持外部函数（Java、PMML）", "external functions (Java, PMML) are not supported")

        return lambda scope: FeelFunction(self.decision, names, refuse)

    def _conditional(self, element: Element) -> Compiled:
        test, then, otherwise = (self.inner(child(element, name)) for name in ("if", "then", "else"))

        def choose(scope: Scope) -> Any:
            result = test(scope)
            if result is not None and not isinstance(result, bool):
                scope.run.warn("条件不是布尔值", "the condition is no boolean")
                return None
            return then(scope) if result is True else otherwise(scope)

        return choose

    def _filter(self, element: Element) -> Compiled:
        source, condition = self.inner(child(element, "in")), self.inner(child(element, "match"))
        return lambda scope: _boxed_filter(source(scope), condition, scope)

    def _for(self, element: Element) -> Compiled:
        iterators: list[Iteration] = [(clean(element.get("iteratorVariable")), self.inner(child(element, "in")), None)]
        body = self.inner(child(element, "return"))
        return lambda scope: iteration.loop(iterators, body, scope)

    def _some(self, element: Element) -> Compiled:
        return self._quantified(element, wanted=True)

    def _every(self, element: Element) -> Compiled:
        return self._quantified(element, wanted=False)

    def _quantified(self, element: Element, *, wanted: bool) -> Compiled:
        iterators: list[Iteration] = [(clean(element.get("iteratorVariable")), self.inner(child(element, "in")), None)]
        body = self.inner(child(element, "satisfies"))
        return lambda scope: iteration.quantified(iterators, body, scope, wanted=wanted)

    # --- decision tables ---------------------------------------------------------------------------------------

    def _decisiontable(self, element: Element) -> Compiled:
        policy = (element.get("hitPolicy") or "UNIQUE").upper().replace("_", " ")
        if policy not in POLICIES:
            raise DecisionError("hit_policy", zh=f"未知的命中策略“{policy}”", en=f'unknown hit policy "{policy}"')
        aggregation = element.get("aggregation") if policy == "COLLECT" else None
        rules = list(named(element, "rule"))
        inputs = list(named(element, "input"))
        outputs = [self._output(output) for output in named(element, "output")]
        self._require_width(rules, len(inputs), len(outputs))
        table = Table(
            name=self.decision,
            policy=POLICIES[policy],
            aggregation=aggregation.upper() if aggregation else None,
            inputs=[self._input(column, position, rules) for position, column in enumerate(inputs)],
            outputs=outputs,
            outputs_of=[self._output_entries(rule, row, len(inputs)) for row, rule in enumerate(rules, 1)],
            on_hits=partial(self.on_hits, self.decision),
        )
        self.tables.append(table)
        return table

    def _require_width(self, rules: list[Element], inputs: int, outputs: int) -> None:
        for row, rule in enumerate(rules, 1):
            given = sum(1 for _ in named(rule, "inputEntry")), sum(1 for _ in named(rule, "outputEntry"))
            if given != (inputs, outputs):
                raise DecisionError(
                    "ragged_table",
                    zh=f"规则有 {given[0]} 个条件和 {given[1]} 个结果，表头是 {inputs} 和 {outputs}",
                    en=f"the rule has {given[0]} conditions and {given[1]} results, the header {inputs} and {outputs}",
                ).at(row=row, line=rule.sourceline)

    def _input(self, column: Element, position: int, rules: list[Element]) -> InputColumn:
        expression = child(column, "inputExpression")
        text = text_of(expression)
        allowed = text_of(child(column, "inputValues"))
        cells = [self._cell(rule, row, position) for row, rule in enumerate(rules, 1)]
        try:
            return InputColumn(
                label=column.get("label") or text or "",
                expression=self.feel(text),
                wanted=self.type_of(expression),
                allowed=self.unary(allowed) if allowed else self.allowed_of(type_ref(expression)),
                index=ColumnIndex(cells),
            )
        except DecisionError as error:
            raise error.at(column=position + 1) from None

    def _cell(self, rule: Element, row: int, position: int) -> Cell:
        entry = list(named(rule, "inputEntry"))[position]
        text = text_of(entry) or "-"
        if text == "-":
            return Cell(lambda scope: True, (), anything=True)
        try:
            tree = parse_unary_tests(text, self.names | builtins.NAMES)
            return Cell(self.unary(text), constants_of(tree))
        except DecisionError as error:
            raise error.at(row=row, column=position + 1, line=entry.sourceline) from None

    def _output_entries(self, rule: Element, row: int, width: int) -> list[Compiled]:
        compiled = []
        for column, entry in enumerate(named(rule, "outputEntry"), width + 1):
            try:
                compiled.append(self.feel(text_of(entry)))
            except DecisionError as error:
                raise error.at(row=row, column=column, line=entry.sourceline) from None
        return compiled

    def _output(self, output: Element) -> OutputColumn:
        values = text_of(child(output, "outputValues"))
        default = text_of(child(output, "defaultOutputEntry"))
        return OutputColumn(
            name=clean(output.get("name") or output.get("label")),
            wanted=self.type_of(output),
            values=self.feel(f"[{values}]") if values else None,
            default=self.feel(default) if default else None,
        )


_LOGIC = {
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
}  # fmt: skip


def _is_logic(element: Element) -> bool:
    return local(element) in _LOGIC


def _coerced(compiled: Compiled, wanted: types.FeelType, scope: Scope) -> Any:
    return types.coerce(compiled(scope), wanted)


def _boxed_filter(source: Any, condition: Compiled, scope: Scope) -> Any:
    """A boxed filter; a condition that is neither boolean nor number makes it null."""
    if source is None:
        return None
    return iteration.filtered(source, condition, scope)
