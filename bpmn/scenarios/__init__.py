"""Named walks through diagrams, kept as data beside them: run in memory on the real engine, with their coverage.

A scenario says what is reported, who answers which task how, which limits run out, and where the walk must end.
The engine, its conditions and its timers are the real ones; what handlers answer is part of the scenario. The
files are read by `files`, walked by `walk`, counted by `coverage`; no database is needed.
"""

from __future__ import annotations

from bpmn.scenarios.coverage import Coverage
from bpmn.scenarios.files import Person, Scenario, ScenarioError, Step, load, read
from bpmn.scenarios.folders import Report, bundle_of, files_of, process_folders, run_folder
from bpmn.scenarios.walk import Result, run

__all__ = [
    "Coverage",
    "Person",
    "Report",
    "Result",
    "Scenario",
    "ScenarioError",
    "Step",
    "bundle_of",
    "files_of",
    "load",
    "process_folders",
    "read",
    "run",
    "run_folder",
]
