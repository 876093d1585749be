"""Clock arithmetic against a reference that walks minute by minute, and the laws it must obey."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.clocks import arithmetic
from handlers.clocks.limits import Limit
from handlers.clocks.timeline import Timeline
from handlers.clocks.working_calendar import Shift
from tests.unit.clocks.samples import at, calendar

STANDARD = calendar()
NIGHT = calendar((Shift(9 * 60, 11 * 60 + 30), Shift(22 * 60, 26 * 60)))
MINUTE = timedelta(minutes=1)

starts = st.integers(0, 2 * 365 * 24 * 60 - 40_000).map(lambda minutes: at("2025-01-01 00:00") + minutes * MINUTE)
any_moments = st.integers(0, 4 * 365 * 86_400 * 1_000_000).map(
    lambda microseconds: at("2024-06-01 00:00") + timedelta(microseconds=microseconds)
)
calendars = st.sampled_from([STANDARD, NIGHT])
units = st.sampled_from(["WH", "UH", "M", "WD"])


def counts(moment: datetime, zone_calendar: object) -> bool:
    """Does the minute that begins at `moment` count? By the definition, with no tables."""
    cal = zone_calendar if zone_calendar is NIGHT else STANDARD
    local = moment.astimezone(cal.zone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(
        (cal.is_working_day(today) and shift.start <= minute < shift.end)
        or (cal.is_working_day(yesterday) and shift.start <= minute + 1440 < shift.end)
        for shift in cal.shifts
    )


def walked(start: datetime, minutes: int, zone_calendar: object) -> datetime:
    moment = start
    while minutes > 0:
        minutes -= counts(moment, zone_calendar)
        moment += MINUTE
    return moment


@settings(max_examples=150, deadline=None)
@given(starts, st.integers(1, 30), calendars)
def test_working_hours_agree_with_a_walk_minute_by_minute(start: datetime, hours: int, cal: object) -> None:
    expected = walked(start, hours * 60, cal)
    assert arithmetic.due(start, Limit(hours, "WH"), cal).at == expected  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 3))
def test_rolling_working_days_agree_with_a_walk(start: datetime, days: int) -> None:
    assert arithmetic.due(start, Limit(days, "WD"), STANDARD).at == walked(start, days * 480, STANDARD)


@settings(max_examples=200, deadline=None)
@given(starts, st.integers(1, 30))
def test_legal_working_days_end_with_the_nth_working_day_after_the_start(start: datetime, days: int) -> None:
    day = STANDARD.local_date(start)
    left = days
    while left:
        day += timedelta(days=1)
        left -= STANDARD.is_working_day(day)
    assert arithmetic.due(start, Limit(days, "WD", "legal"), STANDARD).at == STANDARD.end_of_day(day)


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(0, 20_000), calendars)
def test_elapsed_agrees_with_a_walk(start: datetime, length: int, cal: object) -> None:
    expected = sum(counts(start + n * MINUTE, cal) for n in range(length))
    end = start + length * MINUTE
    assert arithmetic.elapsed(start, end, Limit(1, "WH"), cal) == expected * MINUTE  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(any_moments, any_moments, st.integers(1, 200), units)
def test_a_later_start_is_never_due_earlier(one: datetime, other: datetime, value: int, unit: str) -> None:
    early, late = sorted((one, other))
    limit = Limit(value, unit)  # type: ignore[arg-type]
    assert arithmetic.due(early, limit, STANDARD).at <= arithmetic.due(late, limit, STANDARD).at


@settings(max_examples=300, deadline=None)
@given(any_moments, st.integers(1, 200), units)
def test_a_longer_limit_is_due_later(start: datetime, value: int, unit: str) -> None:
    shorter = arithmetic.due(start, Limit(value, unit), STANDARD).at  # type: ignore[arg-type]
    assert shorter > start
    assert shorter < arithmetic.due(start, Limit(value + 1, unit), STANDARD).at  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(any_moments, st.integers(1, 10**10), st.integers(1, 10**10), units)
def test_adding_twice_is_adding_the_sum(start: datetime, first: int, second: int, unit: str) -> None:
    limit = Limit(1, unit)  # type: ignore[arg-type]
    a, b = timedelta(microseconds=first), timedelta(microseconds=second)
    half_way = arithmetic.due_after(start, a, limit, STANDARD).at
    assert arithmetic.due_after(half_way, b, limit, STANDARD) == arithmetic.due_after(start, a + b, limit, STANDARD)


@settings(max_examples=300, deadline=None)
@given(any_moments, st.integers(1, 300), units)
def test_from_start_to_due_exactly_the_limit_elapses(start: datetime, value: int, unit: str) -> None:
    limit = Limit(value, unit)  # type: ignore[arg-type]
    due = arithmetic.due(start, limit, STANDARD).at
    assert arithmetic.elapsed(start, due, limit, STANDARD) == arithmetic.amount_of(limit, STANDARD, start)


@settings(max_examples=300, deadline=None)
@given(any_moments, any_moments, any_moments, units)
def test_elapsed_times_add_up(a: datetime, b: datetime, c: datetime, unit: str) -> None:
    limit = Limit(1, unit)  # type: ignore[arg-type]
    parts = arithmetic.elapsed(a, b, limit, STANDARD) + arithmetic.elapsed(b, c, limit, STANDARD)
    assert parts == arithmetic.elapsed(a, c, limit, STANDARD)


@settings(max_examples=300, deadline=None)
@given(any_moments, st.integers(1, 100), st.floats(0.01, 0.99), st.integers(0, 10**6), units)
def test_a_pause_moves_the_due_moment_and_keeps_the_remaining_time(
    start: datetime, value: int, used: float, pause_s: int, unit: str
) -> None:
    limit = Limit(value, unit)  # type: ignore[arg-type]
    due = arithmetic.due(start, limit, STANDARD).at
    paused_at = start + (due - start) * used
    remaining = arithmetic.elapsed(paused_at, due, limit, STANDARD)
    resumed_at = paused_at + timedelta(seconds=pause_s)
    new_due = arithmetic.due_after(resumed_at, remaining, limit, STANDARD).at
    assert new_due >= due or remaining == timedelta(0)
    assert arithmetic.elapsed(resumed_at, new_due, limit, STANDARD) == remaining


@settings(max_examples=300, deadline=None)
@given(any_moments, st.integers(1, 100), st.floats(0.0, 2.0), units)
def test_at_the_moment_of_a_share_that_share_is_used(start: datetime, value: int, share: float, unit: str) -> None:
    limit = Limit(value, unit)  # type: ignore[arg-type]
    due = arithmetic.due(start, limit, STANDARD).at
    total = arithmetic.amount_of(limit, STANDARD, start)
    moment = arithmetic.share_moment(due, total, share, limit, STANDARD)
    rest = arithmetic.elapsed(moment, due, limit, STANDARD)
    assert abs(rest - total * (1 - share)) <= timedelta(microseconds=2)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=12), st.integers(-5, 260))
def test_a_timeline_is_the_set_of_its_moments(pairs: list[tuple[int, int]], moment: int) -> None:
    intervals = [(start, start + length) for start, length in pairs]
    covered = {second for start, end in intervals for second in range(start, end)}
    line = Timeline(intervals)
    assert line.total == len(covered)
    assert line.position(moment) == sum(second < moment for second in covered)
    for position in range(1, len(covered) + 1):
        found = line.earliest(position)
        assert found is not None
        assert (line.position(found), line.position(found - 1)) == (position, position - 1)
    assert line.earliest(len(covered) + 1) is None
