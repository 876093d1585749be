"""Local days: memberships, acting positions and rotas count in days of Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

TOWN_ZONE = ZoneInfo("Asia/Shanghai")


def local_day(now: datetime) -> date:
    """The day that people in the town call today."""
    return now.astimezone(TOWN_ZONE).date()
