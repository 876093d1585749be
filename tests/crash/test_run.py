"""`gridwhistle run` serves everything, heals itself, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from bpmn import embedded
from tests.crash.service import ROOT, free_port, kill
from tests.support.waiting import until

PARTS = ("webapp.wsgi:app", "worker", "ticker")


@pytest.fixture
def town(open_folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    tmp_path = open_folder
    port, said = free_port(), tmp_path / "said"
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "GRIDWHISTLE_VAR": str(tmp_path / "var")}
    environment.pop("GRIDWHISTLE_DATABASE_URL", None)
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "run", "--no-demo"],
            cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or f"网格哨  {address}" in said.read_text("utf-8"), within=90)
        assert process.poll() is None, said.read_text("utf-8")
        yield process, address, tmp_path
    finally:
        kill(process)
        embedded.stop(tmp_path / "var" / "postgres")


def part(process: subprocess.Popen[bytes], name: str) -> psutil.Process | None:
    """The child process of one part."""
    for child in psutil.Process(process.pid).children():
        try:
            if child.cmdline()[-1] == name and child.status() != psutil.STATUS_ZOMBIE:
                return child
        except (psutil.NoSuchProcess, IndexError):
            continue
    return None


def is_well(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_every_part_that_is_killed_comes_back_and_ctrl_c_stops_all(
    town: tuple[subprocess.Popen[bytes], str, Path],
) -> None:
    process, address, folder = town
    for name in PARTS:
        before = part(process, name)
        assert before is not None
        before.kill()
        until(lambda name=name, pid=before.pid: (after := part(process, name)) is not None and after.pid != pid)
        until(lambda: is_well(address))
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive
    assert not embedded.is_running(folder / "var" / "postgres")


def test_a_second_run_on_the_same_port_says_so_and_names_another(
    town: tuple[subprocess.Popen[bytes], str, Path],
) -> None:
    _, address, folder = town
    port = address.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "run"],
        cwd=ROOT, env={**os.environ, "PORT": port, "GRIDWHISTLE_VAR": str(folder / "other")},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"PORT={int(port) + 1}" in done.stderr
