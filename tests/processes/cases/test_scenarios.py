"""Every scenario that ships passes, and together they reach every flow node and every branch."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpmn import scenarios
from bpmn.scenarios.folders import process_folders

PROCESSES = Path(__file__).parents[3] / "processes"
FILES = sorted(path for path in PROCESSES.rglob("scenarios/*.json") if path.name != "people.json")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_the_scenario_goes_as_it_says(path: Path) -> None:
    folder = path.parents[1]
    (scenario,) = [each for each in scenarios.load(folder) if each.path == str(path)]
    assert scenarios.run(scenarios.bundle_of(folder), scenario).problems == ()


def test_every_diagram_that_ships_is_covered_whole() -> None:
    report = scenarios.run_folder(PROCESSES)
    assert report.coverage
    missing = {
        name: (each.nodes_missing, each.branches_missing)
        for name, each in report.coverage.items()
        if not each.is_complete
    }
    assert missing == {}


def test_every_folder_with_a_diagram_has_scenarios() -> None:
    assert [folder.name for folder in process_folders(PROCESSES) if not scenarios.load(folder)] == []
