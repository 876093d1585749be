"""The tables of working calendars and of the clocks of cases.

Written by `calendars` and `operations` alone. A clock row holds what is true now; `case_clock_event` is
append-only and tells how it came to be so.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bpmn.database import Base, new_id


class Calendar(Base):
    """A working calendar. With `base_code` it takes the days and published years of another one."""

    __tablename__ = "calendar"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text, default="Asia/Shanghai")
    weekdays: Mapped[list[Any]] = mapped_column(JSONB)
    """Working weekdays, Monday is 1."""
    follows_notice: Mapped[bool] = mapped_column(default=True)
    """False: works by weekdays alone, holidays or not (a seven-day street team)."""
    base_code: Mapped[str | None] = mapped_column(ForeignKey("calendar.code"))
    revision: Mapped[str] = mapped_column(String(36), default=new_id)
    """New with every change of the calendar, its days, years or shifts."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(Text)


class CalendarYear(Base):
    """Whether the notice of a year is known: `published`, or `provisional` for days entered ahead of it."""

    __tablename__ = "calendar_year"

    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(Text)


class CalendarDay(Base):
    """A day that differs from its weekday: a holiday, or a make-up workday."""

    __tablename__ = "calendar_day"

    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"), primary_key=True)
    day_on: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)


class CalendarShift(Base):
    """Working time of a calendar's working days, in minutes after midnight, perhaps for a season only."""

    __tablename__ = "calendar_shift"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"), index=True)
    start_minute: Mapped[int] = mapped_column(SmallInteger)
    end_minute: Mapped[int] = mapped_column(SmallInteger)
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class CalendarUse(Base):
    """Which calendar an organisation unit works by; units without a row take that of the unit above."""

    __tablename__ = "calendar_use"

    unit_code: Mapped[str] = mapped_column(Text, primary_key=True)
    calendar_code: Mapped[str] = mapped_column(ForeignKey("calendar.code"))


class CaseClock(Base):
    """One clock of one case. Lengths are microseconds of the limit's own time (`arithmetic.kind_of`)."""

    __tablename__ = "case_clock"
    __table_args__ = (
        Index("uq_case_clock_case_name", "case_number", "name", unique=True),
        Index("ix_case_clock_due", "due_at", postgresql_where=text("status = 'running'")),
        Index("ix_case_clock_calendar", "calendar_code", postgresql_where=text("status <> 'stopped'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_number: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    instance_id: Mapped[str | None] = mapped_column(String(36))
    owner: Mapped[str | None] = mapped_column(Text)
    """Whose time it is (a unit's code), where the rules tell owners apart."""
    status: Mapped[str] = mapped_column(String(16))
    """running, paused or stopped (`handlers.clocks.states`)."""
    limit_value: Mapped[int]
    limit_unit: Mapped[str] = mapped_column(String(4))
    limit_reading: Mapped[str] = mapped_column(String(8))
    calendar_code: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[str] = mapped_column(Text, default="")
    """The version of the rules it was started by; a changed rule does not move a running clock by itself."""
    started_at: Mapped[datetime]
    base_us: Mapped[int] = mapped_column(BigInteger)
    """One original limit: what an extension adds."""
    total_us: Mapped[int] = mapped_column(BigInteger)
    """The original limit and all extensions."""
    anchor_at: Mapped[datetime]
    anchor_us: Mapped[int] = mapped_column(BigInteger)
    """The due moment is `anchor_us` after `anchor_at`: enough to compute it again by another calendar."""
    due_at: Mapped[datetime]
    """Of a paused clock: where it stood when it was paused."""
    provisional: Mapped[bool] = mapped_column(default=False)
    remaining_us: Mapped[int | None] = mapped_column(BigInteger)
    """What was left when it was paused or stopped; negative when overdue."""
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    pause_kind: Mapped[str | None] = mapped_column(String(16))
    """wait or suspension (挂账)."""
    stopped_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(SmallInteger, default=1)
    extensions: Mapped[int] = mapped_column(SmallInteger, default=0)
    suspensions: Mapped[int] = mapped_column(SmallInteger, default=0)
    overdue_rounds: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often it was overdue in any round: the fact stays when a new round begins."""


class CaseClockEvent(Base):
    """What happened to a clock: `action` is start, pause, resume, restart, extend, stop, warn, overdue or replan."""

    __tablename__ = "case_clock_event"
    __table_args__ = (Index("ix_case_clock_event_case", "case_number", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_number: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    remaining_us: Mapped[int | None] = mapped_column(BigInteger)
    provisional: Mapped[bool] = mapped_column(default=False)
