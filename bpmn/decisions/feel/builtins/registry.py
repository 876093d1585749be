"""How built-in functions are declared and called: signatures with names, kinds, optional and repeated parameters."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar

from bpmn.decisions.run import Run
from bpmn.decisions.values import FeelFunction, kind
from bpmn.decisions.wide import WideDate, combine

F = TypeVar("F", bound=Callable[..., Any])
FUNCTIONS: dict[str, FeelFunction] = {}
PARAMETER_NAMES: set[str] = set()
_SIGNATURES: dict[str, list[Signature]] = {}

_GROUPS = {
    "any": None,
    "duration": {"days and time duration", "years and months duration"},
    "moment": {"date", "date and time"},
    "temporal": {"date", "date and time", "time"},
    "point": {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    },
    "days": {"days and time duration"},
    "months": {"years and months duration"},
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kinds` None: any value. `nullable`: null is handed on instead of answered with null."""

    name: str
    kinds: frozenset[str] | None
    nullable: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Signature:
    parameters: tuple[Parameter, ...]
    variadic: bool
    wants_run: bool
    function: Callable[..., Any]


class _NoFit(Exception):
    """The arguments do not fit this signature."""


def builtin(name: str, specification: str = "", *, run: bool = False) -> Callable[[F], F]:
    """Declare `name` with parameters such as `string: string, start position: number, length: number?`.

    `kind|kind` alternatives, `?` may be left out, `~` takes null, a last `...` repeats (the function gets a list).
    Several declarations of one name are tried in order.
    """

    def declare(function: F) -> F:
        parts = [part.strip() for part in specification.split(",") if part.strip()]
        variadic = bool(parts) and parts[-1].endswith("...")
        parameters = tuple(_parameter(part.removesuffix("...")) for part in parts)
        PARAMETER_NAMES.update(parameter.name for parameter in parameters)
        signatures = _SIGNATURES.setdefault(name, [])
        signatures.append(Signature(parameters, variadic, run, function))
        if name not in FUNCTIONS:
            names = tuple(parameter.name for parameter in parameters)
            FUNCTIONS[name] = FeelFunction(name, names, _invoker(name, signatures))
        return function

    return declare


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.partition(":")
    optional, nullable = "?" in kinds, "~" in kinds
    wanted: set[str] | None = set()
    for word in kinds.replace("?", "").replace("~", "").split("|"):
        group = _GROUPS.get(word.strip(), {word.strip()})
        wanted = None if group is None or wanted is None else wanted | group
    return Parameter(name.strip(), None if wanted is None else frozenset(wanted), nullable or wanted is None, optional)


def _invoker(name: str, signatures: list[Signature]) -> Callable[..., Any]:
    def invoke(run: Run, positional: list[Any], named: dict[str, Any] | None) -> Any:
        for signature in signatures:
            try:
                arguments = _arguments(signature, positional, named)
            except _NoFit:
                continue
            try:
                return signature.function(run, *arguments) if signature.wants_run else signature.function(*arguments)
            except (decimal.DecimalException, OverflowError, ValueError, ZeroDivisionError):
                break
        run.warn(f"函数“{name}”的参数无效", f'the arguments of "{name}" are not valid')
        return None

    return invoke


def _arguments(signature: Signature, positional: list[Any], named: dict[str, Any] | None) -> list[Any]:
    parameters = signature.parameters
    if named is not None:
        return _named_arguments(parameters, named)
    if signature.variadic:
        head, repeated = parameters[:-1], parameters[-1]
        if len(positional) <= len(head):
            raise _NoFit
        values = [_fit(parameter, value) for parameter, value in zip(head, positional, strict=False)]
        return [*values, [_fit(repeated, value) for value in positional[len(head) :]]]
    required = sum(not parameter.optional for parameter in parameters)
    if not required <= len(positional) <= len(parameters):
        raise _NoFit
    return [_fit(parameter, value) for parameter, value in zip(parameters, positional, strict=False)]


def _named_arguments(parameters: tuple[Parameter, ...], named: dict[str, Any]) -> list[Any]:
    if set(named) - {parameter.name for parameter in parameters}:
        raise _NoFit
    values: list[Any] = []
    for parameter in parameters:
        if parameter.name in named:
            values.append(_fit(parameter, named[parameter.name]))
        elif parameter.optional or parameter.kinds is None:
            values.append(None)
        else:
            raise _NoFit
    return values


def _fit(parameter: Parameter, value: Any) -> Any:
    """The value as the parameter wants it, by the implicit conversions of section 10.3.2.9.4."""
    if value is None:
        if parameter.nullable:
            return None
        raise _NoFit
    kinds = parameter.kinds
    if kinds is None or kind(value) in kinds:
        return value
    if "list" in kinds:
        return [value]
    if isinstance(value, list) and len(value) == 1 and kind(value[0]) in kinds:
        return value[0]
    if "date and time" in kinds and isinstance(value, date | WideDate):
        return combine(value, time())
    raise _NoFit
