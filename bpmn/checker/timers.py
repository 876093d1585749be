"""Reads the text of a timer: ISO 8601 durations, dates and cycles, cron, and domain clocks. Computes no moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from cronsim import CronSim, CronSimError

Kind = Literal["duration", "date", "cycle", "cron", "clock"]

_DURATION = re.compile(
    r"^P(?=\d|T\d)(\d+(?:[.,]\d+)?Y)?(\d+(?:[.,]\d+)?M)?(\d+(?:[.,]\d+)?W)?(\d+(?:[.,]\d+)?D)?"
    r"(?:T(?=\d)(\d+(?:[.,]\d+)?H)?(\d+(?:[.,]\d+)?M)?(\d+(?:[.,]\d+)?S)?)?$"
)
_SECONDS = (365 * 86400, 30 * 86400, 7 * 86400, 86400, 3600, 60, 1)
_CLOCK = re.compile(r"^clock:[A-Za-z_][\w.-]*(@\d{1,3}(\.\d+)?)?$")
_REPEAT = re.compile(r"^R(\d*)/(.+)$")
_MAX_SECONDS = 100 * 365 * 86400


@dataclass(frozen=True, slots=True)
class TimerText:
    """What a timer's text says. `problem` is (Chinese, English) when it says nothing usable."""

    kind: Kind
    value: str
    times: int | None = 1
    """How often it fires; None without end."""
    problem: tuple[str, str] | None = None

    @property
    def repeats(self) -> bool:
        return self.kind in ("cycle", "cron")

    @staticmethod
    def seconds(duration: str) -> float:
        """About how many seconds a duration has; 0 for anything else."""
        found = _DURATION.match(duration)
        return _seconds(found) if found else 0.0

    @staticmethod
    def read(written: str, text: str) -> TimerText:
        """`written` is the element: duration, date or cycle."""
        return _read(written, text)


@lru_cache(maxsize=2048)
def _read(written: str, text: str) -> TimerText:
    value = text.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1].strip()
    if _CLOCK.match(value):
        return TimerText("clock", value)
    if written == "duration":
        return TimerText("duration", value, 1, _duration_problem(value, floor=0))
    if written == "date":
        return TimerText("date", value, 1, _date_problem(value))
    return _cycle(value)


def _cycle(value: str) -> TimerText:
    repeat = _REPEAT.match(value)
    if repeat is None:
        if value.startswith("R"):
            return TimerText("cycle", value, 1, _bad(value, "R3/PT10M"))
        try:
            CronSim(value, datetime(2026, 1, 1, tzinfo=UTC))
        except (CronSimError, ValueError):
            return TimerText("cron", value, None, _bad(value, "R3/PT10M、0 8 * * 1-5"))
        return TimerText("cron", value, None)
    times = int(repeat.group(1)) if repeat.group(1) else None
    parts = repeat.group(2).split("/")
    problem: tuple[str, str] | None = None
    if times == 0:
        problem = ("重复次数为零的定时器不会触发", "a timer that repeats zero times never fires")
    elif len(parts) > 2:
        problem = _bad(value, "R3/PT10M")
    else:
        durations = [part for part in parts if part.startswith("P")]
        dates = [part for part in parts if not part.startswith("P")]
        if len(durations) != 1:
            problem = _bad(value, "R3/PT10M")
        else:
            problem = _duration_problem(durations[0], floor=1)
            for date in dates:
                problem = problem or _date_problem(date)
    return TimerText("cycle", value, times, problem)


def _duration_problem(value: str, *, floor: int) -> tuple[str, str] | None:
    found = _DURATION.match(value)
    if found is None:
        return _bad(value, "PT4H、P3D")
    seconds = _seconds(found)
    if seconds > _MAX_SECONDS:
        return "时长超过一百年", "the duration is longer than a hundred years"
    if seconds < floor:
        return f"间隔不足 {floor} 秒", f"the interval is shorter than {floor} second"
    return None


def _seconds(found: re.Match[str]) -> float:
    parts = zip(found.groups(), _SECONDS, strict=True)
    return float(sum(float(part[:-1].replace(",", ".")) * size for part, size in parts if part))


def _date_problem(value: str) -> tuple[str, str] | None:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return _bad(value, "2026-11-22T09:00+08:00")
    return None


def _bad(value: str, example: str) -> tuple[str, str]:
    shown = value[:60] or "（空）"
    return (
        f"“{shown}”不是有效的时间写法，例如 {example}",
        f"{value[:60]!r} is no valid time; write for example {example}",
    )
