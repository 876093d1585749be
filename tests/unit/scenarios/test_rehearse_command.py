"""`gridwhistle rehearse`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from tests.unit.scenarios.test_walks import MODEL, PAID, PEOPLE, YES
from webapp.cli.rehearse import command

PROCESSES = Path(__file__).parents[3] / "processes"


def rehearse(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(folder)])
    return result.exit_code, result.output


def written(folder: Path, **change: object) -> Path:
    walk = {
        "name": "paid",
        "process": "p",
        "start": {"variables": {"asker": "a"}},
        "handlers": {"money.pay": {}},
        "steps": [YES, PAID],
        "expect": {"end": "End_Paid"},
    }
    (folder / "p" / "scenarios").mkdir(parents=True)
    (folder / "p" / "p.bpmn").write_text(MODEL, "utf-8")
    (folder / "p" / "scenarios" / "people.json").write_text(json.dumps(PEOPLE))
    (folder / "p" / "scenarios" / "paid.json").write_text(json.dumps({**walk, **change}))
    return folder


def test_what_ships_is_rehearsed_whole() -> None:
    code, output = rehearse(PROCESSES)
    assert code == 0, output
    assert "FAIL" not in output
    assert "case_handling: flow nodes 56 / 56, branches 22 / 22" in output


def test_a_walk_that_differs_fails_and_says_how(tmp_path: Path) -> None:
    code, output = rehearse(written(tmp_path, expect={"end": "End_No"}))
    assert code == 1
    assert "FAIL  paid.json  paid" in output
    assert "End_No was not reached" in output


def test_what_no_walk_reaches_fails_too(tmp_path: Path) -> None:
    code, output = rehearse(written(tmp_path))
    assert code == 1
    assert "pass  paid.json" in output
    assert "not reached: End_Late" in output


def test_an_unreadable_scenario_is_one_line(tmp_path: Path) -> None:
    code, output = rehearse(written(tmp_path, steps="none"))
    assert code == 1
    assert output.startswith("paid.json cannot be walked")


def test_a_refused_diagram_is_told_by_its_findings(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "p" / "p.bpmn").write_text(MODEL.replace('targetRef="End_Paid"', 'targetRef="Nowhere"'), "utf-8")
    code, output = rehearse(folder)
    assert code == 1
    assert "p.bpmn:" in output
    assert "error:" in output
