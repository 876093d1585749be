"""Limits as values (`4WH`, `2WD`, `15M`), and the clock rules that `processes/clocks/limits.json` holds as data.

What a limit amounts to on a given day is decided by `arithmetic`; limits of filing conditions come from the
catalogue through a source registered here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Literal, cast, get_args

from sqlalchemy.orm import Session

from handlers import shipped
from handlers.errors import InvalidLimitError

Unit = Literal["UH", "UD", "WH", "WD", "ND", "M"]
Reading = Literal["rolling", "legal"]

UNITS: tuple[Unit, ...] = get_args(Unit)
LARGEST_VALUE = 1_000_000
WARN_SHARE = 0.8
_PATTERN = re.compile(r"\s*(\d{1,9})\s*(UH|UD|WH|WD|ND|M)\s*(legal|rolling)?\s*", re.ASCII)

UNIT_NAMES: Mapping[Unit, tuple[str, str]] = {
    "UH": ("紧急工作时", "continuous hours"),
    "UD": ("紧急工作日", "continuous days"),
    "WH": ("工作时", "working hours"),
    "WD": ("工作日", "working days"),
    "ND": ("天", "days"),
    "M": ("分钟", "minutes"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take. `reading` matters to days only (DOMAIN: rolling N x working hours, or legal:
    to the end of the N-th day, the day of start not counted)."""

    value: int
    unit: Unit
    reading: Reading = "rolling"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InvalidLimitError(self.unit, why_zh="时限单位未知。", why_en="the unit is unknown.")
        if self.reading not in get_args(Reading):
            raise InvalidLimitError(self.reading, why_zh="计算方式未知。", why_en="the reading is unknown.")
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not 0 < self.value <= LARGEST_VALUE:
            raise InvalidLimitError(
                self.value,
                why_zh=f"数值应为 1 到 {LARGEST_VALUE} 的整数。",
                why_en=f"the value must be a whole number from 1 to {LARGEST_VALUE}.",
            )
        if self.reading == "legal" and self.unit not in ("WD", "ND"):
            raise InvalidLimitError(
                str(self), why_zh="只有按日的时限才能按法定方式计算。", why_en="only days are legal."
            )

    def __str__(self) -> str:
        return f"{self.value}{self.unit}" + (" legal" if self.reading == "legal" else "")

    @property
    def is_continuous(self) -> bool:
        """True when nights, weekends and holidays count."""
        return self.unit in ("UH", "UD", "ND", "M")

    def text(self, language: str) -> str:
        """`4 工作时`, `4 working hours`."""
        zh, en = UNIT_NAMES[self.unit]
        if language.startswith("zh"):
            return f"{self.value} {zh}"
        return f"{self.value} {en.removesuffix('s') if self.value == 1 else en}"


def parse(text: str) -> Limit:
    """Read `4WH`, `15M`, `5WD legal`.

    :raises InvalidLimitError: anything else.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise InvalidLimitError(text, why_zh="应写作 4WH、2WD、15M 之类。", why_en="write it like 4WH, 2WD or 15M.")
    return Limit(int(match[1]), cast(Unit, match[2]), cast(Reading, match[3] or "rolling"))


@dataclass(frozen=True, slots=True)
class ClockRule:
    """What is fixed about the clocks of one name."""

    name: str
    zh: str
    en: str
    limit: Limit | None
    """None: the limit is asked from the source named `source`."""
    source: str | None
    owner: str | None
    """The variable that says whose clock it is: another owner restarts the clock, the same one resumes it."""
    extensions: int
    suspensions: int
    longest_suspension: timedelta
    warn_share: float
    """From this share of the limit on a clock is a warning."""
    version: str
    """Kept on each clock: by which rules it was started."""


LimitSource = Callable[[Session, str], "Limit | None"]
"""(session, case number) -> the limit, or None while the case has none yet."""

_sources: dict[str, LimitSource] = {}


def limit_source(name: str) -> Callable[[LimitSource], LimitSource]:
    """Register where limits named `name` in limits.json come from. Registering again replaces."""

    def register(function: LimitSource) -> LimitSource:
        _sources[name] = function
        return function

    return register


def limit_for(session: Session, case_number: str, name: str) -> Limit | None:
    """The limit of the clock `name` of a case: from the rules, or from the rule's source. None: not known."""
    rule = rule_of(name)
    if rule.limit is not None:
        return rule.limit
    source = _sources.get(rule.source or "")
    return source(session, case_number) if source is not None else None


def rule_of(name: str) -> ClockRule:
    """The rule of clocks called `name`; an unlisted name gets no limit and the defaults."""
    rules = clock_rules()
    return rules.get(name) or ClockRule(name, name, name, None, None, None, 0, 0, timedelta(0), WARN_SHARE, "none")


@cache
def clock_rules() -> Mapping[str, ClockRule]:
    """All rules of `processes/clocks/limits.json`, in its order."""
    document = json.loads(shipped.path("clocks", "limits.json").read_text(encoding="utf-8"))
    return {entry["name"]: _rule(entry, document) for entry in document["clocks"]}


def _rule(entry: Mapping[str, Any], document: Mapping[str, Any]) -> ClockRule:
    limit = entry.get("limit")
    return ClockRule(
        name=entry["name"],
        zh=entry["zh"],
        en=entry["en"],
        limit=None if limit is None else parse(limit),
        source=entry.get("source"),
        owner=entry.get("owner"),
        extensions=entry.get("extensions", 0),
        suspensions=entry.get("suspensions", 0),
        longest_suspension=timedelta(days=entry.get("suspension_days", 0)),
        warn_share=entry.get("warn_share", document["warn_share"]),
        version=document["version"],
    )
