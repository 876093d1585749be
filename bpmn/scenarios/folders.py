"""Runs every scenario of every process below a folder and sums up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bpmn.engine.bundle import Bundle
from bpmn.engine.compiling import compile_files
from bpmn.scenarios.coverage import Coverage, measure
from bpmn.scenarios.files import load
from bpmn.scenarios.walk import Result, run

DEPLOYED: Final = frozenset({".bpmn", ".dmn", ".form"})


@dataclass(frozen=True, slots=True)
class Report:
    """All walks below a folder, and what they cover."""

    results: tuple[Result, ...]
    coverage: Mapping[str, Coverage]

    @property
    def is_passed(self) -> bool:
        """True when every walk passed and nothing is uncovered."""
        return all(result.is_passed for result in self.results) and all(
            each.is_complete for each in self.coverage.values()
        )


def process_folders(root: Path) -> list[Path]:
    """Folders with diagrams, `root` itself or those below it."""
    return sorted({path.parent for path in root.rglob("*.bpmn")})


def files_of(folder: Path) -> dict[str, bytes]:
    """What is deployed of a folder, by path inside it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in DEPLOYED
    }


def bundle_of(folder: Path) -> Bundle:
    """The deployment that a folder amounts to.

    :raises DefinitionError: it would be refused.
    """
    return compile_files(files_of(folder))


def run_folder(root: Path) -> Report:
    """Run everything.

    :raises DefinitionError: a folder's diagrams would be refused; ScenarioError: a scenario cannot be read.
    """
    results: list[Result] = []
    coverage: dict[str, Coverage] = {}
    for folder in process_folders(root):
        bundle = bundle_of(folder)
        of_folder = [run(bundle, scenario) for scenario in load(folder)]
        results.extend(of_folder)
        for process in bundle.processes.values():
            if process.is_executable:
                events = [event for result in of_folder for event in result.events if event.scope_id == process.id]
                coverage[process.id] = measure(process, events)
    return Report(tuple(results), coverage)
