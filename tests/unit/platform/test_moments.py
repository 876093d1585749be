"""Moments: ISO 8601 durations, dates and cycles, and cron, over a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import dues, moments
from bpmn.errors import MomentError

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("PT4H", "2026-11-22T10:30:00+00:00"),
        ("PT0.5S", "2026-11-22T06:30:00.500000+00:00"),
        ("P1D", "2026-11-23T06:30:00+00:00"),
        ("P1W", "2026-11-29T06:30:00+00:00"),
        ("P1M", "2026-12-22T06:30:00+00:00"),
        ("P1Y2M3DT4H5M6S", "2028-01-25T10:35:06+00:00"),
        ("PT0S", "2026-11-22T06:30:00+00:00"),
    ],
)
def test_durations_are_added_to_now(text: str, wanted: str) -> None:
    assert moments.duration(text, NOW).isoformat() == wanted


@pytest.mark.parametrize("text", ["", "P", "PT", "4H", "-PT4H", "PT4", "P1.5D", "PT4H ; DROP", "P1H", "R/PT1H", "”"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(MomentError) as refusal:
        moments.duration(text, NOW)
    assert "PT4H" in refusal.value.message("zh")


def test_a_month_after_the_end_of_january_is_the_end_of_february() -> None:
    start = datetime(2026, 1, 31, 4, tzinfo=UTC)
    period = moments.Period.read("P1M")
    assert [period.after(start, times=times).day for times in (1, 2, 3)] == [28, 31, 30]


def test_a_day_keeps_the_wall_clock_when_summer_time_begins() -> None:
    start = datetime(2026, 3, 28, 8, tzinfo=BERLIN)
    assert moments.duration("P1D", start, zone=BERLIN).astimezone(BERLIN).hour == 8
    assert moments.duration("PT24H", start, zone=BERLIN).astimezone(BERLIN).hour == 9


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-22T09:00+08:00", "2026-11-22T01:00:00+00:00"),
        ("2026-11-22T09:00", "2026-11-22T01:00:00+00:00"),
        ("2026-11-22", "2026-11-21T16:00:00+00:00"),
        ("2026-11-22T09:00:00Z", "2026-11-22T09:00:00+00:00"),
    ],
)
def test_dates_without_offset_are_meant_in_shanghai(text: str, wanted: str) -> None:
    assert moments.date(text).isoformat() == wanted


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-02-30T00:00", "22.11.2026"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(MomentError):
        moments.date(text)


def test_cron_names_moments_of_the_wall_clock() -> None:
    assert moments.cron("0 8 * * 1-5", NOW) == datetime.fromisoformat("2026-11-23T08:00+08:00")
    assert moments.cron("0 0 29 2 *", NOW) == datetime.fromisoformat("2028-02-29T00:00+08:00")


@pytest.mark.parametrize("text", ["", "* * *", "61 * * * *", "0 0 30 2 *"])
def test_a_cron_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(MomentError):
        moments.cron(text, NOW)


@pytest.mark.parametrize("text", ["R", "R3", "R3/", "R/PT0S", "R3/PT1H/PT2H", "R3/x", "3/PT1H", "R-1/PT1H"])
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(MomentError):
        moments.Cycle.read(text)


@given(
    months=st.integers(0, 13),
    days=st.integers(0, 40),
    seconds=st.integers(0, 200_000),
    start=st.integers(946_684_800, 2_524_608_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    ahead=st.integers(-100_000, 400_000_000),
)
def test_the_next_occurrence_is_the_first_after_the_moment(
    months: int, days: int, seconds: int, start: datetime, ahead: int
) -> None:
    period = moments.Period(months, days, timedelta(seconds=seconds))
    if period.is_empty:
        return
    moment = start + timedelta(seconds=ahead)
    found, times = period.first_after(start, moment)
    assert found > moment
    assert found == period.after(start, times=times)
    assert times == 0 or period.after(start, times=times - 1) <= moment


@given(
    missed=st.integers(0, 50),
    catch_up=st.sampled_from(["once", "all", "skip"]),
    minutes=st.integers(1, 3000),
    extra=st.integers(0, 59),
)
def test_a_cycle_keeps_its_rhythm_whatever_was_missed(missed: int, catch_up: str, minutes: int, extra: int) -> None:
    step = timedelta(minutes=minutes)
    now = NOW + step * missed + timedelta(seconds=extra)
    due = dues.following("cycle", f"R/PT{minutes}M", 2, catch_up, now=now, before=NOW)
    assert (due - NOW) % step == timedelta(0)
    if catch_up == "all":
        assert due == NOW + step
    else:
        assert now < due <= now + step
