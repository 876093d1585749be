"""Every error speaks both languages and has a code of its own."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections.abc import Iterator

import pytest

from bpmn.errors import GridWhistleError
from tests.architecture.sources import modules


def _errors() -> Iterator[type[GridWhistleError]]:
    """Every class with a sentence of its own, found in the source."""
    for name, tree in modules("bpmn", "handlers", "webapp").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(line).startswith("zh = ") for line in node.body):
                module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                kind = getattr(importlib.import_module(module), node.name)
                if issubclass(kind, GridWhistleError):
                    yield kind


ERRORS = list(_errors())


def _names(template: str) -> set[str]:
    return {
        name.removesuffix("_zh").removesuffix("_en").removesuffix("_plural").partition(".")[0]
        for _, name, _, _ in string.Formatter().parse(template)
        if name
    }


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_says_the_same_in_chinese_and_english(kind: type[GridWhistleError]) -> None:
    assert _names(kind.en) == _names(kind.zh)
    own_words = re.sub(r"{[^}]*}", "", kind.zh)
    assert not own_words or any("\u4e00" <= letter <= "\u9fff" for letter in own_words)


def test_no_two_errors_share_a_code() -> None:
    seen: dict[str, str] = {}
    for kind in ERRORS:
        if "code" in vars(kind):
            assert kind.code not in seen, f"{kind.__name__} and {seen[kind.code]}"
            seen[kind.code] = kind.__name__
