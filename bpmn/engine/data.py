"""The data guard: process variables are small JSON values, checked wherever they enter the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from bpmn.errors import VariableError
from bpmn.values import JSON, Variables

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NAME = 200
_RESERVED = frozenset({"typename"})
_OWN = frozenset({"case"})


def guarded(variables: Mapping[str, Any], where: str = "variables") -> Variables:
    """A deep copy that holds JSON values only; tuples become lists.

    :raises VariableError: something is no JSON, NaN or infinite, too large, too deep, or a reserved name.
    """
    if not isinstance(variables, Mapping):
        raise VariableError(where, why_zh="应为一组变量", why_en="a set of variables is expected")
    for name in variables:
        if name in _OWN or (isinstance(name, str) and name.startswith("_")):
            raise VariableError(str(name)[:80], why_zh="该名称是保留名称", why_en="this name is reserved")
    copied = {_name(key, where): _value(value, _name(key, where), 1) for key, value in variables.items()}
    size = len(orjson.dumps(copied))
    if size > MAX_BYTES:
        raise VariableError(
            where,
            why_zh=f"共 {size // 1024} KB，上限为 {MAX_BYTES // 1024} KB",
            why_en=f"{size // 1024} KB in all; the limit is {MAX_BYTES // 1024} KB",
        )
    return copied


def copied(variables: Mapping[str, JSON]) -> Variables:
    """A deep copy of variables that were guarded before."""
    copy: Variables = orjson.loads(orjson.dumps(variables))
    return copy


def _name(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise VariableError(path, why_zh="名称必须是文本", why_en="names must be texts")
    if key in _RESERVED:
        raise VariableError(f"{path}.{key}"[:200], why_zh="该名称是保留名称", why_en="this name is reserved")
    if not key or len(key) > MAX_NAME:
        raise VariableError(path[:200], why_zh="名称为空或过长", why_en="a name is empty or too long")
    return _text(key, path)


def _value(value: Any, path: str, depth: int) -> JSON:
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return _text(value, path)
    if kind is int:
        if -(2**63) <= value < 2**63:
            return int(value)
        raise VariableError(path, why_zh="数字过大", why_en="the number is too large")
    if kind is float:
        if math.isfinite(value):
            return float(value)
        raise VariableError(path, why_zh="不能是 NaN 或无穷大", why_en="it may not be NaN or infinite")
    if depth > MAX_DEPTH:
        raise VariableError(path, why_zh=f"嵌套超过 {MAX_DEPTH} 层", why_en=f"nested more than {MAX_DEPTH} deep")
    if kind is list or kind is tuple:
        return [_value(each, f"{path}[{index}]", depth + 1) for index, each in enumerate(value)]
    if isinstance(value, Mapping):
        return {_name(key, path): _value(each, f"{path}.{key}", depth + 1) for key, each in value.items()}
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return _value(kind.__mro__[-2](value) if kind.__mro__[-2] in (str, int, float) else str(value), path, depth)
    name = kind.__name__
    raise VariableError(path, why_zh=f"{name} 不是 JSON 值", why_en=f"{name} is no JSON value")


def _text(value: str, path: str) -> str:
    if "\x00" in value:
        raise VariableError(path, why_zh="文本含有空字符", why_en="the text contains a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise VariableError(path, why_zh="文本不是有效的 Unicode", why_en="the text is no valid Unicode") from error
    if len(value) > MAX_BYTES:
        raise VariableError(path, why_zh="文本过长", why_en="the text is too long")
    return value
