"""What pages say about a clock: level, share used, and the sentences in Chinese and English.

Pure: rows and calendars come in, values go out. Hours and days are told in the clock's own time, so that
"4:28 left" on Friday afternoon is time somebody works.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from handlers.clocks import arithmetic, calendars, limits, states
from handlers.clocks.rows import limit_of, remaining_at
from handlers.clocks.tables import CaseClock
from handlers.clocks.working_calendar import WorkingCalendar

Level = Literal["ok", "warn", "over", "paused", "done"]

_ZERO = timedelta(0)
_MINUTE = timedelta(minutes=1)
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock at one moment, ready to be shown. Lengths are in the clock's own time unless they say wall."""

    name: str
    name_zh: str
    name_en: str
    level: Level
    is_overdue: bool
    """Over now, or (done) stopped after its due moment."""
    due_at: datetime
    provisional: bool
    remaining: timedelta
    """Negative when overdue."""
    remaining_wall: timedelta
    total: timedelta
    used: float
    """Share of the whole limit, above 1 when overdue."""
    warn_share: float
    text_zh: str
    """`剩 0:18`, `超时 0:42`, `剩 6天 4:28`, `挂账`, `暂停`, `按时`."""
    text_en: str
    due_zh: str
    """`14:50 到`, `周一 08:40`, `12月1日`, `至 12月31日`; of a done clock `用 9 / 15 分`."""
    due_en: str

    def text(self, language: str) -> str:
        """The first line in a language."""
        return self.text_zh if language.startswith("zh") else self.text_en

    def due_text(self, language: str) -> str:
        """The second line in a language."""
        return self.due_zh if language.startswith("zh") else self.due_en

    @property
    def percent(self) -> int:
        """The bar's length, 0 to 100."""
        return min(max(int(self.used * 100), 0), 100)


def state_of(session: Session, clock: CaseClock, now: datetime) -> ClockState:
    """One clock at `now`."""
    return state_by(clock, calendars.load(session, clock.calendar_code), now)


def states_of(session: Session, clocks: Iterable[CaseClock], now: datetime) -> list[ClockState]:
    """Many clocks at `now`, in their order, without a statement per clock."""
    return [state_by(clock, calendars.load(session, clock.calendar_code), now) for clock in clocks]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A clock read once: what its texts are made of."""

    clock: CaseClock
    calendar: WorkingCalendar
    now: datetime
    remaining: timedelta
    total: timedelta
    used: float
    level: Level
    is_over: bool
    day: timedelta


def _read(clock: CaseClock, calendar: WorkingCalendar, now: datetime, warn_share: float) -> _Reading:
    remaining = remaining_at(clock, now, calendar)
    total = timedelta(microseconds=clock.total_us)
    used = max(1 - remaining / total, 0.0)
    return _Reading(
        clock=clock,
        calendar=calendar,
        now=now,
        remaining=remaining,
        total=total,
        used=used,
        level=_level(clock, used, now, warn_share),
        is_over=clock.overdue_at is not None or (clock.status == states.RUNNING and now > clock.due_at),
        day=arithmetic.day_of(limit_of(clock), calendar, now),
    )


def state_by(clock: CaseClock, calendar: WorkingCalendar, now: datetime) -> ClockState:
    """One clock at `now` by a calendar in hand."""
    rule = limits.rule_of(clock.name)
    reading = _read(clock, calendar, now, rule.warn_share)
    text_zh, text_en = _text(reading)
    due_zh, due_en = _due_text(reading)
    return ClockState(
        name=clock.name,
        name_zh=rule.zh,
        name_en=rule.en,
        level=reading.level,
        is_overdue=reading.is_over,
        due_at=clock.due_at,
        provisional=clock.provisional,
        remaining=reading.remaining,
        remaining_wall=clock.due_at - now if clock.status == states.RUNNING else reading.remaining,
        total=reading.total,
        used=reading.used,
        warn_share=rule.warn_share,
        text_zh=text_zh,
        text_en=text_en,
        due_zh=due_zh,
        due_en=due_en,
    )


def _level(clock: CaseClock, used: float, now: datetime, warn_share: float) -> Level:
    if clock.status == states.STOPPED:
        return "done"
    if clock.status == states.PAUSED:
        return "paused"
    if now > clock.due_at:
        return "over"
    return "warn" if used >= warn_share else "ok"


def _text(reading: _Reading) -> tuple[str, str]:
    if reading.level == "done" and not reading.is_over:
        return "按时", "On time"
    if reading.level == "paused":
        return ("挂账", "On hold") if reading.clock.pause_kind == "suspension" else ("暂停", "Paused")
    return _left_or_over(reading)


def _left_or_over(reading: _Reading) -> tuple[str, str]:
    zh, en = length_texts(abs(reading.remaining), reading.day)
    if reading.level in ("over", "done") or reading.remaining < _ZERO:
        return f"超时 {zh}", f"{en} over"
    return f"剩 {zh}", f"{en} left"


def _due_text(reading: _Reading) -> tuple[str, str]:
    if reading.level == "done":
        return _used_text(max(reading.total - reading.remaining, _ZERO), reading.total, reading.day)
    if reading.level != "paused":
        return moment_texts(reading.clock.due_at, reading.now, reading.calendar)
    if reading.clock.paused_until is None:
        return _left_or_over(reading)
    until, today = (reading.calendar.local_date(moment) for moment in (reading.clock.paused_until, reading.now))
    return f"至 {_date_zh(until, today)}", f"to {_date_en(until, today)}"


def _used_text(used: timedelta, of: timedelta, day: timedelta) -> tuple[str, str]:
    if of <= timedelta(hours=1):
        minutes = f"{-(-used // _MINUTE)} / {of // _MINUTE}"
        return f"用 {minutes} 分", f"{minutes} min used"
    (used_zh, used_en), (of_zh, of_en) = length_texts(used, day), length_texts(of, day)
    return f"用 {used_zh} / {of_zh}", f"{used_en} / {of_en} used"


def length_texts(length: timedelta, day: timedelta) -> tuple[str, str]:
    """`0:18` and `6天 4:28` / `6 d 4:28`; minutes rounded up, so that 0:00 means none left."""
    minutes = -(-length // _MINUTE)
    days, minutes = divmod(minutes, max(day // _MINUTE, 1))
    clock = f"{minutes // 60}:{minutes % 60:02d}"
    return (f"{days}天 {clock}", f"{days} d {clock}") if days else (clock, clock)


def moment_texts(moment: datetime, now: datetime, calendar: WorkingCalendar) -> tuple[str, str]:
    """When something is due, as near people as it is: the hour today, weekday and hour within a week, else the date.

    Midnight is the 24:00 of the day that ends with it.
    """
    today, local = calendar.local_date(now), moment.astimezone(calendar.zone)
    day, clock = local.date(), f"{local:%H:%M}"
    if clock == "00:00":
        day, clock = day - timedelta(days=1), "24:00"
    if day == today:
        return f"{clock} 到", f"due {clock}"
    if timedelta(0) < day - today < timedelta(days=7):
        return f"周{_WEEKDAYS_ZH[day.weekday()]} {clock}", f"{_WEEKDAYS_EN[day.weekday()]} {clock}"
    return _date_zh(day, today), _date_en(day, today)


def _date_zh(day: date, today: date) -> str:
    return ("" if day.year == today.year else f"{day.year}年") + f"{day.month}月{day.day}日"


def _date_en(day: date, today: date) -> str:
    return f"{day.day} {_MONTHS_EN[day.month - 1]}" + ("" if day.year == today.year else f" {day.year}")
