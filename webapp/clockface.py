"""How a clock looks: text, shape, due moment and bar, for lists, case pages and cards. Reads a clock, changes nothing.

What counts as time is the clock's own calendar (`handlers.clocks`): a working-time clock stands at noon, and the
browser is told for how many seconds it will run on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from handlers.clocks import arithmetic, calendars
from handlers.clocks.limits import Limit
from handlers.clocks.tables import CaseClock
from handlers.clocks.working_calendar import Kind, WorkingCalendar
from handlers.worklist.values import ClockRow
from webapp.clock import day, due_text, hours_minutes
from webapp.i18n import is_chinese

State = Literal["ok", "warn", "over", "paused", "done"]

ICONS: dict[State, str] = {
    "ok": "clock",
    "warn": "f-alert-triangle",
    "over": "f-alert-square-rounded",
    "paused": "f-player-pause",
    "done": "check",
}
WARN = 0.8


@dataclass(frozen=True, slots=True)
class Face:
    """What the macro `clock` draws. `left`, `limit` and `runs_for` are seconds for the ticking in the browser."""

    state: State
    text: str
    due: str
    percent: float
    left: int = 0
    limit: int = 0
    runs_for: int = 0

    @property
    def icon(self) -> str:
        """The shape that says the state without colour."""
        return ICONS[self.state]


def of_clock(session: Session, clock: CaseClock | ClockRow, now: datetime) -> Face:
    """The face of a domain clock at `now`."""
    limit = Limit(clock.limit_value, clock.limit_unit, clock.limit_reading)  # type: ignore[arg-type]
    calendar = calendars.load(session, clock.calendar_code)
    total = timedelta(microseconds=clock.total_us)
    if clock.status == "paused":
        return _paused(clock, total)
    left = _left(clock, limit, calendar, now)
    if clock.status == "stopped":
        return Face("done", _done_text(left), "", _percent(left, total))
    kind = arithmetic.kind_of(limit)
    state: State = "over" if now > clock.due_at else ("warn" if left <= total * (1 - WARN) else "ok")
    one_day = arithmetic.day_of(limit, calendar, now)
    return Face(
        state,
        _text(left, one_day),
        due_text(clock.due_at) + _mark(clock.provisional),
        _percent(left, total),
        left=int(left.total_seconds()),
        limit=int(total.total_seconds()),
        runs_for=_runs_for(calendar, kind, now) if abs(left) < one_day else 0,
    )


def of_due(due_at: datetime | None, created_at: datetime, now: datetime) -> Face | None:
    """The face of a task whose due moment no domain clock gave: plain time from its creation."""
    if due_at is None:
        return None
    left, total = due_at - now, max(due_at - created_at, timedelta(seconds=1))
    state: State = "over" if left < timedelta(0) else ("warn" if left <= total * (1 - WARN) else "ok")
    near = abs(left) < timedelta(days=1)
    seconds = int(left.total_seconds()), int(total.total_seconds())
    text = _text(left, timedelta(days=1))
    return Face(state, text, due_text(due_at), _percent(left, total), *seconds, 86400 if near else 0)


def of_row(session: Session, row: Any, now: datetime) -> Face | None:
    """The face beside a row of the task list."""
    if row.clock is not None and row.clock.status != "stopped":
        return of_clock(session, row.clock, now)
    return of_due(row.due_at, row.created_at, now)


def _left(clock: CaseClock | ClockRow, limit: Limit, calendar: WorkingCalendar, now: datetime) -> timedelta:
    if clock.remaining_us is not None and clock.status != "running":
        return timedelta(microseconds=clock.remaining_us)
    return arithmetic.elapsed(now, clock.due_at, limit, calendar)


def _paused(clock: CaseClock | ClockRow, total: timedelta) -> Face:
    zh = is_chinese()
    is_suspended = clock.pause_kind == "suspension"
    text = ("挂账" if zh else "On hold") if is_suspended else ("暂停" if zh else "Paused")
    until = ""
    if clock.paused_until is not None:
        until = f"至 {day(clock.paused_until)}" if zh else f"to {day(clock.paused_until)}"
    return Face("paused", text, until, _percent(timedelta(microseconds=clock.remaining_us or 0), total))


def _runs_for(calendar: WorkingCalendar, kind: Kind, now: datetime) -> int:
    """Seconds for which the clock runs on from now without standing, looking two hours ahead."""
    if kind == "continuous":
        return 7200
    for minutes in (120, 60, 30, 10, 5, 2, 1):
        length = timedelta(minutes=minutes)
        if calendar.elapsed(kind, now, now + length) == length:
            return minutes * 60
    return 0


def _percent(left: timedelta, total: timedelta) -> float:
    used = 1 - left / total if total > timedelta(0) else 1.0
    return round(min(1.0, max(0.0, used)) * 100, 1)


def _length(length: timedelta, one_day: timedelta) -> str:
    """6天 4:28. Minutes are left out where nobody looks at them: when overdue by days, and beyond ten days."""
    days, rest = divmod(abs(length), one_day)
    if not days:
        return hours_minutes(rest)
    whole = f"{days}天" if is_chinese() else f"{days} d"
    return whole if days >= 10 or length < timedelta(0) else f"{whole} {hours_minutes(rest)}"


def _text(left: timedelta, one_day: timedelta) -> str:
    length = _length(left, one_day)
    if left < timedelta(0):
        return f"超时 {length}" if is_chinese() else f"{length} over"
    return f"剩 {length}" if is_chinese() else f"{length} left"


def _done_text(left: timedelta) -> str:
    if left < timedelta(0):
        return f"超时 {hours_minutes(left)} 完成" if is_chinese() else f"done {hours_minutes(left)} late"
    return "按时完成" if is_chinese() else "done on time"


def _mark(provisional: bool) -> str:
    if not provisional:
        return ""
    return "（暂定）" if is_chinese() else " (provisional)"
