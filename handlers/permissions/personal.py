"""Personal data of a case: who may read it, which fields it is, and the log of every reading.

Need to know (PIPL articles 6 and 34): leaders of the street and the desk that talks to the public read it in their
area; those who work on a case read it while they have a part in it; volunteers never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from bpmn.tables import UserTask
from handlers.cases.tables import Case
from handlers.org import Viewer
from handlers.permissions.tables import AccessLog
from handlers.permissions.visibility import AREA_VIEWERS, covers

PERSONAL_FIELDS = frozenset({"reporter_name", "reporter_contact"})
"""Fields of a case that only `may_see_personal` opens; everybody else gets them empty or masked."""

PERSONAL_LINKS = frozenset({"household", "person"})
"""Kinds of links of a case that are personal data too."""

WHOLE_AREA = frozenset(
    {"street_grid_leader", "street_grid_deputy", "grid_head", "acceptor", "shift_leader", "supervisor"}
)
"""Positions that read the personal data of every case in their area."""

OWN_PART = frozenset(
    {
        "grid_assistant",
        "grid_deputy",
        "grid_officer",
        "collector",
        "dispatcher",
        "checker",
        "department_staff",
        "department_lead",
    }
)
"""Positions that read it only in cases they have a part in (经手件)."""

PARTS = (
    Case.reporter_id,
    Case.accepted_by,
    Case.filed_by,
    Case.dispatched_by,
    Case.handled_by,
    Case.checked_by,
    Case.closed_by,
)
"""The columns that name who did what in a case."""

assert not (WHOLE_AREA | OWN_PART) & {"grid_volunteer", "grid_leader_liaison", "leader", "evaluator"}
assert WHOLE_AREA <= AREA_VIEWERS


def may_see_personal(viewer: Viewer, case: Case) -> bool:
    """True when the viewer may read the personal data of the case. At most one statement."""
    if viewer.is_volunteer:
        return False
    if any(covers(seat, case) for seat in viewer.seats if seat.position in WHOLE_AREA):
        return True
    return viewer.holds(*OWN_PART) and has_part(viewer, case)


def has_part(viewer: Viewer, case: Case) -> bool:
    """True when the viewer took one of the case's steps or holds one of its tasks now."""
    if any(getattr(case, column.key) == viewer.person_id for column in PARTS):
        return True
    session = object_session(case)
    if session is None:
        return False
    held = select(UserTask.id).where(UserTask.business_key == case.number, UserTask.assignee == viewer.person_id)
    return session.scalar(held.limit(1)) is not None


def open_personal(
    session: Session, viewer: Viewer, case: Case, fields: Sequence[str], *, purpose: str, now: datetime
) -> bool:
    """Whether the viewer may read these fields for this purpose. Both answers are logged in this transaction.

    The caller commits before it shows the fields or refuses them.
    """
    granted = may_see_personal(viewer, case) and bool(purpose.strip())
    log(session, viewer, "case", case.number, fields, purpose=purpose, granted=granted, now=now)
    return granted


def log(
    session: Session,
    viewer: Viewer,
    subject_kind: str,
    subject_key: str,
    fields: Sequence[str],
    *,
    purpose: str,
    granted: bool,
    now: datetime,
) -> None:
    """Write one line of the access log."""
    session.add(
        AccessLog(
            at=now,
            person_id=viewer.person_id,
            seats=sorted(viewer.groups),
            subject_kind=subject_kind,
            subject_key=subject_key,
            fields=sorted(fields),
            purpose=purpose.strip(),
            granted=granted,
        )
    )
