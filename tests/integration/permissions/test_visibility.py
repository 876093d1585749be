"""Which cases, tasks and photos a person may know of: by seat, by queue, by part, by report; nobody else's exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.errors import NotAllowedError, NotFoundError
from bpmn.tables import Deployment, ProcessDefinition, ProcessInstance, TaskCandidate, UserTask
from bpmn.values import Actor
from handlers import org, permissions
from handlers.cases import events
from handlers.cases.tables import Case, CaseEvent, Photo
from handlers.org import memberships
from handlers.org.tables import OrgUnit, Person
from handlers.permissions.tables import AccessLog
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, STREET, person, statements_of, viewer

_numbers = count(1)


def place(session: Session, grid: str = "RG014", *, street: str = STREET, **more: object) -> Case:
    """A case in a responsibility grid of the town, or in another street."""
    values: dict[str, object] = {
        "number": f"HZ20261122{next(_numbers):04}",
        "code_set": "gbt30428.2-yc2026",
        "kind": "event",
        "category_code": "0110",
        "title": "暴露生活垃圾",
        "lon": 114.4,
        "lat": 23.08,
        "street_code": street,
        "source": "collector",
        "status": "handling",
        "reported_at": NOW,
    }
    if street == STREET:
        administrative = org.unit(session, f"{STREET}-{grid}").parent_code
        assert administrative is not None
        values |= {
            "responsibility_grid": f"{STREET}-{grid}",
            "administrative_grid": administrative,
            "community_code": org.unit(session, administrative).parent_code,
        }
    case = Case(**(values | more))
    session.add(case)
    session.flush()
    return case


def task_of(session: Session, case: Case, *candidates: str, assignee: str | None = None) -> UserTask:
    """An open task of a case, waiting for candidates such as `g:dispatcher@441302008`."""
    deployment = Deployment(content_hash=case.number, name="x", deployed_at=NOW, deployed_by="x")
    session.add(deployment)
    session.flush()
    definition = ProcessDefinition(
        key=f"k{case.number}",
        version=1,
        name="x",
        deployment_id=deployment.id,
        status="active",
        changed_at=NOW,
        changed_by="x",
    )
    session.add(definition)
    session.flush()
    instance = ProcessInstance(
        definition_id=definition.id,
        process_key="x",
        business_key=case.number,
        status="running",
        started_at=NOW,
        started_by="x",
    )
    session.add(instance)
    session.flush()
    task = UserTask(
        instance_id=instance.id,
        wait_key="w",
        process_key="x",
        business_key=case.number,
        element_id="Task_X",
        scope_id="s",
        name="派遣",
        status="open",
        assignee=assignee,
        created_at=NOW,
    )
    session.add(task)
    session.flush()
    session.add_all(TaskCandidate(task_id=task.id, candidate=each, sort_at=NOW) for each in candidates)
    session.flush()
    return task


def seen_by(session: Session, username: str) -> set[str]:
    condition = permissions.case_filter(viewer(session, username))
    return set(session.scalars(select(Case.number).where(condition)))


@pytest.mark.parametrize(
    ("username", "sees"),
    [
        ("leader01", {"here", "next", "elsewhere"}),
        ("gridleader01", {"here", "next", "elsewhere"}),
        ("griddeputy01", {"here", "next", "elsewhere"}),
        ("liaison01", {"here", "next", "elsewhere"}),
        ("assistant01", {"here", "next", "elsewhere"}),
        ("acceptor01", {"here", "next", "elsewhere"}),
        ("shiftleader01", {"here", "next", "elsewhere"}),
        ("dispatcher01", {"here", "next", "elsewhere"}),
        ("checker01", {"here", "next", "elsewhere"}),
        ("collector01", {"here", "next", "elsewhere"}),
        ("supervisor01", {"here", "next", "elsewhere"}),
        ("evaluator01", {"here", "next", "elsewhere"}),
        ("head03", {"here", "next"}),
        ("deputy03", {"here", "next"}),
        ("officer03-1", {"here", "next"}),
        ("officer01-1", {"elsewhere"}),
        ("head01", {"elsewhere"}),
        ("head02", set()),
        ("hw01", {"here"}),
        ("hw-lead", {"here"}),
        ("cg01", {"next"}),
        ("yl01", set()),
        ("dcg01", set()),
        ("volunteer03-1", set()),
        ("admin01", set()),
        ("designer01", set()),
    ],
)
def test_a_seat_shows_its_area_or_its_departments_cases(town: Session, username: str, sees: set[str]) -> None:
    cases = {
        "here": place(town, "RG014", lead_unit=f"{STREET}-hw"),
        "next": place(town, "RG017", lead_unit=f"{STREET}-cg"),
        "elsewhere": place(town, "RG001"),
    }
    foreign = place(town, street="441302009")
    assert seen_by(town, username) == {cases[name].number for name in sees} | (
        {foreign.number} if username == "leader01" else set()
    )
    who = viewer(town, username)
    for name, case in cases.items():
        assert permissions.can(who, "case.view", case) == (name in sees)
        if name not in sees:
            with pytest.raises(NotFoundError):
                permissions.require(who, "case.view", case)


PARTS: Sequence[Callable[[Session, Case, str], object]] = (
    lambda session, case, who: setattr(case, "reporter_id", who),
    lambda session, case, who: session.add(
        CaseEvent(case_number=case.number, at=NOW, actor_id=who, actor_name="x", tag="case:x", zh="x", en="x")
    ),
    lambda session, case, who: task_of(session, case, assignee=who),
    lambda session, case, who: task_of(session, case, f"u:{who}"),
    lambda session, case, who: task_of(session, case, f"g:department_staff@{STREET}-yl"),
)


@pytest.mark.parametrize("take_part", PARTS)
def test_a_part_in_a_case_or_a_task_in_ones_queue_shows_it(
    town: Session, take_part: Callable[[Session, Case, str], object]
) -> None:
    case, other = place(town), place(town)
    who = viewer(town, "yl01")
    assert not permissions.sees(who, case)
    take_part(town, case, who.person_id)
    town.flush()
    assert seen_by(town, "yl01") == {case.number}
    assert permissions.sees(who, case)
    assert not permissions.sees(who, other)


@pytest.mark.parametrize("take_part", PARTS[1:])
def test_a_volunteer_sees_only_what_they_reported(
    town: Session, take_part: Callable[[Session, Case, str], object]
) -> None:
    who = viewer(town, "volunteer03-1")
    reported, other = place(town, reporter_id=who.person_id), place(town)
    take_part(town, other, who.person_id)
    town.flush()
    assert seen_by(town, "volunteer03-1") == {reported.number}
    assert permissions.sees(who, reported)
    assert not permissions.sees(who, other)


@pytest.mark.parametrize("username", ["yl01", "head02", "sj01", "admin01", "designer01", "volunteer03-1"])
def test_saying_that_it_is_the_same_problem_opens_no_case(town: Session, username: str) -> None:
    case, who = place(town, lead_unit=f"{STREET}-hw"), viewer(town, username)
    common = {"case_number": case.number, "at": NOW, "actor_id": who.person_id, "actor_name": "x", "zh": "x", "en": "x"}
    assert not permissions.sees(who, case)
    for tag in sorted(events.ADDITIONS):
        town.add(CaseEvent(tag=tag, **common))
        town.flush()
        assert seen_by(town, username) == set(), tag
        assert not permissions.sees(who, case), tag
        assert not permissions.may_see_personal(who, case), tag
    if not who.is_volunteer:
        town.add(CaseEvent(tag="case:dispatch", **common))
        town.flush()
        assert seen_by(town, username) == {case.number}
        assert permissions.sees(who, case)


def test_list_and_page_agree_for_everybody_about_every_case(town: Session) -> None:
    officer = person(town, "officer05-1").id
    cases = [
        place(town, "RG014", lead_unit=f"{STREET}-hw", reporter_id=officer),
        place(town, "RG001", lead_unit="441302-cg"),
        place(town, "RG040", lead_unit=f"{STREET}-cg"),
        place(town, "RG073"),
        place(town, street="441302009"),
        place(town, street="441303001"),
    ]
    task_of(town, cases[3], "g:department_staff@441302-sw")
    town.add(CaseEvent(case_number=cases[1].number, at=NOW, actor_id=officer, actor_name="x", tag="x", zh="x", en="x"))
    for account in town.scalars(select(Person)):
        who = org.viewer(town, account.id, NOW)
        listed = set(town.scalars(select(Case.number).where(permissions.case_filter(who))))
        assert listed == {case.number for case in cases if permissions.sees(who, case)}, account.username


@pytest.mark.parametrize("username", ["acceptor01", "hw01", "yl01", "volunteer03-1", "admin01"])
def test_the_condition_means_the_same_in_a_statement_that_joins_its_tables(town: Session, username: str) -> None:
    who = viewer(town, username)
    cases = [place(town), place(town, lead_unit=f"{STREET}-hw"), place(town, reporter_id=who.person_id)]
    for case in cases:
        task_of(town, case, f"g:department_staff@{STREET}-yl" if case is cases[1] else "u:nobody")
        town.add(CaseEvent(case_number=case.number, at=NOW, actor_id="x", actor_name="x", tag="x", zh="x", en="x"))
    town.flush()
    joined = (
        select(Case.number)
        .join(UserTask, UserTask.business_key == Case.number)
        .join(TaskCandidate, TaskCandidate.task_id == UserTask.id)
        .join(CaseEvent, CaseEvent.case_number == Case.number)
        .join(OrgUnit, OrgUnit.code == Case.community_code)
        .where(permissions.case_filter(who))
    )
    assert set(town.scalars(joined)) == seen_by(town, username)


def test_standing_in_shows_what_the_absent_person_saw(town: Session) -> None:
    case = place(town, "RG001")
    deputy = person(town, "deputy03")
    acting = memberships.stand_in(
        town,
        deputy.id,
        "grid_head",
        f"{STREET}001",
        absent_id=person(town, "head01").id,
        first_on=date(2026, 11, 22),
        last_on=date(2026, 11, 30),
        reason="学习",
        actor=Actor("boss"),
        now=NOW,
    )
    assert case.number not in seen_by(town, "deputy03")
    memberships.consent(town, acting.id, actor=Actor("boss"), now=NOW)
    assert case.number in seen_by(town, "deputy03")


def test_a_seat_decides_without_a_statement(town_database: TestDatabase, town: Session) -> None:
    case, who = place(town), viewer(town, "acceptor01")
    with statements_of(town_database.engine) as statements:
        assert permissions.can(who, "case.view", case)
    assert statements == []


class TestTasks:
    def test_who_may_take_a_task_is_its_candidate_or_holder(self, town: Session) -> None:
        task = task_of(town, place(town), f"g:dispatcher@{STREET}")
        assert permissions.can(viewer(town, "dispatcher02"), "task.claim", task)
        assert permissions.can(viewer(town, "dispatcher02"), "task.complete", task)

    def test_who_sees_the_case_sees_the_task_but_may_not_take_it(self, town: Session) -> None:
        task = task_of(town, place(town), f"g:dispatcher@{STREET}")
        with pytest.raises(NotAllowedError):
            permissions.require(viewer(town, "acceptor01"), "task.claim", task)

    def test_for_anybody_else_there_is_no_such_task(self, town: Session) -> None:
        task = task_of(town, place(town), f"g:dispatcher@{STREET}")
        for username in ("yl01", "head02", "admin01", "volunteer03-1"):
            with pytest.raises(NotFoundError):
                permissions.require(viewer(town, username), "task.complete", task)

    def test_leaders_assign_what_they_see_and_a_department_lead_only_its_own(self, town: Session) -> None:
        case = place(town, lead_unit=f"{STREET}-hw")
        own = task_of(town, case, f"g:department_staff@{STREET}-hw", f"g:department_lead@{STREET}-hw")
        check = task_of(town, place(town, lead_unit=f"{STREET}-hw"), f"g:checker@{STREET}")
        assert permissions.can(viewer(town, "shiftleader01"), "task.assign", check)
        assert permissions.can(viewer(town, "hw-lead"), "task.assign", own)
        with pytest.raises(NotAllowedError):
            permissions.require(viewer(town, "hw-lead"), "task.assign", check)
        with pytest.raises(NotAllowedError):
            permissions.require(viewer(town, "checker01"), "task.assign", check)


def test_photos_follow_their_case_and_loose_ones_their_owner(town: Session) -> None:
    case, officer = place(town), viewer(town, "officer03-1")
    common = {"phase": "before", "sha256": "a", "thumbnail_sha256": "b", "mime": "image/jpeg", "size": 1}
    attached = Photo(case_number=case.number, width=1, height=1, uploaded_by="x", uploaded_at=NOW, **common)
    loose = Photo(case_number=None, width=1, height=1, uploaded_by=officer.person_id, uploaded_at=NOW, **common)
    town.add_all([attached, loose])
    town.flush()
    assert permissions.can(officer, "case.photo", attached)
    assert permissions.can(officer, "case.photo", loose)
    stranger = viewer(town, "officer01-1")
    assert not permissions.can(stranger, "case.photo", attached)
    assert not permissions.can(stranger, "case.photo", loose)


def test_administrators_administer_the_people_and_units_below_their_seat(town: Session) -> None:
    admin, officer = viewer(town, "admin01"), person(town, "officer03-1")
    assert permissions.can(admin, "people.admin", officer)
    assert permissions.can(admin, "org.admin", org.unit(town, f"{STREET}-cg"))
    with pytest.raises(NotAllowedError):
        permissions.require(admin, "org.admin", org.unit(town, "441300"))
    with pytest.raises(NotFoundError):
        permissions.require(viewer(town, "acceptor01"), "people.admin", officer)
    assert permissions.sees(viewer(town, "officer03-1"), officer)
    assert not permissions.sees(viewer(town, "volunteer03-1"), town.get_one(OrgUnit, STREET))


class TestPersonalData:
    @pytest.mark.parametrize(
        ("username", "whole_area", "own_part"),
        [
            ("gridleader01", True, True),
            ("griddeputy01", True, True),
            ("liaison01", False, False),
            ("assistant01", False, True),
            ("head03", True, True),
            ("head01", False, False),
            ("deputy03", False, True),
            ("officer03-1", False, True),
            ("volunteer03-1", False, False),
            ("acceptor01", True, True),
            ("shiftleader01", True, True),
            ("dispatcher01", False, True),
            ("checker01", False, True),
            ("hw01", False, True),
            ("supervisor01", True, True),
            ("leader01", False, False),
            ("evaluator01", False, False),
            ("admin01", False, False),
            ("designer01", False, False),
        ],
    )
    def test_it_is_read_in_ones_area_by_few_and_in_ones_own_cases_by_those_at_work(
        self, town: Session, username: str, whole_area: bool, own_part: bool
    ) -> None:
        who = viewer(town, username)
        assert permissions.may_see_personal(who, place(town, lead_unit=f"{STREET}-hw")) == whole_area
        mine = place(town, lead_unit=f"{STREET}-hw", handled_by=who.person_id)
        assert permissions.may_see_personal(who, mine) == own_part
        held = place(town, lead_unit=f"{STREET}-hw")
        task_of(town, held, assignee=who.person_id)
        assert permissions.may_see_personal(who, held) == own_part

    def test_a_volunteer_never_reads_it_not_even_in_their_own_report(self, town: Session) -> None:
        who = viewer(town, "volunteer03-1")
        assert not permissions.may_see_personal(who, place(town, reporter_id=who.person_id, handled_by=who.person_id))

    def test_every_reading_and_every_refusal_is_logged_without_the_contents(self, town: Session) -> None:
        case = place(town, reporter_name="王某", reporter_contact=b"secret")
        acceptor, officer = viewer(town, "acceptor01"), viewer(town, "officer03-1")
        fields = ["reporter_contact"]
        assert permissions.open_personal(town, acceptor, case, fields, purpose="回访", now=NOW)
        assert not permissions.open_personal(town, acceptor, case, fields, purpose=" ", now=NOW)
        assert not permissions.open_personal(town, officer, case, fields, purpose="回访", now=NOW)
        town.flush()
        rows = town.scalars(select(AccessLog).where(AccessLog.subject_key == case.number).order_by(AccessLog.id)).all()
        assert [(row.person_id, row.granted, row.purpose) for row in rows] == [
            (acceptor.person_id, True, "回访"),
            (acceptor.person_id, False, ""),
            (officer.person_id, False, "回访"),
        ]
        assert rows[0].seats == [f"acceptor@{STREET}"]
        assert rows[0].fields == fields

    def test_the_explanation_names_what_is_missing(self, town: Session) -> None:
        case = place(town)
        checks = permissions.explain(viewer(town, "officer03-1"), "case.personal", case)
        assert [(each.key, each.holds) for each in checks] == [("position", True), ("scope", True), ("part", False)]
        checks = permissions.explain(viewer(town, "volunteer03-1"), "case.personal", case)
        assert [(each.key, each.holds) for each in checks] == [("position", False), ("scope", False)]
        assert all(each.zh and each.en for each in checks)
