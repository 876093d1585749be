"""Reads limits as city files write them: `4工作时`, `2紧急工作时制止`, `3天`. The text wins over a stored type."""

from __future__ import annotations

import re

from handlers.clocks.limits import LARGEST_VALUE, Limit, Unit

_TEXT = re.compile(r"(\d{1,9})\s*个?\s*(紧急工作时|紧急工作日|工作小?时|工作日|小时|天|日|分钟)")
_UNITS: dict[str, Unit] = {
    "紧急工作时": "UH",
    "紧急工作日": "UD",
    "工作时": "WH",
    "工作小时": "WH",
    "工作日": "WD",
    "小时": "WH",
    "天": "WD",
    "日": "WD",
    "分钟": "M",
}
"""In the city's own two versions 4小时 stands for 4工作时 and 2天 for 2工作日 (DOMAIN 1.5)."""

STORED_UNITS: dict[str, Unit] = {
    "urgent_hour": "UH",
    "natural_day": "UD",
    "urgent_day": "UD",
    "work_hour": "WH",
    "work_day": "WD",
    "minute": "M",
    "UH": "UH",
    "UD": "UD",
    "WH": "WH",
    "WD": "WD",
    "M": "M",
}
"""Types as they are stored beside the text, in this product's letters or in the words of city files."""


def read(text: str) -> Limit | None:
    """The limit that a text states; None when it states none. `紧急` before or after the number makes it urgent."""
    match = _TEXT.search(text)
    if match is None or not 0 < int(match[1]) <= LARGEST_VALUE:
        return None
    unit = _UNITS[match[2]]
    if "紧急" in text and unit in ("WH", "WD"):
        unit = "UH" if unit == "WH" else "UD"
    return Limit(int(match[1]), unit)


def stored(value: str, unit: str) -> Limit | None:
    """The limit that stored columns state; None when they are empty or unusable."""
    letters = STORED_UNITS.get(unit.strip())
    if letters is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    number = int(value)
    return Limit(number, letters) if 0 < number <= LARGEST_VALUE else None
