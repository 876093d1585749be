"""Context functions (table 81) and `not`."""

from __future__ import annotations

from typing import Any

from bpmn.decisions.feel.builtins.registry import builtin


@builtin("not", "negand: any")
def not_(value: Any) -> bool | None:
    return (not value) if isinstance(value, bool) else None


@builtin("get value", "m: context, key: string")
def get_value(context: dict[str, Any], key: str) -> Any:
    return context.get(key)


@builtin("get value", "context: context, keys: list")
def get_value_at(context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


@builtin("get entries", "m: context")
def get_entries(context: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def context(entries: list[Any]) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not {"key", "value"} <= entry.keys():
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in result:
            return None
        result[key] = entry["value"]
    return result


@builtin("context put", "context: context, key: string, value: any")
def context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_at(context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    return _put(context, keys, value)


def _put(context: Any, keys: list[str], value: Any) -> dict[str, Any] | None:
    if not isinstance(context, dict):
        return None
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = _put(context.get(keys[0], {}) if context.get(keys[0]) is not None else {}, keys[1:], value)
    return None if inner is None else {**context, keys[0]: inner}


@builtin("context merge", "contexts: list")
def context_merge(contexts: list[Any]) -> dict[str, Any] | None:
    if not all(isinstance(item, dict) for item in contexts):
        return None
    merged: dict[str, Any] = {}
    for item in contexts:
        merged.update(item)
    return merged
