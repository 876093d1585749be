"""How a case ends: closed, closed as self-handled, void or not accepted; and what conditions may read of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bpmn.registry import HandlerContext, case_view, listener
from bpmn.values import JSON
from handlers.cases import choices, links, states
from handlers.cases.queries import get
from handlers.cases.steps.telling import tell
from handlers.cases.tables import Case


@listener("case.settle")
def settle(
    case_number: str, outcome: str, closing_condition: str = "", reason: str = "", *, context: HandlerContext
) -> None:
    """The shift leader's answer at the end; closing itself is told by `close`."""
    case = get(context.session, case_number)
    if outcome == "close":
        choices.require_closing_condition(context.session, case, closing_condition)
        case.closing_condition = closing_condition
    else:
        tell(context, case, "case:rework", ("不予结案，返工", "Not closed, back to the department"), reason)


@listener("case.close")
def close(case_number: str, note: str | None = "", *, context: HandlerContext) -> None:
    """The case is closed."""
    case = get(context.session, case_number)
    case.closing_level, case.closed_by = _level(case.lead_unit or case.street_code), context.actor.user_id
    end(context, case, states.CLOSED)
    chosen = case.closing_condition or ""
    chosen_en = dict(choices.closing_conditions(None, case)).get(chosen) or chosen
    sentence = (f"结案，结案条件“{chosen}”", f"Closed: “{chosen_en}”")
    tell(context, case, "case:close", sentence, note, is_public=True)


@listener("case.close_self_handled")
def close_self_handled(case_number: str, *, context: HandlerContext) -> None:
    """A self-handled case is closed: solved by the grid, no department was needed."""
    case = get(context.session, case_number)
    case.closing_level, case.closed_by = "grid", context.actor.user_id
    end(context, case, states.CLOSED)
    tell(context, case, "case:close", ("审核属实，自行处置结案", "Reviewed and closed as self-handled"), is_public=True)


@listener("case.void")
def void(case_number: str, reason: str = "", *, context: HandlerContext) -> None:
    """No such problem, or a duplicate of another case."""
    case = get(context.session, case_number)
    case.closed_by = context.actor.user_id
    case.duplicate_of = next(
        (link.target for link in links.of_case(context.session, case_number) if link.relation == "duplicate"), None
    )
    end(context, case, states.VOID)
    tell(context, case, "case:void", ("作废", "Void"), reason, is_public=True)


@listener("case.refuse")
def refuse(case_number: str, reason: str = "", *, context: HandlerContext) -> None:
    """Not a matter for this service; the reporter reads why."""
    case = get(context.session, case_number)
    case.closed_by = context.actor.user_id
    end(context, case, states.NOT_ACCEPTED)
    tell(context, case, "case:refuse", ("不予受理", "Not accepted"), reason, is_public=True)


@case_view
def view(session: Session, business_key: str) -> dict[str, JSON]:
    """The read-only `case` of conditions and texts."""
    case = get(session, business_key)
    return {
        "number": case.number,
        "status": case.status,
        "kind": case.kind,
        "category_code": case.category_code,
        "condition": case.condition,
        "grade": case.grade,
        "urgency": case.urgency,
        "source": case.source,
        "street_code": case.street_code,
        "community_code": case.community_code,
        "lead_unit": case.lead_unit,
        "self_handled": case.self_handled,
        "reporter_id": case.reporter_id,
        "accepted_by": case.accepted_by,
        "filed_by": case.filed_by,
        "handled_by": case.handled_by,
        "checked_by": case.checked_by,
        "return_count": case.return_count,
        "rework_count": case.rework_count,
    }


def end(context: HandlerContext, case: Case, status: str) -> None:
    """The last change of status."""
    states.transition(case, status)
    case.closed_at = context.now


def _level(unit_code: str) -> str:
    """The level a department belongs to, by the digits its code begins with (GB/T 2260 and 10114)."""
    digits = unit_code.partition("-")[0]
    if len(digits) > 6:
        return "street"
    return "city" if digits.endswith("00") else "district"
