"""Which objects a person may know of. The condition on cases is the only truth; lists and pages both use it.

A case is seen through the area or department of a seat, through a task that waits in one of the person's queues,
through a step of it that they took (a line of its timeline that is a part, `events.is_part`), or because they
reported it. Adding to somebody else's report opens nothing. Administrators administer: their seat shows no case.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, union_all
from sqlalchemy.orm import Session, aliased, object_session

from bpmn.tables import Incident, TaskCandidate, UserTask
from handlers.cases import events
from handlers.cases.tables import Case, CaseEvent, Photo
from handlers.org import Seat, Viewer
from handlers.org.positions import GRID_ROLES
from handlers.org.tables import Membership, OrgUnit, Person

AREA_VIEWERS = frozenset(GRID_ROLES) - {"grid_volunteer"} | {
    "collector",
    "acceptor",
    "shift_leader",
    "dispatcher",
    "checker",
    "supervisor",
    "evaluator",
    "leader",
}
"""Positions that see every case in the area of their seat."""

DEPARTMENT_VIEWERS = frozenset({"department_staff", "department_lead"})
"""Positions that see the cases whose lead department is theirs or one below it."""

OPERATORS = frozenset({"administrator", "process_designer"})
"""Positions that see incidents and definitions, without thereby seeing cases."""


def case_filter(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on `Case` rows that the viewer may see. Usable in any statement that has `Case` in it.

    Shaped for lists that walk an index and stop early: who sees an area is decided by the row, and only other rows
    are looked up; who sees none gets the few numbers of their own from indexes.
    """
    if viewer.is_volunteer:
        return Case.reporter_id == viewer.person_id
    by_seat = [condition for seat in viewer.seats if (condition := _seat_filter(seat)) is not None]
    reported, line = aliased(Case), aliased(CaseEvent)
    own = union_all(
        select(reported.number).where(reported.reporter_id == viewer.person_id).correlate(None),
        select(line.case_number).where(line.actor_id == viewer.person_id, events.is_part(line)).correlate(None),
    )
    task = aliased(UserTask)
    waits = or_(task.assignee == viewer.person_id, _is_candidate(viewer, task))
    if by_seat:
        here = exists().where(task.business_key == Case.number, waits).correlate(Case)
        return or_(*by_seat, Case.number.in_(own), here)
    return Case.number.in_(union_all(own, select(task.business_key).where(waits).correlate(None)))


def _is_candidate(viewer: Viewer, task: type[UserTask]) -> ColumnElement[bool]:
    candidate = aliased(TaskCandidate)
    condition = and_(candidate.task_id == task.id, candidate.candidate.in_(candidates_of(viewer)))
    return exists().where(condition).correlate(task)


def candidates_of(viewer: Viewer) -> list[str]:
    """How the viewer is named among the candidates of tasks."""
    return [f"u:{viewer.person_id}", *(f"g:{group}" for group in sorted(viewer.groups))]


def sees(viewer: Viewer, obj: Any) -> bool:
    """True when the viewer may know that the object exists.

    Takes cases, photos, tasks, incidents, people and units; at most two statements, none when a seat decides.

    :raises TypeError: nobody has decided who sees such objects.
    """
    if isinstance(obj, Case):
        return _sees_case(viewer, obj)
    if isinstance(obj, Photo):
        return _sees_photo(viewer, obj)
    if isinstance(obj, UserTask):
        return _sees_task(viewer, obj)
    if isinstance(obj, Incident):
        return viewer.holds(*OPERATORS) or _sees_number(viewer, _session_of(obj), obj.business_key)
    if isinstance(obj, Person):
        return obj.id == viewer.person_id or _administers_person(viewer, obj)
    if isinstance(obj, OrgUnit):
        return not viewer.is_volunteer
    raise TypeError(f"no rule says who sees a {type(obj).__name__}")


def covers(seat: Seat, case: Case) -> bool:
    """True when the case lies in the area of the seat (areas and grids; departments cover no area)."""
    match seat.level:
        case "city" | "district":
            return case.street_code.startswith(seat.unit_code)
        case "street":
            return case.street_code == seat.unit_code
        case "community":
            return case.community_code == seat.unit_code
        case "administrative_grid":
            return case.administrative_grid == seat.unit_code
        case "responsibility_grid":
            return case.responsibility_grid == seat.unit_code
    return False


def is_candidate(viewer: Viewer, task: UserTask) -> bool:
    """True when the task waits in one of the viewer's queues or for the viewer by name. One statement."""
    statement = select(TaskCandidate.task_id).where(
        TaskCandidate.task_id == task.id, TaskCandidate.candidate.in_(candidates_of(viewer))
    )
    return _session_of(task).scalar(statement.limit(1)) is not None


def administers(viewer: Viewer, unit_path: str) -> bool:
    """True when the viewer is administrator of the unit or of one above it."""
    return any(unit_path.startswith(seat.unit_path) for seat in viewer.seats_in("administrator"))


def _seat_filter(seat: Seat) -> ColumnElement[bool] | None:
    if seat.position in DEPARTMENT_VIEWERS:
        unit = aliased(OrgUnit)
        below = select(unit.code).where(unit.path.startswith(seat.unit_path, autoescape=True)).correlate(None)
        return Case.lead_unit.in_(below)
    if seat.position not in AREA_VIEWERS:
        return None
    match seat.level:
        case "city" | "district":
            return Case.street_code.startswith(seat.unit_code, autoescape=True)
        case "street":
            return Case.street_code == seat.unit_code
        case "community":
            return Case.community_code == seat.unit_code
        case "administrative_grid":
            return Case.administrative_grid == seat.unit_code
        case "responsibility_grid":
            return Case.responsibility_grid == seat.unit_code
    return false()


def _sees_case(viewer: Viewer, case: Case) -> bool:
    if case.reporter_id == viewer.person_id:
        return True
    if viewer.is_volunteer:
        return False
    if any(covers(seat, case) for seat in viewer.seats if seat.position in AREA_VIEWERS):
        return True
    if case.lead_unit is not None and any(
        seat.unit_code == case.lead_unit for seat in viewer.seats if seat.position in DEPARTMENT_VIEWERS
    ):
        return True
    session = object_session(case)
    return session is not None and _sees_number(viewer, session, case.number)


def _sees_number(viewer: Viewer, session: Session, number: str) -> bool:
    statement = select(Case.number).where(Case.number == number, case_filter(viewer))
    return session.scalar(statement) is not None


def _sees_photo(viewer: Viewer, photo: Photo) -> bool:
    if photo.case_number is None:
        return photo.uploaded_by == viewer.person_id
    return _sees_number(viewer, _session_of(photo), photo.case_number)


def _sees_task(viewer: Viewer, task: UserTask) -> bool:
    if task.assignee == viewer.person_id or is_candidate(viewer, task):
        return True
    return _sees_number(viewer, _session_of(task), task.business_key)


def _administers_person(viewer: Viewer, person: Person) -> bool:
    if not viewer.is_admin:
        return False
    seats = select(OrgUnit.path).join(Membership, Membership.unit_code == OrgUnit.code)
    paths = _session_of(person).scalars(seats.where(Membership.person_id == person.id)).all()
    return not paths or any(administers(viewer, path) for path in paths)


def _session_of(obj: Any) -> Session:
    session = object_session(obj)
    if session is None:
        raise RuntimeError(f"{type(obj).__name__} is not attached to a session")
    return session
