"""The drawings of the case page as numbers: the axis of working time, the way ahead, the timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from handlers.cases.tables import CaseEvent
from handlers.clocks import calendars
from handlers.clocks.tables import CaseClock, CaseClockEvent
from handlers.clocks.working_calendar import WorkingCalendar
from tests.support.databases import TestDatabase
from webapp.cases import axis, past, tracks
from webapp.cases.diagram import Node, ahead
from webapp.cases.names import Names


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on the wall clock of the town."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def standard(web_database: TestDatabase) -> WorkingCalendar:
    with web_database.factory() as session:
        return calendars.load(session)


def test_working_hours_keep_their_length_and_nights_shrink(standard: WorkingCalendar) -> None:
    line = axis.build(standard, at(19, 10), at(20, 10), left=0, right=800, marks=[at(19, 10), at(20, 10)])
    hour = line.x(at(19, 11)) - line.x(at(19, 10))
    assert line.x(at(20, 10)) - line.x(at(20, 9)) == pytest.approx(hour, abs=0.2)
    assert line.x(at(20, 8)) - line.x(at(19, 18)) == pytest.approx(axis.GAP, abs=0.2)
    assert line.x(at(19, 14)) - line.x(at(19, 12)) == pytest.approx(axis.GAP, abs=0.2)


def test_a_gap_in_which_something_happened_is_wide_enough_to_show_it(standard: WorkingCalendar) -> None:
    sunday = at(22, 16, 41)
    line = axis.build(standard, sunday, at(23, 12), left=0, right=800, marks=[sunday, sunday + timedelta(minutes=6)])
    assert line.x(at(23, 8)) - line.x(sunday) == pytest.approx(axis.WIDE, abs=1)
    assert line.x(sunday) < line.x(sunday + timedelta(hours=2)) < line.x(at(23, 8))


def test_the_axis_grows_monotonically_over_three_weeks(standard: WorkingCalendar) -> None:
    line = axis.build(standard, at(2, 9), at(24, 9), left=100, right=800, marks=[at(2, 9), at(24, 9)])
    places = [line.x(at(2, 0) + timedelta(hours=n)) for n in range(22 * 24)]
    assert places == sorted(places)
    assert places[0] >= 100
    assert places[-1] <= 800.5


def test_a_case_without_any_working_time_still_has_an_axis(standard: WorkingCalendar) -> None:
    line = axis.build(standard, at(22, 2), at(22, 3), left=0, right=800, marks=[at(22, 2)])
    assert line.x(at(22, 2)) < line.x(at(22, 3)) <= 800


def test_stops_are_hatched_and_the_running_part_ends_with_the_due_moment(
    app: Flask, web_database: TestDatabase
) -> None:
    clock = CaseClock(
        id=1, case_number="X", name="handling", status="running", limit_value=8, limit_unit="WH",
        limit_reading="rolling", calendar_code="standard", rule_version="", started_at=at(19, 10), anchor_at=at(19, 11),
        base_us=8 * 3600 * 10**6, total_us=8 * 3600 * 10**6, anchor_us=7 * 3600 * 10**6, due_at=at(20, 9),
        provisional=False, remaining_us=None, paused_at=None, stopped_at=None, warned_at=None, overdue_at=None,
        round=1, extensions=0, suspensions=0, overdue_rounds=0, pause_kind=None, paused_until=None,
    )  # fmt: skip
    events = [
        CaseClockEvent(case_number="X", name="handling", at=moment, action=action, actor="a")
        for moment, action in ((at(19, 10), "start"), (at(19, 11), "pause"), (at(19, 14, 30), "resume"))
    ]
    with app.test_request_context("/"), web_database.factory() as session:
        drawn = tracks.build(session, [clock], events, at(19, 16))
    assert drawn is not None
    row = drawn.rows[0]
    assert [bar.kind for bar in row.bars] == ["run", "stopped", "run"]
    assert row.bars[0].x + row.bars[0].width == pytest.approx(row.bars[1].x, abs=0.3)
    assert row.rest is not None
    assert drawn.now_x == pytest.approx(row.rest.x)
    assert row.dues[-1].text.startswith("到期")


def node(node_id: str, kind: str, *targets: str) -> Node:
    return Node(node_id, kind, node_id, "", "", tuple((f"{node_id}-{target}", target, "") for target in targets))


def test_the_way_ahead_passes_most_work_and_never_what_is_done() -> None:
    nodes = {
        each.id: each
        for each in (
            node("check", "userTask", "ok?"),
            node("ok?", "exclusiveGateway", "close", "rework"),
            node("rework", "serviceTask", "handle"),
            node("handle", "userTask", "void?"),
            node("void?", "exclusiveGateway", "check", "decide"),
            node("decide", "userTask", "voided"),
            node("close", "userTask", "closed"),
            node("closed", "endEvent"),
            node("voided", "endEvent"),
        )
    }
    assert [each.id for each in ahead(nodes, {"check"}, {"handle"})] == ["ok?", "close", "closed"]
    assert [each.id for each in ahead(nodes, {"handle"})][-1] in {"closed", "voided"}


def test_a_line_of_the_timeline_says_the_name_once_and_quotes_the_words(app: Flask) -> None:
    event = CaseEvent(
        case_number="X", at=at(20, 14), actor_id="p1", actor_name="派遣员 02", tag="case:dispatch",
        zh="派遣员 02 派遣：主办 城管中队", en="Dispatched", detail={"text": "请今天处理"}, is_public=True,
    )  # fmt: skip
    with app.test_request_context("/"):
        line = past.line_of(event, Names(), ("处置计时 8 工作时", "handling runs 8 working hours"))
    assert (line.who, line.text, line.quote) == ("派遣员 02", "派遣：主办 城管中队", "请今天处理")
    assert line.kinds.split() == ["all", "clock", "public"]
