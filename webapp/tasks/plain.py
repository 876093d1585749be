"""Answers of a form that was sent without JavaScript: strings of a browser as the values a form-js viewer would send.

Only the shape is made here; whether an answer is right is decided by `bpmn.forms`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

MANY = frozenset({"checklist", "taglist"})
SHOWN_ONLY = frozenset({"text", "html", "separator", "spacer", "image", "button"})


def values_of(components: Sequence[Mapping[str, Any]], form: MultiDict[str, str]) -> dict[str, Any]:
    """The answers by key. Fields left empty are absent, so that an optional field stays unanswered."""
    found: dict[str, Any] = {}
    for component in fields_of(components):
        key, kind = component["key"], component.get("type")
        if kind == "checkbox":
            found[key] = form.get(key) == "true"
        elif kind in MANY:
            found[key] = form.getlist(key)
        elif kind == "number":
            found |= _number(key, form.get(key, ""))
        elif kind != "filepicker" and form.get(key, "").strip():
            found[key] = form[key]
    return found


def fields_of(components: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The components that take an answer, those inside groups too."""
    found: list[Mapping[str, Any]] = []
    for component in components:
        if component.get("type") in {"group", "dynamiclist"}:
            found += fields_of(component.get("components", []))
        elif component.get("key") and component.get("type") not in SHOWN_ONLY:
            found.append(component)
    return found


def photo_keys(components: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of the fields that take photos."""
    return [component["key"] for component in fields_of(components) if component.get("type") == "filepicker"]


def _number(key: str, text: str) -> dict[str, Any]:
    text = text.strip()
    if not text:
        return {}
    try:
        number = float(text)
    except ValueError:
        return {key: text}
    return {key: int(number) if number.is_integer() else number}
