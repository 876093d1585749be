"""The statuses of a clock and the moves between them: the only place that knows which are legal."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.clocks.tables import CaseClock
from handlers.errors import ClockStateError

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"

MOVES: Mapping[str, tuple[frozenset[str], str]] = {
    "start": (frozenset({""}), RUNNING),
    "pause": (frozenset({RUNNING}), PAUSED),
    "resume": (frozenset({PAUSED}), RUNNING),
    "extend": (frozenset({RUNNING}), RUNNING),
    "stop": (frozenset({RUNNING, PAUSED}), STOPPED),
    "restart": (frozenset({RUNNING, PAUSED, STOPPED}), RUNNING),
}
"""Action -> the statuses in which it is possible, and the one it leads to."""

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


def require(clock: CaseClock, action: str, facts: Mapping[str, str]) -> None:
    """Check that `action` is possible now; `facts` name the clock in the refusal.

    :raises ClockStateError: it is not.
    """
    if (clock.status or "") not in MOVES[action][0]:
        status_zh, status_en = STATUS_NAMES[clock.status]
        action_zh, action_en = ACTION_NAMES[action]
        raise ClockStateError(
            status_zh=status_zh, status_en=status_en, action_zh=action_zh, action_en=action_en, **facts
        )


def transition(clock: CaseClock, action: str, facts: Mapping[str, str]) -> None:
    """Check and write the status that `action` leads to. The event is recorded by the caller."""
    require(clock, action, facts)
    clock.status = MOVES[action][1]
