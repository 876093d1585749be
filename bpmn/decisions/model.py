"""A decision model: files compiled together, and the evaluation of its decisions, services and functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bpmn.decisions import types
from bpmn.decisions.boxed import Boxed
from bpmn.decisions.dmnfile import DmnFile, ItemDefinition, Node, read, read_folder
from bpmn.decisions.errors import DecisionError, Place
from bpmn.decisions.feel import calls, compiler
from bpmn.decisions.feel.iteration import Compiled
from bpmn.decisions.run import Run, Scope
from bpmn.decisions.table import Table
from bpmn.decisions.values import FeelFunction, as_feel


@dataclass(frozen=True, slots=True)
class Hit:
    """The rules (from 1) that a table hit."""

    decision: str
    rules: tuple[int, ...]


@dataclass(slots=True)
class Outcome:
    """An evaluation with what explains it."""

    value: Any
    decision: str
    hits: list[Hit] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Evaluation:
    """What one evaluation knows: the inputs, and the results so far."""

    run: Run
    inputs: Mapping[str, Any]
    results: dict[str, Any] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    running: set[str] = field(default_factory=set)


_EVALUATION = "\0evaluation"
"""The name in the outermost scope under which the evaluation travels; no FEEL text can spell it."""


class DecisionModel:
    """One DMN file with what it imports, compiled. Immutable and safe to share between threads."""

    def __init__(self, main: DmnFile, others: Mapping[str, DmnFile] | None = None) -> None:
        self.main = main
        self.files = {main.namespace: main, **_imported(main, others or {})}
        self.nodes = {node.key: node for file in self.files.values() for node in file.nodes}
        words = set().union(*(file.words for file in self.files.values()))
        self.names = frozenset(word for word in words if word)
        self.types = {namespace: _item_types(self, file) for namespace, file in self.files.items()}
        self.problems: list[DecisionError] = []
        """What cannot be compiled; evaluating an element with a problem raises it."""
        self.tables: dict[str, list[Table]] = {}
        """The decision tables of each element, by its key."""
        self.logic: dict[str, Compiled] = {key: self._compile(node) for key, node in self.nodes.items()}

    # --- reading -----------------------------------------------------------------------------------------------

    def lookup(self, file: DmnFile, name: str) -> types.FeelType | None:
        """A type by its name in `file`: its own item definitions, imported ones, FEEL's."""
        own = self.types.get(file.namespace, {})
        if name in own:
            return own[name]
        prefix, dot, rest = name.partition(".")
        namespace = file.imports.get(prefix)
        if dot and namespace in self.files:
            return self.lookup(self.files[namespace], rest)
        return types.named(name)

    def _compile(self, node: Node) -> Compiled:
        file = self.files[node.namespace]
        boxed = Boxed(
            names=self.names,
            lookup=partial(self.lookup, file),
            file=file.path,
            decision=node.name,
            on_hits=_remember_hits,
            allowed_of=lambda reference: None,
        )
        try:
            compiled = boxed.compile(node.logic)
        except DecisionError as error:
            self.problems.append(error)
            return partial(_raise, error)
        self.tables[node.key] = boxed.tables
        return compiled

    def elements(self, kind: str) -> list[Node]:
        """The main file's elements of one kind (`decision`, `inputData`, …)."""
        return [node for node in self.main.nodes if node.kind == kind]

    def find(self, name: str) -> Node:
        """The decision, service or business knowledge model with that id or name, in the main file first.

        :raises DecisionError: `unknown_decision`.
        """
        order = ("decision", "decisionService", "businessKnowledgeModel")
        candidates = sorted(
            (node for node in self.nodes.values() if node.kind in order and name in (node.id, node.name)),
            key=lambda node: (node.namespace != self.main.namespace, order.index(node.kind)),
        )
        if not candidates:
            raise DecisionError(
                "unknown_decision",
                zh=f"没有名为“{name}”的决策",
                en=f'there is no decision "{name}"',
                place=Place(file=self.main.path),
            )
        return candidates[0]

    # --- evaluating --------------------------------------------------------------------------------------------

    def evaluate(self, name: str, inputs: Mapping[str, Any], *, now: datetime | None = None) -> Any:
        """The value of a decision, decision service or business knowledge model for `inputs` by name.

        :raises DecisionError: hit policy broken, input not allowed, budget exceeded, unknown name.
        """
        return self.explain(name, inputs, now=now).value

    def explain(self, name: str, inputs: Mapping[str, Any], *, now: datetime | None = None) -> Outcome:
        """The same with the rules that were hit and the reasons of nulls."""
        node = self.find(name)
        evaluation = _Evaluation(Run(now=now), {key: as_feel(value) for key, value in inputs.items()})
        try:
            value = self._answer(node, evaluation)
        except RecursionError:
            raise DecisionError(
                "budget_exceeded", zh="计算嵌套过深", en="the evaluation is nested too deeply"
            ) from None
        except DecisionError as error:
            raise error.at(file=self.main.path, decision=node.name) from None
        return Outcome(value, node.id, evaluation.hits, evaluation.run.warnings)

    def _answer(self, node: Node, evaluation: _Evaluation) -> Any:
        if node.kind == "decision":
            return self._decision(node, evaluation)
        function = self._service(node) if node.kind == "decisionService" else self._function(node, evaluation)
        if not isinstance(function, FeelFunction):
            return None
        named = {name: evaluation.inputs.get(name) for name in function.parameters}
        if node.kind == "decisionService":
            return self._run_service(node, evaluation.run, named, evaluation)
        return function.invoke(evaluation.run, [], named)

    def _value(self, key: str, evaluation: _Evaluation) -> Any:
        node = self.nodes.get(key)
        if node is None:
            return None
        if node.kind == "inputData":
            return self._input(node, evaluation)
        if node.kind == "decision":
            return self._decision(node, evaluation)
        return self._service(node) if node.kind == "decisionService" else self._function(node, evaluation)

    def _input(self, node: Node, evaluation: _Evaluation) -> Any:
        value = evaluation.inputs.get(node.name)
        return types.coerce(value, self._type(node))

    def _type(self, node: Node) -> types.FeelType | None:
        return self.lookup(self.files[node.namespace], node.type_ref) if node.type_ref else None

    def _decision(self, node: Node, evaluation: _Evaluation) -> Any:
        if node.key in evaluation.results:
            return evaluation.results[node.key]
        if node.key in evaluation.running:
            raise DecisionError("cycle", zh="决策之间循环依赖", en="decisions require each other").at(
                decision=node.name
            )
        evaluation.running.add(node.key)
        scope = self._scope(node, evaluation)
        value = types.coerce(self.logic[node.key](scope), self._type(node))
        evaluation.running.discard(node.key)
        evaluation.results[node.key] = value
        return value

    def _scope(self, node: Node, evaluation: _Evaluation) -> Scope:
        outermost = Scope(evaluation.run, {_EVALUATION: evaluation})
        names: dict[str, Any] = {} if node.requires else self._undeclared(node, evaluation)
        for key in node.requires:
            required = self.nodes.get(key)
            if required is None:
                continue
            value = self._value(key, evaluation)
            if required.namespace == node.namespace:
                names[required.name] = value
            else:
                _put_imported(names, self._import_name(node, required), required.name, value)
        return outermost.inner(names)

    def _undeclared(self, node: Node, evaluation: _Evaluation) -> dict[str, Any]:
        """The inputs for a table that stands alone in a file without input data, as Camunda's modeler writes it."""
        declared = any(other.kind == "inputData" for other in self.files[node.namespace].nodes)
        return {} if declared else dict(evaluation.inputs)

    def _import_name(self, node: Node, required: Node) -> str:
        imports = self.files[node.namespace].imports
        return next((name for name, namespace in imports.items() if namespace == required.namespace), "")

    def _function(self, node: Node, evaluation: _Evaluation) -> Any:
        """A business knowledge model as a function value; it sees itself and what it requires."""
        if node.key in evaluation.results:
            return evaluation.results[node.key]
        names: dict[str, Any] = {}
        scope = Scope(evaluation.run, {_EVALUATION: evaluation}).inner(names)
        function = self.logic[node.key](scope)
        if isinstance(function, FeelFunction):
            function = FeelFunction(
                node.name, function.parameters, function.invoke, function.parameter_types, function.result_type
            )
        evaluation.results[node.key] = function
        names.update(self._scope(node, evaluation).names)
        names.setdefault(node.name, function)
        return function

    def _service(self, node: Node) -> FeelFunction:
        """A decision service as a function value (section 10.4)."""
        parameters = [self.nodes[key] for key in (*node.input_data, *node.input_decisions) if key in self.nodes]
        names = tuple(parameter.name for parameter in parameters)
        wanted = tuple(self._type(parameter) or types.ANY for parameter in parameters)

        def invoke(run: Run, positional: list[Any], named: dict[str, Any] | None) -> Any:
            values = calls.bind(names, positional, named)
            if values is None:
                run.warn(f"决策服务“{node.name}”的参数不符", f'the arguments do not fit decision service "{node.name}"')
                return None
            for value, parameter_type in zip(values, wanted, strict=True):
                if value is not None and types.coerce(value, parameter_type) is None:
                    run.warn(f"决策服务“{node.name}”的参数类型不符", f'an argument of "{node.name}" has the wrong type')
                    return None
            return self._run_service(node, run, dict(zip(names, values, strict=True)), None)

        outputs = [self._type(self.nodes[key]) or types.ANY for key in node.outputs if key in self.nodes]
        result = outputs[0] if len(outputs) == 1 else types.Simple("context")
        return FeelFunction(node.name, names, invoke, wanted, result)

    def _run_service(self, node: Node, run: Run, values: Mapping[str, Any], outer: _Evaluation | None) -> Any:
        evaluation = _Evaluation(run, values, hits=outer.hits if outer else [])
        for key in node.input_decisions:
            given = self.nodes[key]
            evaluation.results[key] = types.coerce(values.get(given.name), self._type(given))
        run.enter()
        results = {self.nodes[key].name: self._value(key, evaluation) for key in node.outputs if key in self.nodes}
        run.leave()
        if len(results) == 1:
            return types.coerce(next(iter(results.values())), self._type(node))
        return results


def _raise(error: DecisionError, scope: Scope) -> Any:
    raise error


def _put_imported(names: dict[str, Any], import_name: str, name: str, value: Any) -> None:
    if not import_name:
        names[name] = value
        return
    inner = names.setdefault(import_name, {})
    if isinstance(inner, dict):
        inner[name] = value


def _remember_hits(decision: str, scope: Scope, rules: list[int]) -> None:
    evaluation = scope.get(_EVALUATION)
    if isinstance(evaluation, _Evaluation):
        evaluation.hits.append(Hit(decision, tuple(rules)))


def _imported(main: DmnFile, others: Mapping[str, DmnFile]) -> dict[str, DmnFile]:
    """The files that `main` imports, directly or through others."""
    found: dict[str, DmnFile] = {}
    waiting = list(main.imports.values())
    while waiting:
        namespace = waiting.pop()
        if namespace in found or namespace == main.namespace or namespace not in others:
            continue
        found[namespace] = others[namespace]
        waiting.extend(others[namespace].imports.values())
    return found


# --- item definitions -------------------------------------------------------------------------------------------


def _item_types(model: DecisionModel, file: DmnFile) -> dict[str, types.FeelType]:
    references = {item.name: types.Reference(item.name) for item in file.items}
    for item in file.items:
        references[item.name].target = _item_type(model, file, item, references)
    return dict(references)


def _item_type(
    model: DecisionModel, file: DmnFile, item: ItemDefinition, own: Mapping[str, types.Reference]
) -> types.FeelType:
    def lookup(name: str) -> types.FeelType:
        return own.get(name) or _foreign(model, file, name) or types.named(name) or types.ANY

    base: types.FeelType
    if item.function is not None:
        base = types.FunctionOf(tuple(lookup(name) for name in item.function[0]), lookup(item.function[1] or "Any"))
    elif item.components:
        base = types.ContextOf({part.name: _item_type(model, file, part, own) for part in item.components})
    else:
        base = lookup(item.type_ref) if item.type_ref else types.ANY
    if item.allowed:
        base = types.Constrained(base, _allows(model, file, item))
    return types.ListOf(base) if item.is_collection else base


def _foreign(model: DecisionModel, file: DmnFile, name: str) -> types.FeelType | None:
    prefix, dot, rest = name.partition(".")
    namespace = file.imports.get(prefix)
    if not dot or namespace not in model.files:
        return None
    other = model.files[namespace]
    item = next((found for found in other.items if found.name == rest), None)
    if item is None:
        return None
    references = {found.name: types.Reference(found.name) for found in other.items}
    return _item_type(model, other, item, references)


def _allows(model: DecisionModel, file: DmnFile, item: ItemDefinition) -> Any:
    try:
        test = compiler.compile_unary_tests(item.allowed or "-", model.names)
    except DecisionError as error:
        raise error.at(file=file.path, line=item.line) from None
    return lambda value: test(Scope(Run(), {"?": value})) is True


# --- loading ----------------------------------------------------------------------------------------------------


def load(path: str | Path) -> DecisionModel:
    """The model in a DMN file; what it imports is looked for in the same folder.

    :raises DecisionError: unreadable, no DMN, an expression that does not parse: each naming its place.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = error.strerror or "?"
        raise DecisionError("unreadable", zh=f"无法读取文件：{reason}", en=f"the file cannot be read: {reason}").at(
            file=str(path)
        ) from None
    main = read(content, file.name)
    return DecisionModel(main, read_folder(file) if main.imports else {})


def load_files(files: Mapping[str, bytes], main: str) -> DecisionModel:
    """The same from a deployment's files by path."""
    others: Iterable[DmnFile] = (
        read(content, path) for path, content in files.items() if path.endswith(".dmn") and path != main
    )
    return DecisionModel(read(files[main], main), {file.namespace: file for file in others})
