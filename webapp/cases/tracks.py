"""The clocks of a case on one axis of working time: what ran, what stood, what was moved. Geometry and words only.

The truth is in `handlers.clocks`; the phone gets the same rows as a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from handlers.clocks import arithmetic, calendars, limits, rows
from handlers.clocks.tables import CaseClock, CaseClockEvent
from handlers.clocks.working_calendar import WorkingCalendar
from webapp import clockface
from webapp.cases import axis
from webapp.clock import day, local, moment_short, time_of
from webapp.i18n import gettext as _
from webapp.i18n import is_chinese, language, pick

WIDTH, LEFT, RIGHT, ROW, TOP = 812, 104.0, 780.0, 42, 44
LABEL_SPACE = 150.0
EDGE_SPACE = 44.0


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    text: str = ""
    first: bool = False
    width: float = 0
    former: bool = False
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    """run, stopped (hatched), frame or fill."""
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Rest:
    x: float
    to: float


@dataclass(slots=True)
class Row:
    name: str
    limit: str
    top: int
    face: clockface.Face
    state: str = ""
    """ok, warn or over while the clock runs; empty once it has stopped."""
    bars: list[Bar] = field(default_factory=list)
    dues: list[Mark] = field(default_factory=list)
    rest: Rest | None = None
    text: str = ""
    text_x: float = 0
    text_anchor: str = "start"
    text_y: int = 24
    """From the top of the row; under the bar where there is no room beside it."""


@dataclass(frozen=True, slots=True)
class Reason:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Tracks:
    rows: list[Row]
    days: list[Mark]
    hours: list[Mark]
    gaps: list[Mark]
    now_x: float | None
    now_text: str
    note: str
    spoken: str
    reasons: list[Reason]
    height: int
    width: int = WIDTH
    left: float = LEFT
    right: float = RIGHT


def build(
    session: Session, clocks: Sequence[CaseClock], events: Sequence[CaseClockEvent], now: datetime
) -> Tracks | None:
    """The tracks of a case; None while it has no clock."""
    if not clocks:
        return None
    ordered = sorted(clocks, key=lambda clock: (clock.started_at, clock.id))
    main = next((clock for clock in ordered if clock.name == "handling"), ordered[-1])
    calendar = calendars.load(session, main.calendar_code)
    starts = [clock.started_at for clock in ordered] + [event.at for event in events]
    ends = [_end_of(clock, now) for clock in ordered]
    is_open = any(clock.status != "stopped" for clock in ordered)
    marks = [*starts, *ends, *([now] if is_open else [])]
    line = axis.build(calendar, min(marks), max(marks), left=LEFT, right=RIGHT, marks=marks)
    rows_ = [
        _draw(
            _row(session, clock, TOP + ROW * index, now), clock, [e for e in events if e.name == clock.name], line, now
        )
        for index, clock in enumerate(ordered)
    ]
    return Tracks(
        rows=rows_,
        days=_days(line),
        hours=_hours(line),
        gaps=_gaps(line),
        now_x=round(line.x(now), 1) if is_open else None,
        now_text=_("now %(time)s", time=time_of(now)),
        note=_("only working time is drawn; hatching: the clock stood still"),
        spoken="; ".join(f"{row.name} {row.face.text} {row.face.due}" for row in rows_),
        reasons=[_reason(session, clock, events) for clock in ordered],
        height=TOP + ROW * len(rows_) + 4,
    )


def _end_of(clock: CaseClock, now: datetime) -> datetime:
    """Until when a clock needs the axis: a running one to its due moment, a late one to now."""
    if clock.status == "stopped":
        return clock.stopped_at or clock.due_at
    return max(clock.due_at, now)


def _row(session: Session, clock: CaseClock, top: int, now: datetime) -> Row:
    rule = limits.rule_of(clock.name)
    face = clockface.of_clock(session, clock, now)
    return Row(pick(rule.zh, rule.en), rows.limit_of(clock).text(language()), top, face)


def _draw(row: Row, clock: CaseClock, events: Sequence[CaseClockEvent], line: axis.Axis, now: datetime) -> Row:
    is_continuous = rows.limit_of(clock).is_continuous
    for start, end, is_running in _segments(clock, events, now):
        if not is_running:
            row.bars.append(_bar("stopped", line, start, end))
        elif is_continuous:
            row.bars.append(_bar("run", line, start, end))
        else:
            row.bars.extend(Bar("run", round(x, 1), round(width, 1)) for x, width in line.pieces(start, end))
    if clock.status == "running":
        _running(row, clock, line, is_continuous, now)
    else:
        _ended(row, clock, events, line)
    for event in events:
        if event.action == "extend" and event.due_before is not None:
            text = _("was due %(at)s", at=moment_short(event.due_before))
            row.dues.append(_due_mark(line, event.due_before, text, True))
    return row


def _segments(
    clock: CaseClock, events: Sequence[CaseClockEvent], now: datetime
) -> list[tuple[datetime, datetime, bool]]:
    """(from, to, running) of everything the clock did so far."""
    found: list[tuple[datetime, datetime, bool]] = []
    since: datetime | None = None
    running = False
    for event in events:
        if event.action not in {"start", "pause", "resume", "restart", "stop"}:
            continue
        if since is not None:
            found.append((since, event.at, running))
        running = event.action in {"start", "resume", "restart"}
        since = None if event.action == "stop" else event.at
    if since is not None:
        found.append((since, max(now, since), running))
    return [segment for segment in found if segment[0] < segment[1]]


def _bar(kind: str, line: axis.Axis, start: datetime, end: datetime) -> Bar:
    x = line.x(start)
    return Bar(kind, round(x, 1), round(max(line.x(end) - x, 2.0), 1))


def _running(row: Row, clock: CaseClock, line: axis.Axis, is_continuous: bool, now: datetime) -> None:
    """The running round in the clock's colour: the whole limit as a frame, what is used filled in."""
    row.state = {"ok": "ok", "warn": "warn"}.get(row.face.state, "over")
    if is_continuous:
        begun = clock.anchor_at
        end = max(clock.due_at, now)
        row.bars = [bar for bar in row.bars if bar.x < line.x(begun) - 0.5]
        row.bars.append(_bar("frame", line, begun, end))
        row.bars.append(_bar("fill", line, begun, now))
        _say(row, f"{row.face.text}{_comma()}{row.face.due}", line.x(end))
        return
    row.dues.append(_due_mark(line, clock.due_at, _("due %(at)s", at=moment_short(clock.due_at)), False))
    if now < clock.due_at:
        row.rest = Rest(round(line.x(now), 1), round(line.x(clock.due_at), 1))
    last = max((bar.x + bar.width for bar in row.bars), default=line.x(now))
    _say(row, row.face.text, last, below=True)


def _ended(row: Row, clock: CaseClock, events: Sequence[CaseClockEvent], line: axis.Axis) -> None:
    last = max((bar.x + bar.width for bar in row.bars), default=line.x(clock.started_at))
    remaining = timedelta(microseconds=clock.remaining_us or 0)
    used = timedelta(microseconds=clock.total_us) - remaining
    if clock.status == "paused":
        text = _("%(word)s, %(left)s left", word=row.face.text, left=_length(remaining))
    elif remaining < timedelta(0):
        text = _("used %(used)s, %(late)s late", used=_length(used), late=_length(-remaining))
    else:
        text = _("used %(used)s, on time", used=_length(used))
    rounds = sum(1 for event in events if event.action in {"start", "restart"})
    if rounds > 1:
        text += _comma() + _("%(n)s rounds", n=rounds)
    _say(row, text, last)


def _say(row: Row, text: str, x: float, *, below: bool = False) -> None:
    """Put the words beside the last bar, or before the first one where the right side has no room."""
    row.text = text
    if x + LABEL_SPACE <= WIDTH or not row.bars:
        row.text_x, row.text_anchor = round(x + 8, 1), "start"
        return
    first = min(bar.x for bar in row.bars)
    if first - LABEL_SPACE >= LEFT and not below:
        row.text_x, row.text_anchor = round(first - 8, 1), "end"
    else:
        row.text_x, row.text_anchor, row.text_y = float(WIDTH), "end", 38


def _due_mark(line: axis.Axis, at: datetime, text: str, former: bool) -> Mark:
    x = round(line.x(at), 1)
    anchor = "end" if x > WIDTH - 50 else "start" if x < LEFT + 50 else "middle"
    return Mark(x, text, former=former, anchor=anchor)


def _length(length: timedelta) -> str:
    """9 分, 6:11."""
    minutes = -(-int(length.total_seconds()) // 60)
    if minutes < 60:
        return f"{minutes} 分" if is_chinese() else f"{minutes} min"
    return f"{minutes // 60}:{minutes % 60:02d}"


def _comma() -> str:
    return "，" if is_chinese() else ", "


def _days(line: axis.Axis) -> list[Mark]:
    """The day over the first stretch of each day that has room for it."""
    found: list[Mark] = []
    seen = None
    for stretch in line.stretches:
        on = local(stretch.start).date()
        if not stretch.is_work and stretch.width < axis.WIDE / 2:
            continue
        if on != seen and (not found or stretch.x - found[-1].x > 92) and stretch.x < RIGHT - 40:
            weekday = "一二三四五六日"[on.weekday()]
            found.append(Mark(stretch.x, f"{day(on)} 周{weekday}" if is_chinese() else f"{on:%a} {day(on)}"))
        seen = on
    return found


def _hours(line: axis.Axis) -> list[Mark]:
    """A tick for every working hour, a number where there is room."""
    work = [stretch for stretch in line.stretches if stretch.is_work]
    every = next((step for step in (1, 2, 4, 8) if line.per_hour * step >= 34), 0)
    if line.per_hour * 4 < 12:
        return [*(Mark(stretch.x) for stretch in work), *_edges(line)]
    found: list[Mark] = []
    last = -1e9
    for stretch in work:
        hours = int((stretch.end - stretch.start).total_seconds() // 3600)
        for hour in range(hours + 1):
            at = stretch.start + timedelta(hours=hour)
            x = round(stretch.x + hour * line.per_hour, 1)
            text = f"{local(at):%H}" if every and hour % every == 0 and hour < hours and x - last > 26 else ""
            last = x if text else last
            found.append(Mark(x, text, first=hour == 0))
    return found if any(mark.text for mark in found) else [*found, *_edges(line)]


def _edges(line: axis.Axis) -> list[Mark]:
    """Where whole hours have no number: the time at which each stretch begins, and at which the axis ends."""
    found: list[Mark] = []
    for stretch in line.stretches:
        if not found or stretch.x - found[-1].x > EDGE_SPACE:
            found.append(Mark(stretch.x, time_of(stretch.start), first=True))
    last = line.stretches[-1]
    if last.x + last.width - found[-1].x > EDGE_SPACE * 2:
        found.append(Mark(round(last.x + last.width, 1), time_of(last.end)))
    return found


def _gaps(line: axis.Axis) -> list[Mark]:
    return [Mark(stretch.x, width=stretch.width) for stretch in line.stretches if not stretch.is_work]


def _reason(session: Session, clock: CaseClock, events: Sequence[CaseClockEvent]) -> Reason:
    """The sum behind a due moment, in words."""
    rule = limits.rule_of(clock.name)
    limit = rows.limit_of(clock)
    calendar = calendars.load(session, clock.calendar_code)
    kind = {
        "continuous": _("counts every minute"),
        "working": _("counts working hours %(hours)s", hours=_shifts(calendar, clock.started_at)),
        "workdays": _("counts whole working days, from the day after"),
    }[arithmetic.kind_of(limit)]
    parts = [_("started %(at)s", at=_full(clock.started_at)), limit.text(language()), kind]
    stood = sum(1 for event in events if event.name == clock.name and event.action == "pause")
    if stood:
        parts.append(_("stood still %(n)s times", n=stood))
    if clock.extensions:
        parts.append(_("extended %(n)s of %(all)s times", n=clock.extensions, all=rule.extensions))
    parts.append(_("due %(at)s", at=_full(clock.due_at)))
    if clock.provisional:
        parts.append(_("provisional: the calendar of that year is not published"))
    return Reason(pick(rule.zh, rule.en), _comma().join(parts))


def _full(moment: datetime) -> str:
    return f"{day(moment)} {time_of(moment)}"


def _shifts(calendar: WorkingCalendar, at: datetime) -> str:
    shifts = calendar.shifts_on(calendar.local_date(at))
    return ("、" if is_chinese() else ", ").join(f"{s.start // 60:02d}–{s.end // 60 % 24:02d}" for s in shifts)
