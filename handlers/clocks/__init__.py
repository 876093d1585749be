"""Clocks of cases: limits, working calendars, due moments, and the life of a clock from start to stop.

`from handlers import clocks` is the way in: pure arithmetic (`due`, `elapsed`, `Limit`), the service
(`start` … `stop`), reading for pages (`state_of`, `states_of`) and `seed` for the calendars. Topics for diagrams
are registered by importing `handlers.clocks.topics`.
"""

from __future__ import annotations

from handlers.clocks.arithmetic import amount_of, due, due_after, elapsed, share_moment
from handlers.clocks.calendars import code_for as calendar_for_unit
from handlers.clocks.calendars import load as calendar
from handlers.clocks.calendars import seed
from handlers.clocks.limits import ClockRule, Limit, clock_rules, limit_source, parse, rule_of
from handlers.clocks.operations import (
    extend,
    mark_overdue,
    mark_warning,
    pause,
    replan,
    restart,
    resume,
    start,
    stop,
)
from handlers.clocks.rows import clocks_of, clocks_of_cases, events_of
from handlers.clocks.tables import CaseClock, CaseClockEvent
from handlers.clocks.wording import ClockState, state_of, states_of
from handlers.clocks.working_calendar import DueMoment, WorkingCalendar

__all__ = [
    "CaseClock",
    "CaseClockEvent",
    "ClockRule",
    "ClockState",
    "DueMoment",
    "Limit",
    "WorkingCalendar",
    "amount_of",
    "calendar",
    "calendar_for_unit",
    "clock_rules",
    "clocks_of",
    "clocks_of_cases",
    "due",
    "due_after",
    "elapsed",
    "events_of",
    "extend",
    "limit_source",
    "mark_overdue",
    "mark_warning",
    "parse",
    "pause",
    "replan",
    "restart",
    "resume",
    "rule_of",
    "seed",
    "share_moment",
    "start",
    "state_of",
    "states_of",
    "stop",
]
