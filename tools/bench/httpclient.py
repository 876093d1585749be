"""A small keep-alive HTTP client and the processes of the service, for benchmarks over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tools.bench.setting import VAR


class Client:
    """One connection with one person's token. An answer other than the expected is an error."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> bytes:
        """The body of a 200 answer."""
        return self._send("GET", path, None, (200,))

    def post(self, path: str, document: Any = None) -> bytes:
        """The body of a 200, 201 or 204 answer."""
        return self._send("POST", path, json.dumps(document or {}).encode(), (200, 201, 204))

    def _send(self, method: str, path: str, body: bytes | None, expected: tuple[int, ...]) -> bytes:
        self._connection.request(method, path, body=body, headers=self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status not in expected:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")
        return answer


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def service(command: str, url: str, port: int = 0, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`gridwhistle <command>` as the product starts it, on the benchmark's database."""
    environment = {
        **os.environ,
        "GRIDWHISTLE_DATABASE_URL": url,
        "GRIDWHISTLE_VAR": str(VAR / "bench-service"),
        "GRIDWHISTLE_SECRET_KEY": "benchmark only, thirty-two letters",
        "GRIDWHISTLE_LOG_LEVEL": "WARNING",
        "PORT": str(port),
        **settings,
    }
    process = subprocess.Popen([sys.executable, "-m", "webapp.cli", command], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_answering(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> float:
    """Seconds until something accepts connections on the port and answers HTTP."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/login")
            if connection.getresponse().status < 500:
                return time.monotonic() - begun
        except OSError:
            time.sleep(0.05)  # poll
    raise RuntimeError("the service does not answer")
