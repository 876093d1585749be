"""The statuses of a clock and the moves between them: the only place that knows which are legal."""

from __future__ import annotations

from collections.abc import Mapping

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"

MOVES: Mapping[str, frozenset[str]] = {
    "pause": frozenset({RUNNING}),
    "resume": frozenset({PAUSED}),
    "extend": frozenset({RUNNING}),
    "stop": frozenset({RUNNING, PAUSED}),
    "restart": frozenset({RUNNING, PAUSED, STOPPED}),
    "warn": frozenset({RUNNING}),
    "overdue": frozenset({RUNNING}),
}
"""Action -> statuses in which it is possible."""

STATUS_NAMES: Mapping[str, tuple[str, str]] = {
    RUNNING: ("正在计时", "running"),
    PAUSED: ("已暂停", "paused"),
    STOPPED: ("已停止", "stopped"),
}
ACTION_NAMES: Mapping[str, tuple[str, str]] = {
    "start": ("开始", "started"),
    "pause": ("暂停", "paused"),
    "resume": ("恢复", "resumed"),
    "restart": ("重新计时", "restarted"),
    "extend": ("延期", "extended"),
    "stop": ("停止", "stopped"),
    "warn": ("预警", "marked as a warning"),
    "overdue": ("标记超时", "marked as overdue"),
    "replan": ("重新计算", "computed again"),
}


def is_possible(action: str, status: str) -> bool:
    """True when `action` may be done to a clock in `status`."""
    return status in MOVES[action]
