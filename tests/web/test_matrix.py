"""Every route, every position, foreign objects: nothing that is not allowed answers with anything but a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.tables import Incident, ProcessDefinition, ProcessInstance, TaskCandidate, UserTask
from handlers import permissions
from handlers.cases.tables import Case, Photo
from handlers.org.positions import POSITIONS as PLACES
from handlers.org.tables import Person
from handlers.permissions import POLICY
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, viewer
from tests.web.stage import case_process
from webapp import access
from webapp.access import PUBLIC, SIGNED_IN

__all__ = ["case_process"]

SignedIn = Callable[[str], FlaskClient]
STREET = "441302003"
"""A street in which nobody of the demo street has a seat."""

POSITIONS = {
    "street_grid_leader": "gridleader01",
    "street_grid_deputy": "griddeputy01",
    "grid_leader_liaison": "liaison01",
    "grid_assistant": "assistant01",
    "grid_head": "head01",
    "grid_deputy": "deputy01",
    "grid_officer": "officer01-1",
    "grid_volunteer": "volunteer01-1",
    "collector": "collector01",
    "acceptor": "acceptor01",
    "shift_leader": "shiftleader01",
    "dispatcher": "dispatcher01",
    "department_staff": "cg01",
    "department_lead": "cg-lead",
    "checker": "checker01",
    "supervisor": "supervisor01",
    "evaluator": "evaluator01",
    "process_designer": "designer01",
    "administrator": "admin01",
    "leader": "leader01",
}

NOT_OF_ANYBODY = {"filename", "plan_id", "definition_id", "token_id", "job_id", "path"}
"""Parameters that name no object of a case or a person: files, grid plans, versions of diagrams, one's own tokens,
and external tasks, which only technical accounts see at all."""


@dataclass(frozen=True)
class Foreign:
    """Objects of the other street."""

    number: str
    task_id: int
    photo_id: str
    incident_id: int


@pytest.fixture(scope="module")
def foreign(case_process: TestDatabase) -> Foreign:
    with case_process.factory.begin() as session:
        return _make(session)


def _make(session: Session) -> Foreign:
    number = "HZ202611229999"
    place = {"lon": 114.3, "lat": 23.0, "street_code": STREET}
    session.add(
        Case(
            number=number, code_set="test", kind="event", category_code="0110", title="别处的案件", source="collector",
            status="filed", reported_at=NOW, **place,
        )
    )  # fmt: skip
    definition = session.scalars(select(ProcessDefinition).where(ProcessDefinition.key == "case_handling")).first()
    assert definition is not None
    instance = ProcessInstance(
        definition_id=definition.id, process_key="case_handling", business_key=number, status="running", variables={},
        started_at=NOW, started_by="test", state=None, ended_at=None, end_element=None,
    )  # fmt: skip
    session.add(instance)
    session.flush()
    task = UserTask(
        instance_id=instance.id, wait_key="w", process_key="case_handling", business_key=number,
        scope_id="case_handling", element_id="Task_Dispatch", name="派遣", status="open", due_at=NOW, sort_at=NOW,
        data={}, excluded_users=[],
        created_at=NOW,
    )  # fmt: skip
    photo = Photo(
        case_number=number, phase="before", sha256="0" * 64, thumbnail_sha256="0" * 64, mime="image/jpeg", size=1,
        width=1, height=1, uploaded_by="somebody", uploaded_at=NOW,
    )  # fmt: skip
    incident = Incident(
        instance_id=instance.id, wait_key="x", element_id="Task_X", business_key=number, kind="handler", zh="出错",
        en="failed", created_at=NOW, resolved_at=None, resolved_by=None,
    )  # fmt: skip
    session.add_all([task, photo, incident])
    session.flush()
    session.add(TaskCandidate(task_id=task.id, candidate=f"g:dispatcher@{STREET}", sort_at=NOW))
    return Foreign(number, task.id, photo.id, incident.id)


def test_the_matrix_names_every_position() -> None:
    assert set(POSITIONS) == set(PLACES)


def routes(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    """(endpoint, method, path, rule)."""
    for endpoint, method, path, rule in access.rules_of(app):
        assert rule is not None
        yield endpoint, method, path, rule


def names_of(path: str) -> set[str]:
    """The parameters of a path: `/tasks/<int:task_id>/row` has task_id."""
    return {part.split(">")[0].rpartition(":")[2] for part in path.split("<")[1:]}


def call(client: FlaskClient, method: str, path: str) -> tuple[int, str]:
    body: dict[str, Any] = {"json": {"values": {}}} if method != "GET" and path.startswith("/api/") else {}
    with client.open(path, method=method, **body) as answer:
        return answer.status_code, answer.headers.get("Location", "")


def test_a_visitor_reaches_public_routes_only(app: Flask, client: FlaskClient, foreign: Foreign) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method, path, rule in routes(app):
        if rule == PUBLIC:
            continue
        status, location = call(client, method, _filled(path, foreign, "nobody"))
        turned_away = status == 401 or (status == 303 and location.startswith("/login"))
        assert turned_away, (endpoint, method, status)


@pytest.mark.parametrize("position", sorted(POSITIONS))
def test_a_position_reaches_what_the_policy_gives_it(
    app: Flask, signed_in: SignedIn, web_database: TestDatabase, case_process: TestDatabase, position: str
) -> None:
    with web_database.factory() as session:
        person = viewer(session, POSITIONS[position])
    client = signed_in(POSITIONS[position])
    for endpoint, method, path, rule in routes(app):
        if method != "GET" or "<" in path or rule == PUBLIC or endpoint == "live.stream":
            continue
        status, _ = call(client, method, path)
        if rule == SIGNED_IN or permissions.can(person, rule):
            assert status in {200, 404, 422}, (endpoint, status)
        else:
            assert status == 403, (endpoint, status)


@pytest.mark.parametrize("position", sorted(POSITIONS))
def test_objects_of_another_street_do_not_exist_for_anybody_here(
    app: Flask, signed_in: SignedIn, web_database: TestDatabase, foreign: Foreign, position: str
) -> None:
    with web_database.factory() as session:
        person = viewer(session, POSITIONS[position])
        sees_case = permissions.sees(person, session.get_one(Case, foreign.number))
        stranger = session.scalars(select(Person.id).where(Person.username == "hw02")).one()
    client, tried = signed_in(POSITIONS[position]), 0
    for endpoint, method, path, rule in routes(app):
        names = names_of(path)
        if not names or names & NOT_OF_ANYBODY or rule == PUBLIC:
            continue
        if person.is_admin and (names & {"person_id", "incident_id"}):
            continue  # administrators administer people and incidents; they see no cases by that
        if sees_case or ("incident_id" in names and permissions.can(person, "incidents.view")):
            continue
        status, location = call(client, method, _filled(path, foreign, stranger))
        tried += 1
        may_act = rule == SIGNED_IN or permissions.can(person, rule)
        expected = {404} if may_act else {403, 404}
        assert status in expected, (endpoint, method, status, location)
    assert tried > 10 or sees_case


def _filled(path: str, foreign: Foreign, stranger: str) -> str:
    values = {
        "number": foreign.number,
        "task_id": foreign.task_id,
        "photo_id": foreign.photo_id,
        "incident_id": foreign.incident_id,
        "person_id": stranger,
        "membership_id": "none",
    }
    for kind in ("int:", "path:", ""):
        for name, value in values.items():
            path = path.replace(f"<{kind}{name}>", str(value))
        for name in NOT_OF_ANYBODY:
            path = path.replace(f"<{kind}{name}>", "1")
    return path


def test_every_route_names_a_rule_of_the_policy_and_says_it_in_both_languages(app: Flask) -> None:
    for _, _, _, rule in routes(app):
        if rule not in {PUBLIC, SIGNED_IN}:
            assert POLICY[rule].zh
            assert POLICY[rule].en
