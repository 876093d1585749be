"""What a line of the timeline did to the clocks: `受理用 9 分`, `处置停表，余 6:11`. Pure.

Both are written by the same step and carry its moment; nothing else joins them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from handlers.cases.tables import CaseEvent
from handlers.clocks import CaseClock, CaseClockEvent, rule_of
from handlers.clocks.rows import limit_of
from handlers.clocks.wording import length_texts

Pair = tuple[str, str]

QUIET_STARTS: Final = frozenset({"dispatch", "close"})
"""Clocks whose start says nothing that the stop of the clock before does not."""
MINUTE: Final = timedelta(minutes=1)


def of_timeline(
    events: Sequence[CaseEvent], clock_events: Sequence[CaseClockEvent], clocks: Mapping[str, CaseClock]
) -> dict[int, Pair]:
    """Chinese and English by the id of the line; lines that moved no clock are left out.

    Of several lines of one moment the last one tells it. What the clocks themselves tell (80 %, overdue) is a line
    of its own.
    """
    lines = {event.at: event.id for event in events if not event.tag.startswith("clock:")}
    found: dict[int, list[Pair]] = defaultdict(list)
    for moved in sorted(clock_events, key=_order):
        clock, line = clocks.get(moved.name), lines.get(moved.at)
        pair = _effect(moved, clock) if clock is not None else None
        if pair is not None and line is not None:
            found[line].append(pair)
    return {line: ("；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)) for line, pairs in found.items()}


def _order(moved: CaseClockEvent) -> tuple[datetime, bool, int]:
    """What ends is told before what begins."""
    return moved.at, moved.action in ("start", "restart"), moved.id


def _effect(moved: CaseClockEvent, clock: CaseClock) -> Pair | None:
    rule, limit = rule_of(moved.name), limit_of(clock)
    zh, en = rule.zh, rule.en.capitalize()
    left = timedelta(microseconds=moved.remaining_us or 0)
    day = timedelta(hours=24 if limit.is_continuous else 8)
    match moved.action:
        case "start" if moved.name not in QUIET_STARTS:
            return f"{zh}计时 {limit.text('zh')}", f"{en}: {limit.text('en')}"
        case "stop" if moved.due_before is not None:  # a paused clock told its rest when it was paused
            used_zh, used_en = _length(timedelta(microseconds=clock.total_us) - left, day)
            return f"{zh}用 {used_zh}", f"{en}: {used_en} used"
        case "pause":
            rest, rest_en = length_texts(abs(left), day)
            if left < timedelta(0):
                return f"{zh}停表，已超时 {rest}", f"{en} stopped, {rest_en} over"
            return f"{zh}停表，余 {rest}", f"{en} stopped, {rest_en} left"
        case "resume":
            return f"{zh}续走", f"{en} goes on"
        case "restart" if moved.name not in QUIET_STARTS:
            return f"{zh}重新计时 {limit.text('zh')}", f"{en} anew: {limit.text('en')}"
        case "extend":
            return f"{zh}延期", f"{en} extended"
        case "replan":
            return f"{zh}到期调整", f"{en}: due moment adjusted"
        case _:
            return None


def _length(used: timedelta, day: timedelta) -> Pair:
    if used <= timedelta(hours=1):
        minutes = -(-used // MINUTE)
        return f"{minutes} 分", f"{minutes} min"
    return length_texts(used, day)
