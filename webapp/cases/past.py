"""The timeline of a case as the page shows it: by day, newest first, with what each line did to a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from handlers.cases.tables import CaseEvent
from webapp.cases.names import Names
from webapp.clock import day, local
from webapp.i18n import is_chinese, pick

ICONS = {
    "case:report": "camera",
    "case:accept": "clipboard",
    "case:not_accept": "ban",
    "case:refuse": "ban",
    "case:verify": "map-pin-check",
    "case:file": "file-check",
    "case:void": "ban",
    "case:dispatch": "send",
    "case:sign": "check",
    "case:sign_for": "check",
    "case:return": "arrow-back-up",
    "case:decide": "gavel",
    "case:handle": "circle-check",
    "case:check": "user-search",
    "case:inspect": "user-search",
    "case:rework": "arrow-back-up",
    "case:close": "circle-check",
    "case:remind": "bell-ringing",
    "case:photo": "photo",
    "case:same": "box-multiple",
    "case:link": "link",
    "case:duplicate": "box-multiple",
    "task:claim": "user-check",
}
CLOCK_ICONS = {"clock:overdue": "alert-hexagon", "clock:warning": "hourglass", "clock:extend": "calendar-plus"}
QUOTES = ("reason", "result", "note", "description", "text")


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    icon: str
    who: str
    text: str
    quote: str
    clock: str
    kinds: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Timeline:
    days: list[Day]
    count: int
    public: int


def timeline(
    events: Sequence[CaseEvent],
    known: Names,
    effects: Mapping[int, tuple[str, str]] | None = None,
    *,
    with_people: bool = True,
) -> Timeline:
    """All lines, newest first; the newest one is marked. `with_people` False leaves out who did it.

    `effects` says by the id of a line what it did to the clocks (`handlers.cases.effects`).
    """
    told = effects or {}
    lines = [line_of(event, known, told.get(event.id), with_people=with_people) for event in reversed(events)]
    if lines:
        newest = lines[0]
        lines[0] = replace(newest, is_now=True)
    days = [Day(_label(on), list(group)) for on, group in groupby(lines, key=lambda line: local(line.at).date())]
    return Timeline(days, len(lines), sum(1 for event in events if event.is_public))


def line_of(event: CaseEvent, known: Names, effect: tuple[str, str] | None = None, *, with_people: bool = True) -> Line:
    """One line in the language of the page."""
    clock = pick(*effect) if effect else ""
    kinds = ["all"]
    if clock or event.tag.startswith("clock:"):
        kinds.append("clock")
    if event.is_public:
        kinds.append("public")
    text = pick(event.zh, event.en)
    quote = next((str(event.detail[name]) for name in QUOTES if event.detail.get(name)), "")
    who = "" if event.actor_id.startswith("system:") or not with_people else _who(event, known)
    if who and text.startswith(who):
        text = text[len(who) :].lstrip(" ，:：")
    icon = ICONS.get(event.tag) or CLOCK_ICONS.get(event.tag) or ("hourglass" if "clock:" in event.tag else "point")
    return Line(event.at, icon, who, text, "" if quote and quote in text else quote, clock, " ".join(kinds))


def _who(event: CaseEvent, known: Names) -> str:
    """The name as it was then; on an English page the person's English name."""
    return event.actor_name if is_chinese() else known.person(event.actor_id) or event.actor_name


def _label(on: date) -> str:
    return f"{day(on)} 周{'一二三四五六日'[on.weekday()]}" if is_chinese() else f"{on:%a} {day(on)}"
