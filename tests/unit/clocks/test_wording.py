"""The words of a clock as the pages show them, on the Friday of the mockups: 2026-11-20 14:32."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from handlers.clocks import arithmetic
from handlers.clocks.limits import parse
from handlers.clocks.rows import microseconds
from handlers.clocks.tables import CaseClock
from handlers.clocks.wording import length_texts, state_by
from tests.unit.clocks.samples import at, calendar

STANDARD = calendar()
NOW = at("2026-11-20 14:32")


def clock(start: str, limit: str, name: str = "handling") -> CaseClock:
    begin, parsed = at(start), parse(limit)
    moment = arithmetic.due(begin, parsed, STANDARD)
    amount = microseconds(arithmetic.amount_of(parsed, STANDARD, begin))
    return CaseClock(
        case_number="HZ202611200388",
        name=name,
        status="running",
        limit_value=parsed.value,
        limit_unit=parsed.unit,
        limit_reading=parsed.reading,
        calendar_code="standard",
        started_at=begin,
        base_us=amount,
        total_us=amount,
        due_at=moment.at,
        provisional=moment.provisional,
    )


@pytest.mark.parametrize(
    ("start", "limit", "level", "texts"),
    [
        ("2026-11-20 11:50", "2UH", "over", ("超时 0:42", "0:42 over", "13:50 到", "due 13:50")),
        ("2026-11-20 14:20", "15M", "warn", ("剩 0:03", "0:03 left", "14:35 到", "due 14:35")),
        ("2026-11-20 14:26", "15M", "ok", ("剩 0:09", "0:09 left", "14:41 到", "due 14:41")),
        ("2026-11-20 08:40", "1WD", "ok", ("剩 4:08", "4:08 left", "周一 08:40", "Mon 08:40")),
        ("2026-11-10 09:00", "15WD", "ok", ("剩 6天 4:28", "6 d 4:28 left", "12月1日", "1 Dec")),
        ("2026-11-20 10:00", "5WD legal", "ok", ("剩 5天 9:28", "5 d 9:28 left", "11月27日", "27 Nov")),
        ("2026-11-19 10:00", "1WD legal", "ok", ("剩 9:28", "9:28 left", "24:00 到", "due 24:00")),
        ("2026-11-20 14:00", "40WD", "ok", ("剩 39天 7:28", "39 d 7:28 left", "2027年1月18日", "18 Jan 2027")),
        ("2026-11-18 14:00", "2UD", "over", ("超时 0:32", "0:32 over", "14:00 到", "due 14:00")),
    ],
)
def test_a_running_clock_says_what_is_left_and_when_it_is_due(
    start: str, limit: str, level: str, texts: tuple[str, str, str, str]
) -> None:
    state = state_by(clock(start, limit), STANDARD, NOW)
    assert state.level == level
    assert (state.text("zh"), state.text("en"), state.due_text("zh"), state.due_text("en")) == texts


def test_exactly_at_the_due_moment_a_clock_is_not_overdue() -> None:
    running = clock("2026-11-20 14:17", "15M")
    assert state_by(running, STANDARD, NOW).level == "warn"
    assert state_by(running, STANDARD, NOW + timedelta(microseconds=1)).level == "over"


def test_the_warning_begins_at_four_fifths_of_the_limit() -> None:
    running = clock("2026-11-20 14:20", "15M")
    assert state_by(running, STANDARD, NOW - timedelta(seconds=1)).level == "ok"
    state = state_by(running, STANDARD, NOW)
    assert (state.level, state.used, state.percent) == ("warn", 0.8, 80)


def test_a_suspended_clock_says_until_when_and_a_waiting_one_what_is_left() -> None:
    paused = clock("2026-11-12 09:00", "5WD")
    paused.status, paused.pause_kind, paused.remaining_us = "paused", "suspension", 3_600_000_000
    paused.paused_until = at("2026-12-31 00:00")
    state = state_by(paused, STANDARD, NOW)
    assert (state.level, state.text_zh, state.due_zh, state.text_en, state.due_en) == (
        "paused",
        "挂账",
        "至 12月31日",
        "On hold",
        "to 31 Dec",
    )
    paused.pause_kind, paused.paused_until = "wait", None
    state = state_by(paused, STANDARD, NOW)
    assert (state.text_zh, state.due_zh, state.remaining) == ("暂停", "剩 1:00", timedelta(hours=1))


def test_a_stopped_clock_says_on_time_or_by_how_much_it_was_late() -> None:
    stopped = clock("2026-11-20 08:00", "15M", "accept")
    stopped.status, stopped.remaining_us, stopped.stopped_at = "stopped", 6 * 60_000_000, at("2026-11-20 08:09")
    state = state_by(stopped, STANDARD, NOW)
    assert (state.level, state.text_zh, state.due_zh) == ("done", "按时", "用 9 / 15 分")
    stopped.remaining_us, stopped.overdue_at = -2 * 60_000_000, stopped.due_at
    state = state_by(stopped, STANDARD, NOW)
    assert (state.is_overdue, state.text_zh, state.due_en) == (True, "超时 0:02", "17 / 15 min used")


def test_a_provisional_due_moment_is_marked() -> None:
    assert state_by(clock("2026-11-20 14:00", "40WD"), STANDARD, NOW).provisional
    assert not state_by(clock("2026-11-20 14:00", "4WD"), STANDARD, NOW).provisional


def test_a_length_of_no_minutes_means_none_is_left() -> None:
    day = timedelta(hours=8)
    assert length_texts(timedelta(0), day) == ("0:00", "0:00")
    assert length_texts(timedelta(microseconds=1), day) == ("0:01", "0:01")
    assert length_texts(timedelta(hours=8), day) == ("1天 0:00", "1 d 0:00")


def test_a_hundred_clocks_are_read_in_a_few_milliseconds() -> None:
    clocks = [clock(f"2026-11-{day:02d} 09:{minute:02d}", "5WD") for day in range(10, 20) for minute in range(10)]
    state_by(clocks[0], STANDARD, NOW)
    begun = time.perf_counter()
    for each in clocks:
        state_by(each, STANDARD, NOW)
    assert time.perf_counter() - begun < 0.04
