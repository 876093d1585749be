"""Where a report comes from, and who may say so: the source follows from the reporter's seats.

The desk alone enters what others told it, so it alone names another source and another person.
"""

from __future__ import annotations

from typing import Final

from handlers.cases.validation import SOURCES, Complaints
from handlers.org import Viewer
from handlers.org.positions import GRID_ROLES
from handlers.org.viewers import VOLUNTEER

DEPARTMENT: Final = ("department_staff", "department_lead")
DESK: Final = ("acceptor", "shift_leader")
FIELD: Final = (*(role for role in GRID_ROLES if role != VOLUNTEER), "collector", "checker", "supervisor")
FOR_OTHERS: Final = frozenset({"hotline", "resident"})
"""What the desk may name: it writes down what residents tell it."""


def of(viewer: Viewer) -> str:
    """The source of this person's reports: a department, the desk, the street's collectors, else a resident.

    Volunteers report as residents do; they are no collectors.
    """
    if viewer.holds(*DEPARTMENT):
        return "department"
    if viewer.holds(*DESK):
        return "hotline"
    return "collector" if viewer.holds(*FIELD) else "resident"


def can_self_handle(viewer: Viewer) -> bool:
    """Who collects may solve a small problem on the spot and report it done."""
    return of(viewer) == "collector"


def stated(viewer: Viewer, source: str | None, *, reporter_name: str = "", reporter_contact: str = "") -> str:
    """The source of a report in which the sender may have named one, and the person it came from.

    :raises InvalidInputError: this person may not name that source, or no other person as the reporter.
    """
    own, complaints = of(viewer), Complaints()
    is_desk = viewer.holds(*DESK)
    if source is not None and source != own and not (is_desk and source in FOR_OTHERS):
        zh, en = SOURCES[own]
        complaints.add(
            "source", f"您的上报来源是“{zh}”，不能另填。", f"The source of your reports is “{en}”, no other."
        )
    if not is_desk:
        for name, value in (("reporter_name", reporter_name), ("reporter_contact", reporter_contact)):
            if value.strip():
                complaints.add(name, "只有受理席可以代他人填报。", "Only the desk may report for another person.")
    complaints.raise_if_any()
    return source or own
