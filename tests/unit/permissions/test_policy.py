"""The policy itself: every action has one rule, in both languages, and each position what it should have."""

from __future__ import annotations

import pytest

from bpmn.errors import NotAllowedError
from handlers import permissions
from handlers.org import Seat, Viewer
from handlers.org.positions import POSITIONS
from handlers.org.tables import Person
from handlers.org.viewers import of_seats
from handlers.permissions import POLICY
from handlers.permissions.visibility import AREA_VIEWERS

WANTED_ACTIONS = {
    "task.list",
    "task.view",
    "task.claim",
    "task.complete",
    "task.assign",
    "case.view",
    "case.report",
    "case.photo",
    "case.personal",
    "people.admin",
    "deployments.admin",
    "org.view",
    "org.admin",
    "incidents.view",
    "incidents.retry",
    "api.external_tasks",
    "api.messages",
    "api.deploy",
    "ops.metrics",
    "live.listen",
}

EVERYBODY = {"task.list", "task.view", "case.list", "case.view", "case.report", "case.photo", "live.listen"}
WORK = EVERYBODY | {"task.claim", "task.complete", "org.view", "case.link", "case.personal"}
MATRIX = {
    "grid_volunteer": EVERYBODY,
    "evaluator": WORK - {"case.link", "case.personal"},
    "process_designer": WORK - {"case.link", "case.personal"}
    | {"deployments.admin", "incidents.view", "incidents.retry", "api.messages", "api.deploy"},
    "administrator": WORK - {"case.link", "case.personal"}
    | {"deployments.admin", "incidents.view", "incidents.retry", "api.messages", "api.deploy"}
    | {"people.admin", "org.admin", "api.external_tasks", "ops.metrics"},
    "supervisor": WORK | {"task.assign", "incidents.view"},
    "shift_leader": WORK | {"task.assign"},
    "street_grid_leader": WORK | {"task.assign"},
    "street_grid_deputy": WORK | {"task.assign"},
    "department_lead": WORK | {"task.assign"},
}


def viewer_in(*positions: str) -> Viewer:
    person = Person(id="p", username="p", name_zh="某人", name_en="somebody", language="zh", session_epoch=0)
    return of_seats(
        person, [Seat(each, "441302008", "/441300/441302/441302008/", "street", None) for each in positions]
    )


def test_every_action_asked_for_has_a_rule_named_in_both_languages() -> None:
    assert set(POLICY) >= WANTED_ACTIONS
    for action, rule in POLICY.items():
        assert rule.action == action
        assert rule.zh
        assert rule.en
        assert rule.holders is None or rule.holders <= set(POSITIONS)


@pytest.mark.parametrize("position", list(POSITIONS))
def test_each_position_may_exactly_what_the_matrix_says(position: str) -> None:
    found = {action for action in POLICY if permissions.can(viewer_in(position), action)}
    assert found == MATRIX.get(position, WORK)


def test_a_person_without_a_seat_may_what_a_volunteer_may() -> None:
    assert {action for action in POLICY if permissions.can(viewer_in(), action)} == EVERYBODY


def test_two_positions_may_what_either_may() -> None:
    both = {action for action in POLICY if permissions.can(viewer_in("grid_officer", "administrator"), action)}
    assert both == WORK | MATRIX["administrator"]


def test_a_refusal_names_the_position_and_the_action_in_both_languages() -> None:
    with pytest.raises(NotAllowedError) as refusal:
        permissions.require(viewer_in("grid_officer"), "people.admin")
    assert "网格员没有「人员 · 管理」的权限" in refusal.value.message("zh")
    assert "grid officer" in refusal.value.message("en")


def test_an_action_without_a_rule_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        permissions.can(viewer_in("administrator"), "moon.land")


def test_an_object_nobody_decided_about_is_refused_loudly() -> None:
    with pytest.raises(TypeError):
        permissions.can(viewer_in("administrator"), "case.view", object())


def test_administrators_designers_and_volunteers_see_no_area() -> None:
    assert not AREA_VIEWERS & {"administrator", "process_designer", "grid_volunteer"}
