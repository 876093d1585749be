"""The life of a case's clocks in the database: pauses, rounds, extensions, suspensions, and their events."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers import clocks
from handlers.clocks import calendars
from handlers.clocks.calendars import NoticeDay
from handlers.errors import (
    ClockNotFoundError,
    ClockOverdueError,
    ClockStateError,
    ExtensionLimitError,
    InvalidLimitError,
    SuspensionLimitError,
)
from tests.support.databases import TestDatabase
from tests.unit.clocks.samples import at

CLERK = Actor("p-7", "受理员甲")
CASE = "HZ202603020001"


@pytest.fixture
def seeded(session: Session) -> Session:
    clocks.seed(session, actor=CLERK, now=at("2026-01-01 00:00"))
    return session


def start(session: Session, name: str, limit: str | None, moment: str, owner: str | None = None) -> clocks.CaseClock:
    parsed = clocks.parse(limit) if limit else None
    return clocks.start(session, CASE, name, parsed, owner=owner, actor=CLERK, now=at(moment))


def do(session: Session, action: str, name: str, moment: str, **more: object) -> clocks.CaseClock:
    found = getattr(clocks, action)(session, CASE, name, actor=CLERK, now=at(moment), **more)
    assert isinstance(found, clocks.CaseClock)
    return found


def test_a_clock_takes_its_limit_from_the_rules_and_records_its_start(seeded: Session) -> None:
    clock = start(seeded, "accept", None, "2026-03-02 09:00")
    seeded.flush()
    assert (clock.status, clock.due_at) == ("running", at("2026-03-02 09:15"))
    [event] = clocks.events_of(seeded, CASE)
    assert (event.action, event.due_before, event.due_after, event.actor, event.actor_name) == (
        "start",
        None,
        at("2026-03-02 09:15"),
        "p-7",
        "受理员甲",
    )


def test_starting_a_running_clock_again_changes_nothing(seeded: Session) -> None:
    start(seeded, "accept", None, "2026-03-02 09:00")
    clock = start(seeded, "accept", None, "2026-03-02 09:10")
    seeded.flush()
    assert clock.due_at == at("2026-03-02 09:15")
    assert len(clocks.events_of(seeded, CASE)) == 1


def test_the_accept_clock_stands_still_while_somebody_verifies(seeded: Session) -> None:
    start(seeded, "accept", None, "2026-03-02 09:00")
    paused = do(seeded, "pause", "accept", "2026-03-02 09:06", reason="核实中")
    assert (paused.status, paused.remaining_us) == ("paused", 9 * 60_000_000)
    resumed = do(seeded, "resume", "accept", "2026-03-02 09:36")
    assert (resumed.status, resumed.due_at) == ("running", at("2026-03-02 09:45"))
    seeded.flush()
    pause = clocks.events_of(seeded, CASE)[1]
    assert (pause.action, pause.reason, pause.due_before, pause.due_after) == (
        "pause",
        "核实中",
        at("2026-03-02 09:15"),
        None,
    )


def test_the_same_department_goes_on_with_the_rest_and_another_one_begins_anew(seeded: Session) -> None:
    start(seeded, "handling", "4WH", "2026-03-02 08:00", owner="441302008-cg")
    do(seeded, "pause", "handling", "2026-03-02 10:00")
    same = start(seeded, "handling", "4WH", "2026-03-02 14:30", owner="441302008-cg")
    assert (same.round, same.due_at) == (1, at("2026-03-02 16:30"))
    do(seeded, "pause", "handling", "2026-03-02 15:00")
    other = start(seeded, "handling", "4WH", "2026-03-02 15:00", owner="441302008-hw")
    assert (other.round, other.owner, other.due_at) == (2, "441302008-hw", at("2026-03-03 09:00"))


def test_an_extension_adds_one_original_limit_at_most_twice(seeded: Session) -> None:
    start(seeded, "handling", "4WH", "2026-03-02 08:00")
    once = do(seeded, "extend", "handling", "2026-03-02 09:00", reason="备料")
    assert (once.due_at, once.extensions) == (at("2026-03-02 18:00"), 1)
    twice = do(seeded, "extend", "handling", "2026-03-02 09:30")
    assert (twice.due_at, twice.total_us) == (at("2026-03-03 12:00"), 12 * 3_600_000_000)
    with pytest.raises(ExtensionLimitError, match="at most 2 times"):
        do(seeded, "extend", "handling", "2026-03-02 09:40")
    assert twice.extensions == 2


def test_an_overdue_clock_is_not_extended_but_a_request_made_in_time_still_counts(seeded: Session) -> None:
    start(seeded, "handling", "4WH", "2026-03-02 08:00")
    with pytest.raises(ClockOverdueError) as refused:
        do(seeded, "extend", "handling", "2026-03-02 12:01")
    assert "3月2日 12:00" in refused.value.message("zh")
    assert clocks.mark_overdue(seeded, CASE, "handling", actor=CLERK, now=at("2026-03-02 12:00"))
    clock = do(seeded, "extend", "handling", "2026-03-02 14:05", requested_at=at("2026-03-02 12:00"))
    assert (clock.due_at, clock.overdue_at, clock.overdue_rounds) == (at("2026-03-02 18:00"), None, 0)


def test_an_accept_clock_cannot_be_extended_at_all(seeded: Session) -> None:
    start(seeded, "accept", None, "2026-03-02 08:00")
    with pytest.raises(ExtensionLimitError):
        do(seeded, "extend", "accept", "2026-03-02 08:01")


def test_a_suspension_needs_an_end_within_a_year_and_happens_once(seeded: Session) -> None:
    start(seeded, "handling", "5WD", "2026-03-02 08:00")
    for until in (None, at("2027-03-04 00:00")):
        with pytest.raises(SuspensionLimitError):
            do(seeded, "pause", "handling", "2026-03-03 08:00", kind="suspension", until=until)
    until = at("2026-06-01 08:00")
    suspended = do(seeded, "pause", "handling", "2026-03-03 08:00", kind="suspension", until=until)
    assert clocks.state_of(seeded, suspended, at("2026-03-05 08:00")).text_zh == "挂账"
    do(seeded, "resume", "handling", "2026-06-01 08:00")
    with pytest.raises(SuspensionLimitError, match="at most 1 times"):
        do(seeded, "pause", "handling", "2026-06-01 09:00", kind="suspension", until=at("2026-07-01 08:00"))
    assert do(seeded, "pause", "handling", "2026-06-01 09:00").status == "paused"


def test_stopping_exactly_at_the_due_moment_is_on_time_and_a_moment_later_is_not(seeded: Session) -> None:
    start(seeded, "accept", None, "2026-03-02 08:00")
    assert do(seeded, "stop", "accept", "2026-03-02 08:15").overdue_at is None
    again = start(seeded, "accept", None, "2026-03-02 09:00")
    assert (again.round, again.status, again.stopped_at) == (2, "running", None)
    late = clocks.stop(seeded, CASE, "accept", actor=CLERK, now=at("2026-03-02 09:15") + timedelta(microseconds=1))
    assert (late.overdue_at, late.overdue_rounds) == (at("2026-03-02 09:15"), 1)
    third = do(seeded, "restart", "accept", "2026-03-02 10:00")
    assert (third.overdue_at, third.overdue_rounds) == (None, 1)


def test_an_overdue_clock_that_is_paused_stays_overdue_by_as_much(seeded: Session) -> None:
    start(seeded, "handling", "2WH", "2026-03-02 08:00")
    do(seeded, "pause", "handling", "2026-03-02 10:30")
    resumed = do(seeded, "resume", "handling", "2026-03-03 09:00")
    state = clocks.state_of(seeded, resumed, at("2026-03-03 09:00"))
    assert (resumed.due_at, state.level, state.text_zh) == (at("2026-03-03 08:30"), "over", "超时 0:30")


def test_marks_are_set_once_and_never_before_their_time(seeded: Session) -> None:
    start(seeded, "accept", None, "2026-03-02 08:00")
    mark = {"actor": CLERK}
    assert not clocks.mark_warning(seeded, CASE, "accept", now=at("2026-03-02 08:11"), **mark)
    assert clocks.mark_warning(seeded, CASE, "accept", now=at("2026-03-02 08:12"), **mark)
    assert not clocks.mark_warning(seeded, CASE, "accept", now=at("2026-03-02 08:13"), **mark)
    assert not clocks.mark_overdue(seeded, CASE, "accept", now=at("2026-03-02 08:14"), **mark)
    assert clocks.mark_overdue(seeded, CASE, "accept", now=at("2026-03-02 08:15"), **mark)
    assert not clocks.mark_overdue(seeded, CASE, "accept", now=at("2026-03-02 08:16"), **mark)
    assert not clocks.mark_warning(seeded, "HZ-none", "accept", now=at("2026-03-02 08:16"), **mark)
    seeded.flush()
    assert [event.action for event in clocks.events_of(seeded, CASE)] == ["start", "warn", "overdue"]


@pytest.mark.parametrize(
    ("first", "second", "zh"),
    [
        ("pause", "pause", "已暂停，不能暂停"),
        ("stop", "resume", "已停止，不能恢复"),
        ("stop", "stop", "已停止，不能停止"),
    ],
)
def test_an_impossible_move_is_refused_in_words(seeded: Session, first: str, second: str, zh: str) -> None:
    start(seeded, "accept", None, "2026-03-02 08:00")
    do(seeded, first, "accept", "2026-03-02 08:05")
    with pytest.raises(ClockStateError) as refused:
        do(seeded, second, "accept", "2026-03-02 08:06")
    assert zh in refused.value.message("zh")
    assert CASE in refused.value.message("en")


def test_a_clock_that_never_started_and_a_clock_without_a_limit_are_refused(seeded: Session) -> None:
    with pytest.raises(ClockNotFoundError):
        do(seeded, "stop", "accept", "2026-03-02 08:06")
    with pytest.raises(InvalidLimitError, match="no limit is known"):
        start(seeded, "consultation", None, "2026-03-02 08:06")


def test_a_provisional_clock_is_planned_again_when_the_year_is_published(seeded: Session) -> None:
    clock = start(seeded, "handling", "4WH", "2026-12-31 17:00")
    assert (clock.due_at, clock.provisional) == (at("2027-01-04 11:00"), True)
    notice = {at("2027-01-01 00:00").date(): NoticeDay(False, "元旦", "New Year's Day")}
    calendars.publish_year(seeded, "standard", 2027, notice, source="notice", actor=CLERK, now=at("2026-12-31 18:00"))
    assert clocks.replan(seeded, clock, actor=CLERK, now=at("2026-12-31 18:00"))
    assert (clock.due_at, clock.provisional) == (at("2027-01-04 11:00"), False)
    assert not clocks.replan(seeded, clock, actor=CLERK, now=at("2026-12-31 18:01"))
    seeded.flush()
    assert clocks.events_of(seeded, CASE)[-1].action == "replan"


def test_a_step_with_many_clock_changes_costs_few_statements(committed: TestDatabase) -> None:
    with committed.factory.begin() as session:
        clocks.seed(session, actor=CLERK, now=at("2026-01-01 00:00"))
    with committed.factory() as session:
        start(session, "accept", None, "2026-03-02 08:00")
        session.commit()
        statements: list[str] = []
        event.listen(committed.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        do(session, "stop", "accept", "2026-03-02 08:05")
        start(session, "dispatch", None, "2026-03-02 08:05")
        start(session, "handling", "4WH", "2026-03-02 08:05")
        session.commit()
        assert sorted(statement.split()[0] for statement in statements) == [
            "INSERT",
            "INSERT",
            "SELECT",
            "SELECT",
            "UPDATE",
        ]


def test_a_list_of_cases_reads_its_clocks_in_one_statement(committed: TestDatabase) -> None:
    with committed.factory.begin() as session:
        clocks.seed(session, actor=CLERK, now=at("2026-01-01 00:00"))
        for number in range(100):
            clocks.start(session, f"C-{number}", "accept", actor=CLERK, now=at("2026-03-02 08:00"))
    with committed.factory() as session:
        clocks.calendar(session)
        statements: list[str] = []
        event.listen(committed.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        found = clocks.clocks_of_cases(session, [f"C-{number}" for number in range(100)])
        states = clocks.states_of(session, found.values(), at("2026-03-02 08:13"))
        assert (len(states), {state.level for state in states}, len(statements)) == (100, {"warn"}, 1)


def test_two_transactions_never_change_one_clock_at_once(committed: TestDatabase) -> None:
    moment: datetime = at("2026-03-02 08:00")
    with committed.factory.begin() as session:
        clocks.seed(session, actor=CLERK, now=moment)
        clocks.start(session, CASE, "handling", clocks.parse("4WH"), actor=CLERK, now=moment)
    with committed.factory() as one, committed.factory() as other:
        clocks.extend(one, CASE, "handling", actor=CLERK, now=moment)
        other.connection().exec_driver_sql("SET lock_timeout = '100ms'")
        with pytest.raises(Exception, match="lock timeout"):
            clocks.extend(other, CASE, "handling", actor=CLERK, now=moment)
        other.rollback()
        one.commit()
        assert clocks.extend(other, CASE, "handling", actor=CLERK, now=moment).extensions == 2
