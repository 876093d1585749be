"""Working calendars as data: seed, publish a year, change shifts, and load them as values.

Loaded calendars are kept per database and checked for a newer revision every few seconds, so a step pays no
statement for them. What a calendar means is `working_calendar`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from sqlalchemy import delete, extract, select
from sqlalchemy.orm import Session

from bpmn.database import new_id
from bpmn.values import Actor
from handlers import shipped
from handlers.clocks import shelf
from handlers.clocks.tables import Calendar, CalendarDay, CalendarShift, CalendarUse, CalendarYear
from handlers.clocks.working_calendar import Shift, WorkingCalendar, plain_shifts
from handlers.errors import CalendarNotFoundError, InvalidCalendarError

STANDARD = "standard"
SEEDED_YEARS = (2025, 2026)
_ZH = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day of a yearly notice that differs from its weekday."""

    is_working: bool
    name_zh: str
    name_en: str


# --- writing ----------------------------------------------------------------------------------------------------


def seed(session: Session, *, actor: Actor, now: datetime) -> None:
    """Create the standard calendar with 2025 and 2026 from the library. What exists is left as it is."""
    if session.get(Calendar, STANDARD) is not None:
        return
    document = _standard_document()
    create(
        session,
        document["code"],
        name_zh=document["zh"],
        name_en=document["en"],
        zone=document["zone"],
        weekdays=document["weekdays"],
        shifts=plain_shifts(document["shifts"]),
        follows_notice=document["follows_notice"],
        actor=actor,
        now=now,
    )
    for year in SEEDED_YEARS:
        days = notice_from_library(year)
        if days is not None:
            publish_year(session, STANDARD, year, days, source="chinesecalendar", actor=actor, now=now)


def create(
    session: Session,
    code: str,
    *,
    name_zh: str,
    name_en: str,
    shifts: Iterable[Shift],
    zone: str = "Asia/Shanghai",
    weekdays: Iterable[int] = (1, 2, 3, 4, 5),
    follows_notice: bool = True,
    base_code: str | None = None,
    actor: Actor,
    now: datetime,
) -> Calendar:
    """A new calendar, written at once.

    :raises InvalidCalendarError: the code is taken, or no shift or weekday is given.
    """
    if session.get(Calendar, code) is not None:
        raise InvalidCalendarError("code", why_zh="代码已被使用。", why_en="the code is taken.")
    chosen = sorted(set(weekdays))
    if not chosen or not set(chosen) <= set(range(1, 8)):
        raise InvalidCalendarError("weekdays", why_zh="至少选择一个工作日。", why_en="choose at least one weekday.")
    calendar = Calendar(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        zone=ZoneInfo(zone).key,
        weekdays=chosen,
        follows_notice=follows_notice,
        base_code=base_code,
        changed_at=now,
        changed_by=actor.user_id,
    )
    session.add(calendar)
    session.flush()
    set_shifts(session, code, shifts, actor=actor, now=now)
    return calendar


def set_shifts(session: Session, code: str, shifts: Iterable[Shift], *, actor: Actor, now: datetime) -> None:
    """Replace the shifts of a calendar.

    :raises InvalidCalendarError: there is none.
    """
    rows = [
        CalendarShift(
            calendar_code=code,
            start_minute=shift.start,
            end_minute=shift.end,
            from_on=shift.from_on,
            until_on=shift.until_on,
        )
        for shift in shifts
    ]
    if not rows:
        raise InvalidCalendarError("shifts", why_zh="至少需要一个班次。", why_en="at least one shift is needed.")
    session.execute(delete(CalendarShift).where(CalendarShift.calendar_code == code))
    session.add_all(rows)
    _touch(session, code, actor, now)


def publish_year(
    session: Session,
    code: str,
    year: int,
    days: Mapping[date, NoticeDay],
    *,
    source: str,
    actor: Actor,
    now: datetime,
    status: str = "published",
) -> None:
    """Replace the days of one year by those of its notice. Publishing the same again changes no moment.

    :raises InvalidCalendarError: a day of another year.
    """
    if any(day.year != year for day in days):
        raise InvalidCalendarError("days", why_zh="日期不在该年度内。", why_en="a day lies outside the year.")
    session.execute(
        delete(CalendarDay).where(CalendarDay.calendar_code == code, extract("year", CalendarDay.day_on) == year)
    )
    session.add_all(
        CalendarDay(
            calendar_code=code,
            day_on=day,
            is_working=notice.is_working,
            name_zh=notice.name_zh,
            name_en=notice.name_en,
        )
        for day, notice in days.items()
    )
    session.merge(
        CalendarYear(
            calendar_code=code, year=year, status=status, source=source, changed_at=now, changed_by=actor.user_id
        )
    )
    _touch(session, code, actor, now)


def use(session: Session, unit_code: str, code: str) -> None:
    """Let a unit, and the units below it that have no calendar of their own, work by a calendar."""
    session.merge(CalendarUse(unit_code=unit_code, calendar_code=code))
    session.flush()
    shelf.forget(session)


def notice_from_library(year: int) -> dict[date, NoticeDay] | None:
    """The days of `year` that differ from their weekday, by the chinesecalendar library; None: it has no notice."""
    days: dict[date, NoticeDay] = {}
    day = date(year, 1, 1)
    try:
        while day.year == year:
            is_working = chinese_calendar.is_workday(day)
            if is_working != (day.weekday() < 5):
                english = chinese_calendar.workdays.get(day) or chinese_calendar.holidays.get(day, "")
                chinese = _ZH.get(english, english) + ("调休上班" if is_working else "")
                days[day] = NoticeDay(is_working, chinese, english + (" make-up day" if is_working else ""))
            day += timedelta(days=1)
    except NotImplementedError:
        return None
    return days


def _touch(session: Session, code: str, actor: Actor, now: datetime) -> None:
    calendar = session.get(Calendar, code)
    if calendar is None:
        raise CalendarNotFoundError(what=code, calendar=code)
    calendar.revision, calendar.changed_at, calendar.changed_by = new_id(), now, actor.user_id
    session.flush()
    shelf.forget(session)


# --- reading ----------------------------------------------------------------------------------------------------


def load(session: Session, code: str = STANDARD) -> WorkingCalendar:
    """The calendar as a value, from the shelf when its revision is still the newest.

    Before `seed` has run, the standard calendar is the one of the data file with every year provisional.

    :raises CalendarNotFoundError: there is no such calendar.
    """
    found = shelf.calendars(session, _load_all, _revisions).get(code)
    if found is None and code == STANDARD:
        return _unseeded()
    if found is None:
        raise CalendarNotFoundError(what=code, calendar=code)
    return found


def code_for(session: Session, unit_code: str | None) -> str:
    """The calendar a unit works by: its own, else that of the nearest unit above it, else the standard one."""
    uses = shelf.uses(session, _load_all, _revisions)
    for candidate in _upwards(unit_code or ""):
        if candidate in uses:
            return uses[candidate]
    return STANDARD


def _upwards(unit_code: str) -> Iterable[str]:
    """A unit's code and those above it: department, community, street, district, city (GB/T 2260, GB/T 10114)."""
    if not unit_code:
        return
    yield unit_code
    area = unit_code.split("-", maxsplit=1)[0]
    for length in (12, 9, 6):
        if len(area) >= length:
            yield area[:length]
    if len(area) >= 6:
        yield area[:4] + "00"


def _revisions(session: Session) -> frozenset[str]:
    uses = session.execute(select(CalendarUse.unit_code, CalendarUse.calendar_code)).all()
    rows = session.execute(select(Calendar.code, Calendar.revision)).all()
    return frozenset(f"{code}={revision}" for code, revision in (*rows, *uses))


def _load_all(session: Session) -> tuple[dict[str, WorkingCalendar], dict[str, str]]:
    rows = {row.code: row for row in session.scalars(select(Calendar))}
    days: dict[str, dict[date, bool]] = {code: {} for code in rows}
    for day in session.scalars(select(CalendarDay)):
        days[day.calendar_code][day.day_on] = day.is_working
    years: dict[str, set[int]] = {code: set() for code in rows}
    for year in session.scalars(select(CalendarYear).where(CalendarYear.status == "published")):
        years[year.calendar_code].add(year.year)
    shifts: dict[str, list[Shift]] = {code: [] for code in rows}
    for shift in session.scalars(select(CalendarShift).order_by(CalendarShift.id)):
        value = Shift(shift.start_minute, shift.end_minute, shift.from_on, shift.until_on)
        shifts[shift.calendar_code].append(value)
    every_year, by_date = _statutory()
    loaded = {
        code: WorkingCalendar(
            code=code,
            zone=ZoneInfo(row.zone),
            shifts=tuple(shifts[code]),
            weekdays=frozenset(weekday - 1 for weekday in row.weekdays),
            days={**days.get(row.base_code or "", {}), **days[code]},
            published=frozenset(years[code] | years.get(row.base_code or "", set())) if row.follows_notice else None,
            statutory=by_date,
            statutory_every_year=every_year,
            revision=row.revision,
        )
        for code, row in rows.items()
    }
    uses = {use.unit_code: use.calendar_code for use in session.scalars(select(CalendarUse))}
    return loaded, uses


@cache
def _standard_document() -> dict[str, Any]:
    return dict(json.loads(shipped.path("calendars", "standard.json").read_text(encoding="utf-8")))


@cache
def _unseeded() -> WorkingCalendar:
    document = _standard_document()
    every_year, by_date = _statutory()
    return WorkingCalendar(
        code=STANDARD,
        zone=ZoneInfo(document["zone"]),
        shifts=plain_shifts(document["shifts"]),
        weekdays=frozenset(weekday - 1 for weekday in document["weekdays"]),
        published=frozenset(),
        statutory=by_date,
        statutory_every_year=every_year,
    )


@cache
def _statutory() -> tuple[frozenset[tuple[int, int]], frozenset[date]]:
    document = json.loads(shipped.path("calendars", "statutory.json").read_text(encoding="utf-8"))
    every_year = frozenset((int(day[:2]), int(day[3:])) for day in document["every_year"])
    return every_year, frozenset(date.fromisoformat(day) for day in document["by_date"])
