"""Every finding about a set of BPMN files in one pass: reading, linking, structure, bindings, texts.

The engine compiles only what has no error here; `gridwhistle check` prints the same findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bpmn.checker import decisionfiles, formfiles, rules
from bpmn.checker.linking import link
from bpmn.checker.model import Model
from bpmn.checker.reader import is_process_file, read_files
from bpmn.findings import Finding, in_order
from bpmn.xmlfiles import read_bpmn


def check_model(files: Mapping[str, bytes]) -> tuple[Model, list[Finding]]:
    """The model of the files and its findings, in order.

    Processes that are marked as not executable beside executable ones, and empty pools, are drawings: they leave the
    model, and what is wrong with them is only a warning.
    """
    found: list[Finding] = []
    model = read_files(files, found)
    link(model, found)
    drawings = {process.id for process in model.processes.values() if process.is_executable is False}
    if len(drawings) == len(model.processes):
        drawings = set()
    if any(process.body.nodes for process in model.processes.values()):
        drawings |= {process.id for process in model.processes.values() if not process.body.nodes}
    if not drawings:
        rules.check(model, found)
        formfiles.check_bindings(model, found)
        return model, in_order(found)
    whole = Model({key: process for key, process in model.processes.items() if key not in drawings}, files)
    rules.check(whole, found)
    formfiles.check_bindings(whole, found)
    aside: list[Finding] = []
    rules.check(Model({key: model.processes[key] for key in drawings}, files), aside)
    found.extend(replace(finding, severity="warning") for finding in aside)
    return whole, in_order(found)


def check_files(files: Mapping[str, bytes]) -> list[Finding]:
    """All findings of the files, by file and line. Decisions (`.dmn`) and forms are checked too."""
    found = check_model(files)[1]
    for file in sorted(files):
        found.extend(decisionfiles.check(file, files))
        found.extend(formfiles.check_content(file, files[file]))
    return in_order(found)


def check_named(files: Mapping[str, bytes]) -> list[Finding]:
    """The same for files that somebody named: what is neither `.dmn` nor a form is read as BPMN whatever its name."""
    others = [file for file in files if not is_process_file(file) and not file.lower().endswith((".dmn", ".form"))]
    found = [finding for file in others if isinstance(finding := read_bpmn(file, files[file]), Finding)]
    odd = {finding.file for finding in found}
    renamed = {f"{file}\0.bpmn" if file in others and file not in odd else file: data for file, data in files.items()}
    checked = check_files({file: data for file, data in renamed.items() if file not in odd})
    return in_order([*found, *(replace(finding, file=finding.file.removesuffix("\0.bpmn")) for finding in checked)])
