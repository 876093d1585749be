"""FEEL's types (DMN 1.5 section 10.3.2.9): conformance, implicit conversions and `instance of`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from bpmn.decisions.values import FeelFunction, Range, kind

SIMPLE = {
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "list", "context", "function", "range", "Any", "Null",
}  # fmt: skip
ALIASES = {
    "any": "Any",
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "days and time duration": "days and time duration",
    "integer": "number",
    "long": "number",
    "double": "number",
    "null": "Null",
    "context": "context",
}


@dataclass(frozen=True, slots=True)
class Simple:
    """One of FEEL's named types."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    item: FeelType


@dataclass(frozen=True, slots=True)
class RangeOf:
    item: FeelType


@dataclass(frozen=True, slots=True)
class ContextOf:
    entries: Mapping[str, FeelType]


@dataclass(frozen=True, slots=True)
class FunctionOf:
    parameters: tuple[FeelType, ...]
    result: FeelType


@dataclass(frozen=True, slots=True, eq=False)
class Constrained:
    """A type of an item definition with allowed values; `allows` tests one value."""

    base: FeelType
    allows: Callable[[Any], bool]


@dataclass(slots=True, eq=False)
class Reference:
    """A type known by name until all item definitions are read (they may be recursive)."""

    name: str
    target: FeelType | None = field(default=None)


FeelType = Simple | ListOf | RangeOf | ContextOf | FunctionOf | Constrained | Reference
ANY = Simple("Any")


def named(name: str) -> Simple | None:
    """The built-in type `name` in any of its spellings, or None."""
    name = ALIASES.get(name, name)
    return Simple(name) if name in SIMPLE else None


def resolve(wanted: FeelType) -> FeelType:
    """The type behind references."""
    while isinstance(wanted, Reference):
        wanted = wanted.target or ANY
    return wanted


def conforms(value: Any, wanted: FeelType) -> bool:
    """Whether `value` is of the type; null is of every type."""
    return value is None or is_instance(value, wanted)


def is_instance(value: Any, wanted: FeelType) -> bool:
    """FEEL `instance of`: null is an instance of Null alone; allowed values play no part."""
    wanted = resolve(wanted)
    if isinstance(wanted, Simple):
        if wanted.name == "Any":
            return value is not None
        return kind(value) == ("null" if wanted.name == "Null" else wanted.name)
    if isinstance(wanted, ListOf):
        return isinstance(value, list) and all(conforms(item, wanted.item) for item in value)
    if isinstance(wanted, RangeOf):
        return isinstance(value, Range) and all(conforms(end, wanted.item) for end in (value.start, value.end))
    if isinstance(wanted, ContextOf):
        return isinstance(value, dict) and all(
            name in value and conforms(value[name], entry) for name, entry in wanted.entries.items()
        )
    if isinstance(wanted, FunctionOf):
        return isinstance(value, FeelFunction) and _function_conforms(value, wanted)
    if isinstance(wanted, Constrained):
        return is_instance(value, wanted.base)
    return False


def is_allowed(value: Any, wanted: FeelType) -> bool:
    """Whether a value of the type is among the allowed values, at every depth."""
    wanted = resolve(wanted)
    if value is None:
        return True
    if isinstance(wanted, Constrained):
        return is_allowed(value, wanted.base) and wanted.allows(value)
    if isinstance(wanted, ListOf) and isinstance(value, list):
        return all(is_allowed(item, wanted.item) for item in value)
    if isinstance(wanted, ContextOf) and isinstance(value, dict):
        return all(is_allowed(value.get(name), entry) for name, entry in wanted.entries.items())
    return True


def _function_conforms(value: FeelFunction, wanted: FunctionOf) -> bool:
    if len(value.parameters) != len(wanted.parameters):
        return False
    own = value.parameter_types or (ANY,) * len(value.parameters)
    inputs = all(type_conforms(theirs, ours) for theirs, ours in zip(wanted.parameters, own, strict=True))
    return inputs and type_conforms(value.result_type or ANY, wanted.result)


def type_conforms(given: FeelType, wanted: FeelType) -> bool:
    """Whether every value of `given` is one of `wanted` (table 46)."""
    given, wanted = resolve(given), resolve(wanted)
    if wanted == ANY or given == Simple("Null"):
        return True
    if isinstance(given, Constrained):
        return type_conforms(given.base, wanted)
    if isinstance(given, ListOf) and isinstance(wanted, ListOf):
        return type_conforms(given.item, wanted.item)
    if isinstance(given, RangeOf) and isinstance(wanted, RangeOf):
        return type_conforms(given.item, wanted.item)
    if isinstance(given, ContextOf) and isinstance(wanted, ContextOf):
        return all(
            name in given.entries and type_conforms(given.entries[name], entry)
            for name, entry in wanted.entries.items()
        )
    if isinstance(given, FunctionOf) and isinstance(wanted, FunctionOf):
        return (
            len(given.parameters) == len(wanted.parameters)
            and all(type_conforms(w, g) for g, w in zip(given.parameters, wanted.parameters, strict=True))
            and type_conforms(given.result, wanted.result)
        )
    return given == wanted


def coerce(value: Any, wanted: FeelType | None) -> Any:
    """`value` as the type by the implicit conversions of section 10.3.2.9.4, or None when it does not conform."""
    if wanted is None or value is None:
        return value
    wanted = resolve(wanted)
    if is_instance(value, wanted):
        return value if is_allowed(value, wanted) else None
    base = resolve(wanted.base) if isinstance(wanted, Constrained) else wanted
    if isinstance(value, list) and len(value) == 1 and not isinstance(base, ListOf) and base != Simple("list"):
        inner = coerce(value[0], wanted)
        return inner
    if isinstance(base, ListOf) and not isinstance(value, list):
        listed = [value]
        return listed if is_instance(listed, wanted) and is_allowed(listed, wanted) else None
    if base == Simple("list") and not isinstance(value, list):
        return [value]
    if base == Simple("date and time") and isinstance(value, date) and not isinstance(value, datetime):
        moment = datetime.combine(value, time(), UTC)
        return moment if is_allowed(moment, wanted) else None
    return None
