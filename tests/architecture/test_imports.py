"""Imports run one way and every library has one door."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from importlinter.cli import lint_imports

from tests.architecture.sources import ROOT, imports, modules

LISTED = Path(__file__).with_name("spiffworkflow.json")


def test_the_layers_and_doors_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_name_taken_from_spiffworkflow_is_listed_for_the_next_upgrade() -> None:
    found: dict[str, set[str]] = {}
    for tree in modules("bpmn").values():
        for module, name in imports(tree):
            if module.partition(".")[0] == "SpiffWorkflow":
                found.setdefault(module, set()).add(name or "*")
    listed = json.loads(LISTED.read_text("utf-8"))
    assert {module: sorted(names) for module, names in sorted(found.items())} == listed


PARSERS = {"parse", "fromstring", "fromstringlist", "XML", "HTML", "XMLParser", "iterparse", "XMLPullParser"}


def test_foreign_xml_is_parsed_in_one_place() -> None:
    guilty = [
        f"{name}:{node.lineno}"
        for name, tree in modules("bpmn", "handlers", "webapp").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in PARSERS
        and ast.unparse(node.value) in {"etree", "lxml.etree"}
        and name != "bpmn/xmlfiles.py"
    ]
    assert guilty == []


CLOCK_READERS = {
    "bpmn/ticker.py",  # asks what is due now
    "bpmn/worker.py",  # gives the jobs their moment
    "bpmn/decisions/run.py",  # FEEL's now() when a model is evaluated without a moment
}


def test_services_below_the_pages_never_read_the_wall_clock() -> None:
    guilty = [
        f"{name}:{node.lineno}"
        for name, tree in modules("bpmn", "handlers").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _reads_clock(node) and name not in CLOCK_READERS
    ]
    assert guilty == []


def _reads_clock(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    )
