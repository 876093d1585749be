"""Keeps the child processes of one machine alive: starts them, restarts what ends, stops all together.

Owns processes only. What the children do is decided by their commands; a real service manager (systemd, a
container platform) replaces this module by starting the same commands itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

BACKOFF = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds to wait before the first, second, … restart in a row; the last one is kept."""
STEADY_AFTER = 30.0
"""A child that ran this many seconds counts as healthy again."""
GRACE = 20.0
"""Seconds between the polite and the hard end."""
LONG_LOG = 50 * 1024 * 1024
"""Bytes of a log that are put aside when the child is started."""
_WATCHED = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(slots=True)
class Child:
    """One command that should be running, and how its process is doing."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where it writes what it says; None: to where the supervisor writes."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    failures: int = 0


def supervise(
    children: Sequence[Child],
    say: Callable[[str], None] = lambda text: None,
    is_ready: Callable[[], bool] = lambda: True,
) -> None:
    """Run `children` until SIGINT, SIGTERM or SIGHUP; then stop them in reverse order and return.

    A child that ends is started again, at once the first time, later when it keeps ending. Signals are taken with
    sigtimedwait, so nothing runs inside a signal handler. `is_ready` is asked five times a second until it says so.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    try:
        for child in children:
            _start(child)
        ready = False
        while True:
            ready = ready or is_ready()
            pause = _seconds_to_next_restart(children)
            received = signal.sigtimedwait(_WATCHED, pause if ready else min(pause, 0.2))
            if received is not None and received.si_signo != signal.SIGCHLD:
                break
            for child in children:
                _look_after(child, say)
    finally:
        _stop(children)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)


def _start(child: Child) -> None:
    child.started_at = time.monotonic()
    with _opened(child.log) as said:
        child.process = _process(child, said)


def _opened(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    """The log for appending; one that has grown long is put aside first, in place of the one before it."""
    if log is None:
        return nullcontext()
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LONG_LOG:
        log.replace(log.with_suffix(".old.log"))
    return log.open("ab")


def _process(child: Child, said: IO[bytes] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        child.command,
        env={**os.environ, **child.environment},
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the children in order
        preexec_fn=_as_child,  # noqa: PLW1509 - the supervisor has one thread
    )


def _as_child() -> None:
    """In the child before exec: take signals again, and end when the supervisor ends (Linux)."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG


def _look_after(child: Child, say: Callable[[str], None]) -> None:
    now = time.monotonic()
    if child.process is None:
        if now >= child.restart_at:
            _start(child)
        return
    code = child.process.poll()
    if code is None:
        return
    child.failures = 1 if now - child.started_at > STEADY_AFTER else child.failures + 1
    wait = BACKOFF[min(child.failures, len(BACKOFF)) - 1]
    say(f"{child.name} ended with {_reason(code)}; starting it again" + (f" in {wait:g} s" if wait else ""))
    child.process, child.restart_at = None, now + wait
    if not wait:
        _start(child)


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _seconds_to_next_restart(children: Sequence[Child]) -> float:
    waiting = [child.restart_at for child in children if child.process is None]
    return max(0.0, min(waiting) - time.monotonic()) if waiting else 3600.0


def _stop(children: Sequence[Child]) -> None:
    """SIGTERM in reverse order, all at once; SIGKILL to the whole group of what is still there after the grace."""
    running = [child.process for child in reversed(children) if child.process is not None]
    for process in running:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
