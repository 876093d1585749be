"""The status of a case: which change is legal, and the only place that writes it.

Whether somebody may do it is decided by the process and its user tasks; what comes next by the diagram.
"""

from __future__ import annotations

from typing import Final

from bpmn.errors import ConflictError
from handlers.cases.tables import Case

REPORTED: Final = "reported"
ACCEPTED: Final = "accepted"
FILED: Final = "filed"
DISPATCHED: Final = "dispatched"
HANDLING: Final = "handling"
CHECKING: Final = "checking"
CLOSING: Final = "closing"
CLOSED: Final = "closed"
VOID: Final = "void"
NOT_ACCEPTED: Final = "not_accepted"

NAMES: Final[dict[str, tuple[str, str]]] = {
    REPORTED: ("待受理", "Reported"),
    ACCEPTED: ("待立案", "Accepted"),
    FILED: ("待派遣", "Filed"),
    DISPATCHED: ("待签收", "Dispatched"),
    HANDLING: ("处置中", "Being handled"),
    CHECKING: ("待核查", "To be checked"),
    CLOSING: ("待结案", "To be closed"),
    CLOSED: ("已结案", "Closed"),
    VOID: ("已作废", "Void"),
    NOT_ACCEPTED: ("不予受理", "Not accepted"),
}
"""What people read, Chinese and English."""

ENDED: Final = frozenset({CLOSED, VOID, NOT_ACCEPTED})

TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    REPORTED: frozenset({ACCEPTED, CLOSED, VOID, NOT_ACCEPTED}),
    ACCEPTED: frozenset({REPORTED, FILED, VOID}),
    FILED: frozenset({DISPATCHED, VOID}),
    DISPATCHED: frozenset({HANDLING, FILED}),
    HANDLING: frozenset({CHECKING, FILED}),
    CHECKING: frozenset({CLOSING, HANDLING}),
    CLOSING: frozenset({CLOSED, HANDLING}),
    CLOSED: frozenset(),
    VOID: frozenset(),
    NOT_ACCEPTED: frozenset(),
}


def transition(case: Case, status: str) -> None:
    """Move `case` to `status`. Staying where it is changes nothing.

    :raises ConflictError: the table knows no such change.
    """
    if case.status == status:
        return
    if status not in TRANSITIONS[case.status]:
        (from_zh, from_en), (to_zh, to_en) = NAMES[case.status], NAMES[status]
        raise ConflictError(
            why_zh=f"案件{case.number}为“{from_zh}”，不能改为“{to_zh}”。",
            why_en=f"case {case.number} is “{from_en}” and cannot become “{to_en}”.",
        )
    case.status = status
    case.version = (case.version or 0) + 1


def is_open(status: str) -> bool:
    """True while the case has not ended."""
    return status not in ENDED


def require_open(case: Case) -> None:
    """:raises ConflictError: the case has ended; what is added now would be read by nobody."""
    if not is_open(case.status):
        raise ConflictError(
            why_zh=f"案件 {case.number} 已办结（{NAMES[case.status][0]}），请重新上报。",
            why_en=f"case {case.number} is already closed ({NAMES[case.status][1]}), please report anew.",
        )
