"""Every finding about a set of BPMN files in one pass: reading, linking, structure, bindings, texts.

The engine compiles only what has no error here; `gridwhistle check` prints the same findings.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.checker.linking import link
from bpmn.checker.model import Model
from bpmn.checker.reader import read_files
from bpmn.findings import Finding, in_order


def check_model(files: Mapping[str, bytes]) -> tuple[Model, list[Finding]]:
    """The model of the files and its findings, in order."""
    found: list[Finding] = []
    model = read_files(files, found)
    link(model, found)
    return model, in_order(found)


def check_files(files: Mapping[str, bytes]) -> list[Finding]:
    """All findings of the files, by file and line."""
    return check_model(files)[1]
