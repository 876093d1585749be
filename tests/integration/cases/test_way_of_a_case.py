"""`case_handling` on the real database, with real handlers, organisation, catalogue and clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bpmn import tasks
from bpmn.errors import GridWhistleError, NotAllowedError
from bpmn.tables import Incident, ProcessInstance, UserTask
from handlers import clocks
from handlers.cases import effects, links, states
from tests.integration.cases.desk import SANITATION, SQUAD, Desk

MINUTE = timedelta(minutes=1)


def finish(desk: Desk) -> None:
    desk.answer("Task_Handle", "cg01", after=60, outcome="done", result="堆料已清运")
    desk.answer("Task_Inspect", "checker01", after=10, outcome="pass")
    desk.answer("Task_Close", "shiftleader01", after=5, outcome="close", closing_condition="清理、规整")


def test_a_case_runs_from_report_to_closure(desk: Desk) -> None:
    desk.report(description="装修垃圾约 2 立方米", address="启明苑北门外")
    assert desk.case.status == states.REPORTED
    desk.to_dispatch()
    assert desk.case.status == states.FILED
    assert desk.session.get_one(ProcessInstance, desk.case.instance_id).variables["lead_unit"]
    desk.to_handling()
    assert desk.case.status == states.HANDLING
    finish(desk)
    case = desk.case
    assert case.status == states.CLOSED
    assert desk.waiting_at == []
    assert (case.condition, case.grade, case.lead_unit, case.closing_condition) == ("E0136-1", "C", SQUAD, "清理、规整")
    assert case.closing_level == "street"
    people = [desk.actor(name).user_id for name in ("acceptor01", "shiftleader01", "dispatcher01", "cg01", "checker01")]
    assert [case.accepted_by, case.filed_by, case.dispatched_by, case.handled_by, case.checked_by] == people
    moments = [case.reported_at, case.accepted_at, case.filed_at, case.dispatched_at, case.signed_at]
    moments += [case.handled_at, case.checked_at, case.closed_at]
    assert all(moments)
    assert moments == sorted(moments)
    steps = ("report", "submit", "file", "dispatch", "sign", "handle", "check", "close")
    assert desk.tags == [f"case:{step}" for step in steps]
    for name in ("accept", "dispatch", "handling", "check", "close"):
        assert desk.clock(name).status == "stopped", name
    assert desk.session.scalars(select(Incident)).all() == []


def test_every_line_of_the_timeline_speaks_both_languages(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    finish(desk)
    for event in desk.timeline:
        assert event.zh
        assert event.en.isascii() or "“" in event.en, event.en
        assert event.actor_name


def test_texts_that_people_type_do_not_become_process_variables(desk: Desk) -> None:
    desk.report()
    desk.answer("Task_Accept", "acceptor01", outcome="void", reason="与在办案件重复，请作废")
    variables = desk.session.get_one(ProcessInstance, desk.case.instance_id).variables
    assert "reason" not in variables
    assert "completed_by" not in variables
    assert variables["accepted_by"] == desk.actor("acceptor01").user_id


def test_a_return_stops_the_handling_clock_and_the_same_department_goes_on(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.answer("Task_Dispatch", "dispatcher01", lead_unit=SQUAD)
    due = desk.clock("handling").due_at
    desk.answer("Task_SignFor", "cg01", after=30, outcome="return", reason="属小区物业")
    assert desk.clock("handling").status == "paused"
    assert desk.clock("dispatch").status == "running"
    assert desk.case.status == states.FILED
    assert desk.case.return_count == 1
    desk.answer("Task_Dispatch", "dispatcher01", after=10, lead_unit=SQUAD)
    assert desk.clock("handling").status == "running"
    assert desk.clock("handling").due_at == due + 10 * MINUTE
    assert desk.clock("handling").round == 1
    returned = next(event for event in desk.timeline if event.tag == "case:return")
    assert returned.detail["text"] == "属小区物业"


def test_another_department_gets_the_whole_limit(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.answer("Task_Dispatch", "dispatcher01", lead_unit=SQUAD)
    due = desk.clock("handling").due_at
    desk.answer("Task_SignFor", "cg01", after=30, outcome="return", reason="属环卫作业")
    desk.answer("Task_Dispatch", "dispatcher01", after=10, lead_unit=SANITATION)
    clock = desk.clock("handling")
    assert (clock.round, clock.owner, clock.due_at) == (2, SANITATION, due + 40 * MINUTE)
    assert desk.case.lead_unit == SANITATION
    assert desk.task("Task_SignFor").due_at == clock.due_at


def test_a_second_return_goes_to_consultation_and_its_decision_is_dispatched(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.answer("Task_Dispatch", "dispatcher01", lead_unit=SQUAD)
    desk.answer("Task_SignFor", "cg01", outcome="return", reason="属环卫作业")
    desk.answer("Task_Dispatch", "dispatcher01", lead_unit=SANITATION)
    desk.answer("Task_SignFor", "hw01", outcome="return", reason="需执法权")
    assert desk.waiting_at == ["Task_Decide"]
    desk.answer("Task_Decide", "shiftleader01", outcome="assign", lead_unit=SQUAD, reason="城管中队主办")
    desk.to_handling()
    finish(desk)
    assert desk.case.status == states.CLOSED
    assert desk.case.return_count == 2


def test_consultation_may_void_the_case(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    for _ in range(2):
        desk.answer("Task_Dispatch", "dispatcher01", lead_unit=SQUAD)
        desk.answer("Task_SignFor", "cg01", outcome="return", reason="非本单位职责")
    desk.answer("Task_Decide", "shiftleader01", outcome="void", reason="已移交物业")
    assert desk.case.status == states.VOID
    assert desk.clock("handling").status == "stopped"
    assert desk.waiting_at == []


def test_rework_goes_on_with_the_time_that_was_left(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    due = desk.clock("handling").due_at
    desk.answer("Task_Handle", "cg01", after=30, outcome="done", result="已清运")
    assert desk.clock("handling").status == "paused"
    desk.answer("Task_Inspect", "checker01", after=20, outcome="fail", reason="角落仍有残留")
    assert desk.waiting_at == ["Task_Handle"]
    assert desk.case.status == states.HANDLING
    assert desk.case.rework_count == 1
    assert desk.clock("handling").due_at == due + 20 * MINUTE
    assert desk.task("Task_Handle").due_at == due + 20 * MINUTE
    desk.answer("Task_Handle", "cg01", outcome="done", result="残留已清")
    desk.answer("Task_Inspect", "checker01", outcome="pass")
    desk.answer("Task_Close", "shiftleader01", outcome="rework", reason="照片不清")
    assert desk.case.rework_count == 2
    finish(desk)
    assert desk.case.status == states.CLOSED


def test_verification_stops_the_accept_clock_and_void_needs_the_shift_leader(desk: Desk) -> None:
    desk.report(source="hotline", username="acceptor02")
    desk.answer("Task_Accept", "acceptor01", after=5, outcome="verify", reason="看是否仍有堆物")
    assert desk.clock("accept").status == "paused"
    assert desk.clock("verify").status == "running"
    desk.answer("Task_Verify", "officer01-2", after=20, outcome="absent", note="现场已无堆物")
    assert desk.clock("accept").status == "running"
    assert desk.clock("accept").due_at == desk.now + 10 * MINUTE
    desk.answer("Task_Accept", "acceptor01", outcome="void", reason="现场不存在")
    assert desk.case.status == states.ACCEPTED
    desk.answer("Task_File", "shiftleader01", outcome="void", reason="同意，现场不存在")
    assert desk.case.status == states.VOID
    assert desk.timeline[-1].detail["text"] == "同意，现场不存在"


def test_a_void_duplicate_names_the_case_it_doubles(desk: Desk) -> None:
    first = desk.report().number
    desk.report("officer01-2", duplicate_of=first)
    assert [link.target for link in links.of_case(desk.session, desk.number)] == [first]
    desk.answer("Task_Accept", "acceptor01", outcome="void", reason="重复")
    desk.answer("Task_File", "shiftleader01", outcome="void", reason="重复")
    assert desk.case.duplicate_of == first


def test_a_refusal_gives_its_reason_to_the_reporter(desk: Desk) -> None:
    desk.report(source="hotline", username="acceptor02")
    desk.answer("Task_Accept", "acceptor01", outcome="refuse", reason="属业主与物业的纠纷")
    assert desk.case.status == states.NOT_ACCEPTED
    last = desk.timeline[-1]
    assert (last.tag, last.is_public, last.detail["text"]) == ("case:refuse", True, "属业主与物业的纠纷")


def test_what_runs_late_is_told_once_at_80_percent_and_once_at_the_limit(desk: Desk) -> None:
    desk.report()
    reported_at = desk.now
    desk.pass_time(13 * MINUTE)
    assert desk.tags[-1] == "clock:warning"
    assert desk.timeline[-1].at == reported_at + 12 * MINUTE
    desk.answer("Task_Accept", "acceptor01", after=5, outcome="submit", condition="E0136-1")
    assert desk.clock("accept").overdue_at == reported_at + 15 * MINUTE
    desk.answer("Task_File", "shiftleader01", after=5, outcome="file", condition="E0136-1", grade="C")
    told = [tag for tag in desk.tags if tag.startswith("clock:")]
    assert told == ["clock:warning", "clock:overdue"]
    assert desk.clock("accept").status == "stopped"
    assert desk.clock("dispatch").overdue_at is None


def test_handling_that_is_late_is_overdue_and_still_ends(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    desk.pass_time(desk.clock("handling").due_at - desk.now + timedelta(hours=1))
    assert [tag for tag in desk.tags if tag.startswith("clock:")] == ["clock:warning", "clock:overdue"]
    finish(desk)
    assert desk.case.status == states.CLOSED
    assert desk.clock("handling").overdue_at is not None


def test_the_moment_a_limit_ends_is_still_in_time(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.answer("Task_Dispatch", "dispatcher01", after=15, lead_unit=SQUAD)
    assert desk.clock("dispatch").status == "stopped"


@pytest.mark.parametrize(
    ("element", "username"),
    [("Task_Accept", "cg01"), ("Task_Accept", "shiftleader01"), ("Task_Accept", "volunteer01-1")],
)
def test_who_is_in_none_of_the_queues_may_not_answer(desk: Desk, element: str, username: str) -> None:
    desk.report()
    with pytest.raises(GridWhistleError) as caught:
        desk.answer(element, username, outcome="submit", condition="E0136-1")
    assert caught.value.code in ("not_allowed", "not_found")
    assert desk.waiting_at == [element]


def test_who_handled_a_case_cannot_check_it_and_who_checked_cannot_close_it(desk: Desk) -> None:
    from datetime import date

    from handlers.org import memberships
    from handlers.org.seed import SEED
    from tests.support.towns import person

    for username, position in (("cg01", "checker"), ("checker01", "shift_leader"), ("cg01", "shift_leader")):
        someone = person(desk.session, username).id
        since = date(2026, 1, 1)
        memberships.appoint(desk.session, someone, position, "441302008", first_on=since, actor=SEED, now=desk.now)
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    desk.answer("Task_Handle", "cg01", outcome="done", result="已清运")
    with pytest.raises(NotAllowedError):
        desk.answer("Task_Inspect", "cg01", outcome="pass")
    desk.answer("Task_Inspect", "checker01", outcome="pass")
    for username in ("checker01", "cg01"):
        with pytest.raises(NotAllowedError):
            desk.answer("Task_Close", username, outcome="close", closing_condition="清理、规整")
    desk.answer("Task_Close", "shiftleader01", outcome="close", closing_condition="清理、规整")
    assert desk.case.status == states.CLOSED


def test_the_department_that_leads_is_asked_and_no_other(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.answer("Task_Dispatch", "dispatcher01", lead_unit=SANITATION)
    with pytest.raises(GridWhistleError):
        desk.answer("Task_SignFor", "cg01", outcome="accept")
    desk.answer("Task_SignFor", "hw01", outcome="accept")
    assert desk.waiting_at == ["Task_Handle"]


def test_all_open_tasks_of_a_town_name_their_case(desk: Desk) -> None:
    numbers = {desk.report(lon=114.3865 + step / 1e5).number for step in range(3)}
    assert numbers <= set(desk.session.scalars(select(UserTask.business_key)))


def test_handling_that_ends_late_is_overdue_even_when_no_timer_fired_in_between(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    due = desk.clock("handling").due_at
    desk.now = due + timedelta(seconds=1)
    tasks.complete(
        desk.session,
        desk.task("Task_Handle").id,
        {"outcome": "done", "result": "已清运"},
        actor=desk.actor("cg01"),
        now=desk.now,
    )
    assert desk.clock("handling").overdue_at == due


def test_the_timeline_says_what_each_step_did_to_the_clocks(desk: Desk) -> None:
    desk.report()
    desk.answer("Task_Accept", "acceptor01", after=4, outcome="submit", condition="E0136-1")
    desk.answer("Task_File", "shiftleader01", after=5, outcome="file", condition="E0136-1", grade="C")
    desk.answer("Task_Dispatch", "dispatcher01", after=7, lead_unit=SQUAD)
    desk.answer("Task_SignFor", "cg01", after=49, outcome="return", reason="属小区物业")
    desk.answer("Task_Dispatch", "dispatcher01", after=2, lead_unit=SQUAD)
    moved = clocks.events_of(desk.session, desk.number)
    found = effects.of_timeline(desk.timeline, moved, clocks.clocks_of(desk.session, desk.number))
    told = [(event.tag, found.get(event.id, ("", ""))[0]) for event in desk.timeline]
    assert told == [
        ("case:report", "受理计时 15 分钟"),
        ("case:submit", ""),
        ("case:file", "受理用 9 分"),
        ("case:dispatch", "派遣用 7 分；处置计时 1 工作日"),
        ("case:return", "处置停表，余 7:11"),
        ("case:dispatch", "派遣用 2 分；处置续走"),
    ]
    assert found[desk.timeline[4].id][1] == "Handling stopped, 7:11 left"
