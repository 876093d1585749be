"""Calendars for clock tests: 2025 and 2026 as published, built without a database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from handlers.clocks.working_calendar import Shift, WorkingCalendar, plain_shifts

SHANGHAI = ZoneInfo("Asia/Shanghai")
TWO_SHIFTS = plain_shifts([("08:00", "12:00"), ("14:00", "18:00")])
FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


def at(text: str) -> datetime:
    """`2026-02-13 16:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def notice_days(*years: int) -> dict[date, bool]:
    days: dict[date, bool] = {}
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            working = chinese_calendar.is_workday(day)
            if working != (day.weekday() < 5):
                days[day] = working
            day += timedelta(days=1)
    return days


def calendar(shifts: tuple[Shift, ...] = TWO_SHIFTS, *years: int) -> WorkingCalendar:
    """The standard calendar with the notices of 2025 and 2026, and none of 2027."""
    years = years or (2025, 2026)
    return WorkingCalendar(
        code="standard",
        zone=SHANGHAI,
        shifts=shifts,
        days=notice_days(*years),
        published=frozenset(years),
        statutory_every_year=FIXED,
    )
