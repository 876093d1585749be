"""The service's clock and how moments are written for people. Time zone Asia/Shanghai, Chinese or English.

Owns formats only; which moment counts is decided by `handlers.clocks`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g

from webapp.i18n import is_chinese

if TYPE_CHECKING:
    from webapp.config import Config

SHANGHAI = ZoneInfo("Asia/Shanghai")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_ZH = "一二三四五六日"


def now() -> datetime:
    """This request's moment: one and the same from its begin to its end."""
    found: datetime | None = g.get("now")
    if found is None:
        config: Config = current_app.extensions["gridwhistle.config"]
        found = g.now = config.now()
    return found


def local(moment: datetime) -> datetime:
    """The moment on the wall clock of the town."""
    return moment.astimezone(SHANGHAI)


def day(value: date | datetime) -> str:
    """11月22日, 22 Nov; with the year when it is another one."""
    on = local(value).date() if isinstance(value, datetime) else value
    other_year = on.year != local(now()).year
    if is_chinese():
        return (f"{on.year}年" if other_year else "") + f"{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]}" + (f" {on.year}" if other_year else "")


def time_of(moment: datetime) -> str:
    """14:30"""
    return f"{local(moment):%H:%M}"


def moment_text(moment: datetime | None) -> str:
    """11月22日 14:30, 22 Nov 14:30; nothing for None."""
    return "" if moment is None else f"{day(moment)} {time_of(moment)}"


def moment_short(moment: datetime) -> str:
    """As near as needed: 14:35 today, 周一 08:40 within the coming days, 11月18日 otherwise."""
    here, today = local(moment), local(now()).date()
    if here.date() == today:
        return time_of(moment)
    if timedelta(0) < here.date() - today < timedelta(days=6):
        name = f"周{_DAYS_ZH[here.weekday()]}" if is_chinese() else _DAYS[here.weekday()]
        return f"{name} {time_of(moment)}"
    return day(moment)


def due_text(moment: datetime) -> str:
    """The due moment beside a clock: 14:35 到, due 14:35, 周一 08:40, 12月1日."""
    if local(moment).date() != local(now()).date():
        return moment_short(moment)
    return f"{time_of(moment)} 到" if is_chinese() else f"due {time_of(moment)}"


def ago(moment: datetime) -> str:
    """4 秒前, 4 s ago; older than a day: the moment."""
    seconds = max(0, int((now() - moment).total_seconds()))
    zh = is_chinese()
    if seconds < 60:
        return f"{seconds} 秒前" if zh else f"{seconds} s ago"
    if seconds < 3600:
        return f"{seconds // 60} 分钟前" if zh else f"{seconds // 60} min ago"
    if seconds < 86400:
        return f"{seconds // 3600} 小时前" if zh else f"{seconds // 3600} h ago"
    return moment_text(moment)


def hours_minutes(length: timedelta) -> str:
    """0:18, 26:05."""
    minutes = int(abs(length).total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def init_app(app: Flask) -> None:
    """Filters for templates."""
    app.jinja_env.filters.update(
        day=day, moment=moment_text, moment_short=moment_short, due=due_text, ago=ago, clock_time=time_of
    )
