"""Reading, writing and calculating with FEEL's dates, times and durations (DMN 1.5 section 10.3.2.3.4 to 10.3.2.3.9).

Texts follow XML Schema: `2026-11-22`, `14:30:00@Asia/Shanghai`, `P1DT2H`, `P1Y2M`. What is out of range or
malformed gives None; nothing raises.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bpmn.decisions import wide
from bpmn.decisions.values import YearsMonths, time_offset
from bpmn.decisions.wide import WideDate, WideDateTime

AnyDay = date | WideDate | WideDateTime

_DATE = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@.+)?", re.ASCII)
_DAYS = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{0,9}))?S)?)?", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
ZONES = available_timezones()
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def parse_date(text: str) -> date | WideDate | None:
    """`YYYY-MM-DD`, the year with a sign and up to nine digits."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match[2])
    return wide.make_date(-year if match[1] else year, int(match[3]), int(match[4]))


def parse_time(text: str) -> time | None:
    """`HH:MM:SS[.f][Z|±HH:MM|@Zone]`."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    zone = parse_zone(match[5]) if match[5] else None
    if match[5] and zone is None:
        return None
    micros = int((match[4] or "0").ljust(6, "0")[:6])
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), micros, tzinfo=zone)
    except ValueError:
        return None


def parse_zone(text: str) -> tzinfo | None:
    """`Z`, `+08:00` or `@Asia/Shanghai`."""
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return ZoneInfo(text[1:]) if text[1:] in ZONES else None
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    if hours > 14 or minutes > 59 or offset > timedelta(hours=14):
        return None
    return timezone(-offset if text[0] == "-" else offset)


def parse_date_and_time(text: str) -> datetime | WideDateTime | None:
    """`DATETTIME`, or a date alone as its midnight."""
    day_text, _, clock_text = text.partition("T")
    day = parse_date(day_text)
    if day is None:
        return None
    if not clock_text:
        return None if text.endswith("T") else wide.combine(day, time())
    if clock_text.startswith("24:00:00"):
        later = parse_time("00" + clock_text[2:])
        following = wide.from_ordinal(wide.to_ordinal(day) + 1)
        return None if later is None or following is None else wide.combine(following, later)
    clock = parse_time(clock_text)
    return None if clock is None else wide.combine(day, clock)


def parse_duration(text: str) -> timedelta | YearsMonths | None:
    """`PnDTnHnMnS` or `PnYnM`; both signs."""
    if text.endswith(("P", "T")):
        return None
    match = _MONTHS.fullmatch(text)
    if match is not None:
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None:
        return None
    try:
        length = timedelta(
            days=int(match[2] or 0),
            hours=int(match[3] or 0),
            minutes=int(match[4] or 0),
            seconds=int(match[5] or 0),
            microseconds=int((match[6] or "0").ljust(6, "0")[:6]),
        )
    except OverflowError:
        return None
    return -length if match[1] else length


def parse_literal(text: str) -> Any:
    """What stands behind `@`: a date, date and time, time or duration."""
    for read in (parse_date, parse_time, parse_duration):
        value = read(text)
        if value is not None:
            return value
    return parse_date_and_time(text) if "T" in text else None


def text_of(value: Any) -> str:
    """The canonical text of a temporal value."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}".zfill(10) + "T" + _clock_text(value.time()) + zone_text(value)
    if isinstance(value, WideDateTime):
        return f"{value.day_part}T{_clock_text(value.clock)}{zone_text(value.clock)}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _clock_text(value) + zone_text(value)
    if isinstance(value, timedelta):
        return _duration_text(value)
    return str(value)


def _clock_text(value: time) -> str:
    text = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    return text + (f".{value.microsecond:06}".rstrip("0") if value.microsecond else "")


def zone_text(value: datetime | time) -> str:
    """The zone as written: `Z`, `+08:00`, `@Asia/Shanghai`, or nothing."""
    zone = value.tzinfo
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = value.utcoffset() or timedelta()
    if not offset:
        return "Z"
    sign, seconds = ("-", -offset) if offset < timedelta() else ("+", offset)
    minutes, rest = divmod(int(seconds.total_seconds()), 60)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{rest:02}" if rest else "")


def _duration_text(value: timedelta) -> str:
    if not value:
        return "PT0S"
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or fraction else "")
    )
    return f"{sign}P" + (f"{value.days}D" if value.days else "") + (f"T{clock}" if clock else "")


def add_months(value: Any, months: int) -> Any:
    """A date or date and time moved by months; the day is cut to the month's length."""
    index = value.year * 12 + value.month - 1 + months
    year, month = divmod(index, 12)
    moved = wide.make_date(year, month + 1, min(value.day, wide.days_in(year, month + 1)))
    return moved if moved is None else _at_clock_of(value, moved)


def _at_clock_of(value: Any, day: date | WideDate) -> Any:
    """`day` at the time of day that `value` has, if it has one."""
    if isinstance(value, WideDateTime):
        return wide.combine(day, value.clock)
    return wide.combine(day, value.timetz()) if isinstance(value, datetime) else day


def add(value: Any, length: timedelta | YearsMonths) -> Any:
    """date, date and time, time or duration plus a duration; None when the kinds do not fit."""
    try:
        return _add(value, length)
    except OverflowError:
        return None


def _add(value: Any, length: timedelta | YearsMonths) -> Any:
    if isinstance(length, YearsMonths):
        if isinstance(value, YearsMonths):
            return YearsMonths(value.months + length.months)
        return add_months(value, length.months) if isinstance(value, AnyDay) else None
    if isinstance(value, timedelta | datetime):
        return value + length
    if isinstance(value, date | WideDate):
        return wide.from_ordinal(wide.to_ordinal(value) + length // timedelta(days=1))
    if isinstance(value, WideDateTime):
        micros = _since_midnight(value.clock) + length
        day = wide.from_ordinal(wide.to_ordinal(value.day_part) + micros // timedelta(days=1))
        clock = (datetime(2000, 1, 1, tzinfo=UTC) + micros % timedelta(days=1)).time()
        return None if day is None else wide.combine(day, clock.replace(tzinfo=value.clock.tzinfo))
    if isinstance(value, time):
        moment = datetime.combine(date(2000, 1, 2), value.replace(tzinfo=None)) + timedelta(
            seconds=length.seconds, microseconds=length.microseconds
        )
        return moment.time().replace(tzinfo=value.tzinfo)
    return None


def subtract(left: Any, right: Any) -> Any:
    """The duration between two moments of one kind; both or neither carry a zone."""
    if isinstance(left, WideDate | WideDateTime) or isinstance(right, WideDate | WideDateTime):
        return _wide_difference(left, right)
    if isinstance(left, datetime) or isinstance(right, datetime):
        one, other = _as_datetime(left), _as_datetime(right)
        if one is None or other is None:
            return None
        if (one.tzinfo is None) != (other.tzinfo is None):
            return None
        if one.tzinfo is not None:
            return one.astimezone(UTC) - other.astimezone(UTC)
        return one - other
    if isinstance(left, date) and isinstance(right, date):
        return left - right
    if isinstance(left, time) and isinstance(right, time):
        one_offset, other_offset = time_offset(left), time_offset(right)
        if (one_offset is None) != (other_offset is None):
            return None
        return (
            _since_midnight(left) - (one_offset or timedelta()) - _since_midnight(right) + (other_offset or timedelta())
        )
    return None


def _wide_difference(left: Any, right: Any) -> timedelta | None:
    if not (isinstance(left, AnyDay) and isinstance(right, AnyDay)):
        return None
    days = wide.to_ordinal(_day_of(left)) - wide.to_ordinal(_day_of(right))
    return timedelta(days=days) + _since_midnight(_clock_of(left)) - _since_midnight(_clock_of(right))


def _day_of(value: Any) -> date | WideDate:
    if isinstance(value, WideDateTime):
        return value.day_part
    return value.date() if isinstance(value, datetime) else value


def _as_datetime(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None


def _since_midnight(value: time) -> timedelta:
    return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)


def months_between(start: Any, end: Any) -> YearsMonths | None:
    """Whole months from `start` to `end`, negative when it lies before (function years and months duration)."""
    if not isinstance(start, AnyDay) or not isinstance(end, AnyDay):
        return None
    months = (end.year - start.year) * 12 + end.month - start.month
    start_rest = (start.day, _clock_of(start))
    end_rest = (end.day, _clock_of(end))
    if months > 0 and end_rest < start_rest:
        months -= 1
    elif months < 0 and end_rest > start_rest:
        months += 1
    return YearsMonths(months)


def _clock_of(value: Any) -> time:
    if isinstance(value, WideDateTime):
        return value.clock.replace(tzinfo=None)
    return value.time() if isinstance(value, datetime) else time()


def scale(length: timedelta | YearsMonths, factor: Decimal) -> timedelta | YearsMonths | None:
    """A duration times a number; months are cut towards zero."""
    try:
        if isinstance(length, YearsMonths):
            return YearsMonths(int(Decimal(length.months) * factor))
        micros = Decimal(length // timedelta(microseconds=1)) * factor
        return timedelta(microseconds=int(micros))
    except (OverflowError, ArithmeticError):
        return None


def seconds_of(length: timedelta) -> Decimal:
    """The length in seconds, exact."""
    return Decimal(length // timedelta(microseconds=1)) / 1_000_000


def property_of(value: Any, name: str) -> Any:
    """FEEL's properties of temporal values (table 65); None when there is no such property."""
    if isinstance(value, WideDateTime) and name in _CLOCK_PROPERTIES:
        value = value.clock
    reader = _PROPERTIES.get(name)
    return None if reader is None else reader(value)


def _number(attribute: str, *kinds: type) -> Any:
    def read(value: Any) -> Decimal | None:
        return Decimal(getattr(value, attribute)) if isinstance(value, kinds) else None

    return read


def _duration_part(value: Any, name: str) -> Decimal | None:
    if isinstance(value, YearsMonths) and name in ("years", "months"):
        years, months = divmod(abs(value.months), 12)
        sign = -1 if value.months < 0 else 1
        return Decimal(sign * (years if name == "years" else months))
    if isinstance(value, timedelta) and name in ("days", "hours", "minutes", "seconds"):
        sign, length = (-1, -value) if value < timedelta() else (1, value)
        hours, rest = divmod(length.seconds, 3600)
        seconds = Decimal(rest % 60) + Decimal(length.microseconds) / 1_000_000
        parts = {
            "days": Decimal(length.days), "hours": Decimal(hours), "minutes": Decimal(rest // 60), "seconds": seconds,
        }  # fmt: skip
        return sign * parts[name]
    return None


def _offset(value: Any) -> timedelta | None:
    if isinstance(value, datetime):
        return value.utcoffset()
    return time_offset(value) if isinstance(value, time) else None


def _zone_name(value: Any) -> str | None:
    zone = getattr(value, "tzinfo", None)
    return zone.key if isinstance(zone, ZoneInfo) else None


def _second(value: Any) -> Decimal | None:
    return Decimal(value.second) if isinstance(value, time | datetime) else None


_CLOCK_PROPERTIES = {"hour", "minute", "second", "time offset", "timezone"}
_PROPERTIES: dict[str, Any] = {
    "year": _number("year", date, WideDate, WideDateTime),
    "month": _number("month", date, WideDate, WideDateTime),
    "day": _number("day", date, WideDate, WideDateTime),
    "weekday": lambda value: Decimal(value.isoweekday()) if isinstance(value, AnyDay) else None,
    "hour": _number("hour", time, datetime),
    "minute": _number("minute", time, datetime),
    "second": _second,
    "time offset": _offset,
    "timezone": _zone_name,
    "years": lambda value: _duration_part(value, "years"),
    "months": lambda value: _duration_part(value, "months"),
    "days": lambda value: _duration_part(value, "days"),
    "hours": lambda value: _duration_part(value, "hours"),
    "minutes": lambda value: _duration_part(value, "minutes"),
    "seconds": lambda value: _duration_part(value, "seconds"),
}
