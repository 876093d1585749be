"""Named places at which a process can be made to die, so that tests can prove that nothing is lost there.

`GRIDWHISTLE_FAILPOINT=name` kills the process with SIGKILL when it first reaches the place `name`,
`name:3` the third time. Without the variable a place costs one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

PLACES: Final = frozenset(
    {
        "transaction.before_commit",
        "transaction.after_commit",
        "job.before_commit",
        "job.after_commit",
        "worker.before_job",
        "worker.after_job",
        "ticker.before_commit",
        "ticker.after_commit",
    }
)
"""Every place in the code. A test compares this list with the calls, and with the crash tests."""


def _armed() -> tuple[str, int] | None:
    setting = os.environ.get("GRIDWHISTLE_FAILPOINT")
    if not setting:
        return None
    name, _, nth = setting.partition(":")
    if name not in PLACES:
        raise ValueError(f"GRIDWHISTLE_FAILPOINT names no place: {name}")
    return name, int(nth or 1)


_target = _armed()
_reached = 0


def reach(name: str) -> None:
    """Die here if this is the place and the time."""
    global _reached  # noqa: PLW0603 - one counter per process is the point
    if _target is None or _target[0] != name:
        return
    _reached += 1
    if _reached == _target[1]:
        os.kill(os.getpid(), signal.SIGKILL)
