"""The command line: what it prints, what it returns, and that asking for help costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from handlers import shipped
from tests.support.databases import TestDatabase
from webapp.cli import COMMANDS, main

BROKEN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="D" targetNamespace="t">
  <process id="broken" isExecutable="true"><startEvent id="Start_A"/><userTask id="Task_Lost"/></process>
</definitions>
"""


@pytest.fixture
def place(committed: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a command: a database of its own and a folder."""
    monkeypatch.setenv("GRIDWHISTLE_DATABASE_URL", committed.url)
    monkeypatch.setenv("GRIDWHISTLE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("GRIDWHISTLE_SECRET_KEY", "a secret for tests")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_help_names_every_command_and_imports_none_of_them() -> None:
    program = (
        "import sys\nfrom webapp.cli import main\n"
        "try:\n    main(['--help'])\nfinally:\n"
        "    print(sorted(set(sys.modules) & {'flask', 'sqlalchemy', 'SpiffWorkflow', 'lxml'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage" in result.output


def test_deploying_a_folder_twice_makes_one_version(place: Path, committed: TestDatabase) -> None:
    first, again = run("deploy", str(shipped.path("case_handling"))), run("deploy", str(shipped.path("case_handling")))
    assert first.exit_code == again.exit_code == 0, first.output
    assert "case_handling version 1, active" in first.output
    assert first.output == again.output
    with committed.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM process_definition")) == 1


def test_a_draft_is_stored_and_not_active(place: Path) -> None:
    assert "version 1, draft" in run("deploy", "--draft", str(shipped.path("case_handling"))).output


def test_a_broken_diagram_is_refused_with_its_findings_and_nothing_is_stored(
    place: Path, committed: TestDatabase
) -> None:
    folder = place / "broken"
    folder.mkdir()
    (folder / "broken.bpmn").write_text(BROKEN, "utf-8")
    result = run("deploy", str(folder))
    assert result.exit_code == 1
    assert "broken.bpmn" in result.output
    assert "Task_Lost" in result.output
    assert "Traceback" not in result.output
    with committed.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM deployment")) == 0


def test_an_empty_folder_is_no_deployment(place: Path) -> None:
    (place / "empty").mkdir()
    result = run("deploy", str(place / "empty"))
    assert result.exit_code == 1
    assert "no .bpmn file" in result.output


def test_backup_and_restore_by_command(place: Path) -> None:
    assert run("db", "upgrade").exit_code == 0
    archive = place / "town.tar"
    assert run("db", "backup", str(archive)).exit_code == 0
    refused = run("db", "restore", str(archive))
    assert refused.exit_code == 1
    assert "not empty" in refused.output
    forced = run("db", "restore", "--force", str(archive))
    assert forced.exit_code == 0, forced.output
    assert "Restored" in forced.output
