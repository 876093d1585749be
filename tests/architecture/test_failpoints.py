"""Every place where a process can be made to die is in the code once or more, listed, and tested."""

from __future__ import annotations

import ast

from bpmn.failpoints import PLACES
from tests.architecture.sources import ROOT, modules


def test_the_listed_places_are_the_places_in_the_code() -> None:
    called = {
        node.args[0].value
        for tree in modules("bpmn", "handlers", "webapp").values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "failpoints.reach"
        and isinstance(node.args[0], ast.Constant)
    }
    assert called == PLACES


def test_every_place_has_a_crash_test() -> None:
    texts = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "crash").glob("test_*.py"))
    assert [place for place in sorted(PLACES) if f'"{place}' not in texts] == []
