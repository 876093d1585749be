"""Filing: the shift leader's answer, the handling limit it fixes, and the department that routing names."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from bpmn.registry import HandlerContext, handler, listener
from bpmn.values import Variables
from handlers import catalogue, clocks
from handlers.cases import choices, states
from handlers.cases.queries import get
from handlers.cases.steps.telling import tell

GRADES: Final = {"A": ("重大", "major"), "B": ("较大", "considerable"), "C": ("一般", "ordinary")}


@listener("case.file")
def file(
    case_number: str,
    outcome: str,
    reason: str = "",
    condition: str | None = None,
    grade: str = "C",
    *,
    context: HandlerContext,
) -> None:
    """The shift leader's answer: file under a condition, send back, or void (told by `void`)."""
    case = get(context.session, case_number)
    if outcome == "back":
        states.transition(case, states.REPORTED)
        tell(context, case, "case:back", ("退回受理", "Sent back to acceptance"), reason)
    elif outcome == "file":
        chosen = choices.filing_condition(context.session, case, condition)
        case.condition, case.grade = chosen.code, grade
        case.filed_by, case.filed_at = context.actor.user_id, context.now
        states.transition(case, states.FILED)
        zh, en = GRADES[grade]
        tell(
            context,
            case,
            "case:file",
            (f"立案，条件“{chosen.name}”，{zh}", f"Filed under “{chosen.name_en or chosen.name}”, {en}"),
            is_public=True,
        )


@handler("case.route")
def route(case_number: str, *, context: HandlerContext) -> Variables:
    """Suggest the lead department that the routing table names for category, condition and place."""
    case = get(context.session, case_number)
    with context.session.no_autoflush:  # what was written before goes with what is written after
        found = catalogue.route(
            context.session,
            case.category_code,
            case.kind,
            case.condition,
            case.community_code or case.street_code,
            code_set=case.code_set,
        )
    return {"lead_unit": found.lead_unit}


@clocks.limit_source("filing_condition")
def handling_limit(session: Session, case_number: str) -> clocks.Limit | None:
    """The handling limit of a case: that of its filing condition."""
    case = get(session, case_number)
    if case.condition is None:
        return None
    with session.no_autoflush:  # as above
        found = catalogue.condition(
            case.category_code, case.kind, case.condition, code_set=case.code_set, session=session
        )
    return found.limit
