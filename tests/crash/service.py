"""Real processes of the service for the crash tests: started, watched over their effects, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Service:
    """What the processes of one test have in common: the database, a folder, the port of the pages."""

    url: str
    var: Path
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, *command: str, failpoint: str | None = None) -> subprocess.Popen[bytes]:
        """Start `python -m …` in a session of its own; what it says goes to a file in the folder."""
        environment = {
            **os.environ,
            "GRIDWHISTLE_DATABASE_URL": self.url,
            "GRIDWHISTLE_VAR": str(self.var),
            "GRIDWHISTLE_SECRET_KEY": "a secret for tests",
            "GRIDWHISTLE_WEB_PROCESSES": "1",
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            **self.environment,
        }
        environment.pop("GRIDWHISTLE_FAILPOINT", None)
        if failpoint:
            environment["GRIDWHISTLE_FAILPOINT"] = failpoint
        with (self.var / f"{command[-1]}-{len(self.processes)}.log").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def web(self, failpoint: str | None = None) -> subprocess.Popen[bytes]:
        """gunicorn with one process, answering."""
        process = self.start(
            "gunicorn", "-c", "python:webapp.gunicorn_settings", "webapp.wsgi:app", failpoint=failpoint
        )
        until(lambda: process.poll() is not None or self._answers())
        assert process.poll() is None, self.said()
        return process

    def worker(self, failpoint: str | None = None) -> subprocess.Popen[bytes]:
        return self.start("tests.crash.effects", "worker", failpoint=failpoint)

    def ticker(self, failpoint: str | None = None) -> subprocess.Popen[bytes]:
        return self.start("tests.crash.effects", "ticker", failpoint=failpoint)

    def _answers(self) -> bool:
        try:
            requests.get(f"{self.base}/health", timeout=2)
        except requests.RequestException:
            return False
        return True

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        """What all processes wrote, for the message of a failing test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}" for path in self.var.glob("*.log")
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and everything in its group, at one stroke."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def died(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process, or one it started, was killed by its failpoint."""
    return process.poll() == -signal.SIGKILL


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def service(url: str, var: Path, **environment: str) -> Iterator[Service]:
    """A service whose processes are killed at the end."""
    var.mkdir(parents=True, exist_ok=True)
    running = Service(url, var, free_port(), environment=environment)
    try:
        yield running
    finally:
        for process in running.processes:
            kill(process)
