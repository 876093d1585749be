"""The supervisor keeps children alive and ends them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import until

PROGRAM = """
import sys
from webapp.supervisor import Child, supervise
child = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); time.sleep(600)"
stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + child
supervise(
    [Child(name, [sys.executable, "-c", code, f"{sys.argv[1]}/{name}"]) for name, code in
     [("one", child), ("two", stubborn if sys.argv[2] == "stubborn" else child)]],
    say=lambda text: print(text, flush=True),
)
print("all ended", flush=True)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started = []

    def start(kind: str = "polite", grace: str | None = None) -> subprocess.Popen[str]:
        program = PROGRAM if grace is None else f"import webapp.supervisor as s; s.GRACE = {grace}\n{PROGRAM}"
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), kind], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _pids(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def _is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_killed_child_is_started_again(supervisor: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    supervisor()
    until(lambda: _pids(tmp_path, "one") and _pids(tmp_path, "two"))
    os.kill(_pids(tmp_path, "one")[0], signal.SIGKILL)
    until(lambda: len(_pids(tmp_path, "one")) == 2)
    assert not _is_gone(_pids(tmp_path, "two")[0])
    os.kill(_pids(tmp_path, "one")[1], signal.SIGKILL)
    until(lambda: len(_pids(tmp_path, "one")) == 3)


def test_ctrl_c_ends_every_child(supervisor: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    process = supervisor()
    until(lambda: _pids(tmp_path, "one") and _pids(tmp_path, "two"))
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert said.endswith("all ended\n")
    assert all(_is_gone(pid) for name in ("one", "two") for pid in _pids(tmp_path, name))


def test_a_child_that_will_not_end_is_killed(supervisor: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    process = supervisor("stubborn", grace="0.5")
    until(lambda: _pids(tmp_path, "one") and _pids(tmp_path, "two"))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert _is_gone(_pids(tmp_path, "two")[0])


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_children_do_not_outlive_a_killed_supervisor(
    supervisor: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = supervisor()
    until(lambda: _pids(tmp_path, "one") and _pids(tmp_path, "two"))
    process.kill()
    until(lambda: all(_is_gone(pid) for name in ("one", "two") for pid in _pids(tmp_path, name)))
