"""The test vectors of 2026 and the edges: shift ends, lunch, night, make-up days, unpublished years, the absurd."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.clocks import arithmetic
from handlers.clocks.limits import Limit, clock_rules, parse
from handlers.clocks.working_calendar import Shift, WorkingCalendar, plain_shifts
from handlers.errors import InvalidLimitError, LimitTooLongError
from tests.unit.clocks.samples import SHANGHAI, TWO_SHIFTS, at, calendar

STANDARD = calendar()

VECTORS = [
    ("2026-02-13 16:00", "4WH", "2026-02-14 10:00"),
    ("2026-02-14 17:30", "4WH", "2026-02-24 11:30"),
    ("2026-01-01 09:00", "4WH", "2026-01-04 12:00"),
    ("2026-03-02 12:30", "4WH", "2026-03-02 18:00"),
    ("2026-04-30 17:00", "1WD", "2026-05-06 17:00"),
    ("2026-06-18 18:30", "2WH", "2026-06-22 10:00"),
    ("2026-09-19 10:00", "2WH", "2026-09-20 10:00"),
    ("2026-09-30 15:00", "5WD", "2026-10-13 15:00"),
    ("2026-09-30 15:00", "5WD legal", "2026-10-14 00:00"),
    ("2026-10-10 11:00", "4WH", "2026-10-10 17:00"),
    ("2026-03-06 17:59", "2WD", "2026-03-10 17:59"),
    ("2026-07-15 23:30", "2UH", "2026-07-16 01:30"),
]


@pytest.mark.parametrize(("start", "limit", "expected"), VECTORS)
def test_a_limit_of_2026_falls_due_where_the_standard_says(start: str, limit: str, expected: str) -> None:
    moment = arithmetic.due(at(start), parse(limit), STANDARD)
    assert (moment.at, moment.provisional) == (at(expected), False)


def test_a_limit_that_crosses_into_an_unpublished_year_is_provisional() -> None:
    moment = arithmetic.due(at("2026-12-31 17:00"), parse("4WH"), STANDARD)
    assert moment.at == at("2027-01-04 11:00")
    assert moment.provisional


def test_a_limit_that_ends_with_the_last_published_day_is_final() -> None:
    assert not arithmetic.due(at("2026-12-31 17:00"), parse("1WH"), STANDARD).provisional
    assert not arithmetic.due(at("2026-12-30 17:00"), parse("1WD legal"), STANDARD).provisional


def test_a_year_published_later_replaces_the_provisional_moment() -> None:
    known = WorkingCalendar(
        "standard",
        SHANGHAI,
        TWO_SHIFTS,
        days={date(2027, 1, 1): False, date(2027, 1, 2): True},
        published=frozenset({2026, 2027}),
    )
    moment = arithmetic.due(at("2026-12-31 17:00"), parse("4WH"), known)
    assert (moment.at, moment.provisional) == (at("2027-01-02 11:00"), False)


def test_a_continuous_limit_is_never_provisional() -> None:
    moment = arithmetic.due(at("2026-12-31 23:50"), parse("15M"), STANDARD)
    assert (moment.at, moment.provisional) == (at("2027-01-01 00:05"), False)


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2026-03-02 08:00", "4WH", "2026-03-02 12:00"),
        ("2026-03-02 12:00", "4WH", "2026-03-02 18:00"),
        ("2026-03-02 14:00", "4WH", "2026-03-02 18:00"),
        ("2026-03-02 18:00", "4WH", "2026-03-03 12:00"),
        ("2026-03-02 10:00", "2WH", "2026-03-02 12:00"),
        ("2026-03-02 00:00", "1WD", "2026-03-02 18:00"),
        ("2026-03-02 10:00", "2UD", "2026-03-04 10:00"),
        ("2026-03-02 10:00", "2ND", "2026-03-04 10:00"),
        ("2026-09-18 10:00", "15ND legal", "2026-10-09 00:00"),
        ("2026-09-18 10:00", "90ND legal", "2026-12-18 00:00"),
        ("2026-03-02 00:00", "1WD legal", "2026-03-04 00:00"),
        ("2026-02-15 09:00", "1WD legal", "2026-02-25 00:00"),
    ],
)
def test_the_edges_of_shifts_and_days_are_exact(start: str, limit: str, expected: str) -> None:
    assert arithmetic.due(at(start), parse(limit), STANDARD).at == at(expected)


@pytest.mark.parametrize("limit", ["1000000WD", "1000000WD legal", "1000000ND legal", "1000000UD", "200000WH"])
def test_an_absurdly_long_limit_is_refused_in_words_and_at_once(limit: str) -> None:
    with pytest.raises(LimitTooLongError, match="20 years"):
        arithmetic.due(at("2026-03-02 09:00"), parse(limit), calendar())


@pytest.mark.parametrize("shifts", [(), TWO_SHIFTS])
def test_a_calendar_in_which_nobody_ever_works_is_refused_and_does_not_loop(shifts: tuple[Shift, ...]) -> None:
    idle = WorkingCalendar("idle", SHANGHAI, shifts, weekdays=frozenset())
    with pytest.raises(LimitTooLongError):
        arithmetic.due(at("2026-03-02 09:00"), parse("1WH"), idle)


def test_a_limit_of_several_years_is_computed_and_provisional() -> None:
    moment = arithmetic.due(at("2026-03-02 09:00"), parse("1000WD"), STANDARD)
    assert moment.provisional
    assert 2029 <= moment.at.year <= 2030


def test_the_last_moments_of_the_calendar_of_python_do_not_overflow() -> None:
    with pytest.raises(LimitTooLongError):
        arithmetic.due(at("9999-12-31 23:00"), parse("2UH"), STANDARD)
    with pytest.raises(LimitTooLongError):
        arithmetic.due(at("9999-12-30 23:00"), parse("2WH"), STANDARD)


@pytest.mark.parametrize("text", ["", "4", "WH", "-4WH", "0WH", "4.5WH", "4XX", "4WH legal", "1UD legal", "９WH"])
def test_a_limit_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidLimitError) as refused:
        parse(text)
    assert refused.value.message("zh") != refused.value.message("en")


def test_a_limit_reads_and_writes_itself() -> None:
    for text in ("4WH", "15M", "5WD legal", "2UD"):
        assert str(parse(text)) == text
    assert Limit(4, "WH").text("zh") == "4 工作时"
    assert Limit(1, "WD").text("en") == "1 working day"


def test_a_night_shift_and_a_day_and_night_unit_count_their_hours() -> None:
    night = WorkingCalendar("night", SHANGHAI, plain_shifts([("22:00", "06:00")]), weekdays=frozenset(range(7)))
    assert arithmetic.due(at("2026-12-31 23:00"), parse("4WH"), night).at == at("2027-01-01 03:00")
    assert arithmetic.due(at("2026-12-31 21:00"), parse("9WH"), night).at == at("2027-01-01 23:00")
    always = WorkingCalendar("always", SHANGHAI, (Shift(0, 1440),), weekdays=frozenset(range(7)))
    assert arithmetic.due(at("2026-10-01 09:30"), parse("2WD"), always).at == at("2026-10-03 09:30")


def test_a_seasonal_timetable_displaces_the_usual_shifts() -> None:
    summer = (
        Shift(8 * 60, 12 * 60, date(2026, 7, 1), date(2026, 8, 31)),
        Shift(15 * 60, 18 * 60, date(2026, 7, 1), date(2026, 8, 31)),
    )
    seasonal = calendar(TWO_SHIFTS + summer)
    assert arithmetic.due(at("2026-07-06 11:00"), parse("2WH"), seasonal).at == at("2026-07-06 16:00")
    assert arithmetic.due(at("2026-06-30 11:00"), parse("2WH"), seasonal).at == at("2026-06-30 15:00")
    assert seasonal.day_length(date(2026, 7, 6)) == timedelta(hours=7)


def test_the_working_days_of_2026_add_up_month_by_month() -> None:
    months = [
        sum(STANDARD.is_working_day(date(2026, month, 1) + timedelta(days=n)) for n in range(_days(month)))
        for month in range(1, 13)
    ]
    assert months == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]
    assert sum(months) == 248


def test_the_share_of_a_limit_falls_into_the_clocks_own_time() -> None:
    limit = parse("10WH")
    due = arithmetic.due(at("2026-03-02 16:00"), limit, STANDARD).at
    total = arithmetic.amount_of(limit, STANDARD, at("2026-03-02 16:00"))
    assert due == at("2026-03-03 18:00")
    assert arithmetic.share_moment(due, total, 0.8, limit, STANDARD) == at("2026-03-03 16:00")
    assert arithmetic.share_moment(due, total, 0.6, limit, STANDARD) == at("2026-03-03 12:00")
    assert arithmetic.share_moment(due, total, 1.0, limit, STANDARD) == due
    assert arithmetic.share_moment(due, total, 1.5, limit, STANDARD) == at("2026-03-04 15:00")


def test_the_clock_rules_are_data() -> None:
    rules = clock_rules()
    assert [str(rules[name].limit) for name in ("accept", "dispatch", "verify", "check", "close")] == [
        "15M",
        "15M",
        "30M",
        "30M",
        "15M",
    ]
    assert rules["handling"].source == "filing_condition"
    assert (rules["handling"].extensions, rules["handling"].suspensions) == (2, 1)


def _days(month: int) -> int:
    return (date(2026 + month // 12, month % 12 + 1, 1) - date(2026, month, 1)).days
