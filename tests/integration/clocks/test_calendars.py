"""Working calendars as data: seed, publish, shifts, use by units, and the shelf that keeps them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers import clocks
from handlers.clocks import calendars, shelf
from handlers.clocks.calendars import NoticeDay
from handlers.clocks.tables import CalendarDay, CalendarYear
from handlers.clocks.working_calendar import Shift, plain_shifts
from handlers.errors import CalendarNotFoundError, InvalidCalendarError
from tests.support.databases import TestDatabase
from tests.unit.clocks.samples import at

ADMIN = Actor("p-1", "系统管理员")
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


@pytest.fixture
def seeded(session: Session) -> Session:
    clocks.seed(session, actor=ADMIN, now=NOW)
    return session


def test_the_seed_holds_the_notices_of_2025_and_2026_and_runs_twice_without_harm(seeded: Session) -> None:
    clocks.seed(seeded, actor=ADMIN, now=NOW)
    years = seeded.execute(select(CalendarYear.year, CalendarYear.status).order_by(CalendarYear.year)).all()
    assert years == [(2025, "published"), (2026, "published")]
    standard = clocks.calendar(seeded)
    for year in (2025, 2026):
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        assert sum(standard.is_working_day(day) for day in days) == 248
    make_up = seeded.get_one(CalendarDay, ("standard", date(2026, 2, 14)))
    assert (make_up.is_working, make_up.name_zh, make_up.name_en) == (
        True,
        "春节调休上班",
        "Spring Festival make-up day",
    )
    holiday = seeded.get_one(CalendarDay, ("standard", date(2026, 10, 1)))
    assert (holiday.is_working, holiday.name_zh) == (False, "国庆节")


def test_the_first_vector_holds_for_the_calendar_out_of_the_database(seeded: Session) -> None:
    moment = clocks.due(at("2026-02-13 16:00"), clocks.parse("4WH"), clocks.calendar(seeded))
    assert (moment.at, moment.provisional) == (at("2026-02-14 10:00"), False)


def test_before_the_seed_every_moment_is_provisional_and_none_fails(session: Session) -> None:
    moment = clocks.due(at("2026-11-20 16:00"), clocks.parse("4WH"), clocks.calendar(session))
    assert (moment.at, moment.provisional) == (at("2026-11-23 10:00"), True)


def test_a_year_the_library_does_not_know_has_no_notice() -> None:
    assert calendars.notice_from_library(2030) is None


def test_a_published_year_replaces_the_provisional_rules_at_once(seeded: Session) -> None:
    start, limit = at("2026-12-31 17:00"), clocks.parse("4WH")
    assert clocks.due(start, limit, clocks.calendar(seeded)).provisional
    notice = {
        date(2027, 1, 1): NoticeDay(False, "元旦", "New Year's Day"),
        date(2027, 1, 2): NoticeDay(True, "调休", "make-up"),
    }
    calendars.publish_year(seeded, "standard", 2027, notice, source="notice", actor=ADMIN, now=NOW)
    moment = clocks.due(start, limit, clocks.calendar(seeded))
    assert (moment.at, moment.provisional) == (at("2027-01-02 11:00"), False)
    calendars.publish_year(seeded, "standard", 2027, {}, source="corrected", actor=ADMIN, now=NOW)
    assert clocks.due(start, limit, clocks.calendar(seeded)).at == at("2027-01-01 11:00")


def test_days_of_another_year_are_refused(seeded: Session) -> None:
    day = {date(2026, 1, 2): NoticeDay(False, "元旦", "")}
    with pytest.raises(InvalidCalendarError):
        calendars.publish_year(seeded, "standard", 2027, day, source="notice", actor=ADMIN, now=NOW)


def test_a_calendar_may_take_the_days_of_another_and_work_other_hours(seeded: Session) -> None:
    calendars.create(
        seeded,
        "street-team",
        name_zh="街面值守",
        name_en="Street team",
        shifts=plain_shifts([("07:00", "11:00"), ("17:00", "21:00")]),
        base_code="standard",
        actor=ADMIN,
        now=NOW,
    )
    team = clocks.calendar(seeded, "street-team")
    assert clocks.due(at("2026-10-10 10:00"), clocks.parse("2WH"), team).at == at("2026-10-10 18:00")
    assert not team.is_working_day(date(2026, 10, 1))
    calendars.set_shifts(seeded, "street-team", [Shift(0, 1440)], actor=ADMIN, now=NOW)
    team = clocks.calendar(seeded, "street-team")
    assert clocks.due(at("2026-10-10 10:00"), clocks.parse("2WH"), team).at == at("2026-10-10 12:00")


def test_a_seven_day_team_follows_no_notice_and_is_never_provisional(seeded: Session) -> None:
    calendars.create(
        seeded,
        "always",
        name_zh="全年无休",
        name_en="Every day",
        shifts=plain_shifts([("08:00", "20:00")]),
        weekdays=range(1, 8),
        follows_notice=False,
        actor=ADMIN,
        now=NOW,
    )
    moment = clocks.due(at("2026-12-31 19:00"), clocks.parse("2WH"), clocks.calendar(seeded, "always"))
    assert (moment.at, moment.provisional) == (at("2027-01-01 09:00"), False)


def test_a_unit_works_by_its_own_calendar_or_that_of_the_nearest_unit_above(seeded: Session) -> None:
    for code in ("street", "depot"):
        calendars.create(
            seeded,
            code,
            name_zh=code,
            name_en=code,
            shifts=plain_shifts([("08:00", "12:00")]),
            actor=ADMIN,
            now=NOW,
        )
    calendars.use(seeded, "441302008", "street")
    calendars.use(seeded, "441302008-hw", "depot")
    assert clocks.calendar_for_unit(seeded, "441302008-hw") == "depot"
    assert clocks.calendar_for_unit(seeded, "441302008-cg") == "street"
    assert clocks.calendar_for_unit(seeded, "441302008001") == "street"
    assert clocks.calendar_for_unit(seeded, "441302-yl") == "standard"
    assert clocks.calendar_for_unit(seeded, None) == "standard"


def test_what_cannot_work_is_refused_in_words(seeded: Session) -> None:
    with pytest.raises(InvalidCalendarError):
        calendars.create(seeded, "none", name_zh="", name_en="", shifts=[], actor=ADMIN, now=NOW)
    shifts = plain_shifts([("08:00", "12:00")])
    with pytest.raises(InvalidCalendarError):
        calendars.create(seeded, "idle", name_zh="", name_en="", shifts=shifts, weekdays=[], actor=ADMIN, now=NOW)
    with pytest.raises(CalendarNotFoundError):
        clocks.calendar(seeded, "no-such")


def test_a_kept_calendar_costs_no_statement_and_a_change_elsewhere_is_seen_after_the_check_interval(
    committed: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with committed.factory.begin() as session:
        clocks.seed(session, actor=ADMIN, now=NOW)
    with committed.factory() as session:
        clocks.calendar(session)
        statements: list[str] = []
        event.listen(committed.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        first = clocks.calendar(session)
        assert statements == []
        monkeypatch.setattr(shelf, "CHECK_EVERY", 0.0)
        assert clocks.calendar(session) is first
        with committed.engine.begin() as elsewhere:
            elsewhere.exec_driver_sql("UPDATE calendar SET revision = 'changed-elsewhere'")
            elsewhere.exec_driver_sql("UPDATE calendar_shift SET end_minute = 1140 WHERE start_minute = 840")
        session.rollback()
        session.expire_all()
        assert clocks.calendar(session).shifts[1].end == 19 * 60


def test_a_change_that_is_rolled_back_is_seen_by_nobody_else(committed: TestDatabase) -> None:
    with committed.factory.begin() as session:
        clocks.seed(session, actor=ADMIN, now=NOW)
    with committed.factory() as changing, committed.factory() as other:
        calendars.set_shifts(changing, "standard", plain_shifts([("09:00", "10:00")]), actor=ADMIN, now=NOW)
        assert len(clocks.calendar(changing).shifts) == 1
        assert len(clocks.calendar(other).shifts) == 2
        changing.rollback()
        assert len(clocks.calendar(changing).shifts) == 2
        calendars.set_shifts(changing, "standard", plain_shifts([("09:00", "10:00")]), actor=ADMIN, now=NOW)
        changing.commit()
        other.rollback()
        assert len(clocks.calendar(other).shifts) == 1
        assert other.scalar(select(func.count()).select_from(CalendarDay)) == len(
            calendars.notice_from_library(2025) or {}
        ) + len(calendars.notice_from_library(2026) or {})
