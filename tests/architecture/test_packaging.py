"""What is shipped: locks without addresses, a wheel that holds the product, no foreign host in a page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from tests.architecture.sources import ROOT


def test_the_python_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    pins = re.findall(r"(?m)^[a-z0-9][a-z0-9.\[\],_-]*==\S+.*$", lock)
    assert len(pins) > 50
    assert all(pin.rstrip().endswith("\\") for pin in pins), "a pin without hashes"


def test_the_lock_holds_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + [one for extra in project["optional-dependencies"].values() for one in extra]
    lock = (ROOT / "requirements.lock").read_text("utf-8").casefold()
    names = {re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0].casefold().replace("_", "-") for one in declared}
    assert [name for name in sorted(names) if not re.search(rf"(?m)^{re.escape(name)}(\[[^]]*])?==", lock)] == []


def test_the_front_ends_lock_has_hashes_and_no_addresses() -> None:
    text = (ROOT / "webapp/frontend/package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    packages = json.loads(text)["packages"]
    assert [name for name, facts in packages.items() if name and not facts.get("integrity")] == []


def test_the_wheel_holds_packages_processes_and_migrations(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "bpmn/execution.py",
        "handlers/org/tables.py",
        "webapp/templates/base.html",
        "webapp/migrations/env.py",
        "gridwhistle_processes/case_handling/case_handling.bpmn",
    ):
        assert wanted in names
    assert not [name for name in names if "node_modules" in name or name.startswith("webapp/frontend/")]
