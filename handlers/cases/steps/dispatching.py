"""Dispatch and return: which department leads, and what happens when it gives the case back."""

from __future__ import annotations

from bpmn.registry import HandlerContext, handler, listener
from bpmn.values import Variables
from handlers.cases import choices, states
from handlers.cases.queries import get
from handlers.cases.steps.telling import tell


@listener("case.dispatch")
def dispatch(case_number: str, lead_unit: str, note: str | None = "", *, context: HandlerContext) -> None:
    """The dispatcher sent the case to its lead department."""
    case = get(context.session, case_number)
    unit = choices.lead_unit(context.session, lead_unit)
    name_zh, name_en = unit.name_zh, unit.name_en
    is_same = case.lead_unit == lead_unit
    case.lead_unit, case.dispatched_by, case.dispatched_at = lead_unit, context.actor.user_id, context.now
    states.transition(case, states.DISPATCHED)
    zh, en = (
        (f"维持派遣：{name_zh}", f"Dispatched again to {name_en}")
        if is_same
        else (f"派遣：主办 {name_zh}", f"Dispatched to {name_en}")
    )
    tell(context, case, "case:dispatch", (zh, en), note, is_public=True, lead_unit=lead_unit)


@listener("case.sign")
def sign(case_number: str, outcome: str, *, context: HandlerContext) -> None:
    """The department signed for the case. A return is told by `give_back`."""
    if outcome != "accept":
        return
    case = get(context.session, case_number)
    case.signed_at = context.now
    states.transition(case, states.HANDLING)
    tell(context, case, "case:sign", ("签收，开始处置", "Signed for, handling begins"), is_public=True)


@handler("case.return")
def give_back(case_number: str, return_count: int, reason: str = "", *, context: HandlerContext) -> Variables:
    """The department gave the case back; the second time it goes to consultation."""
    case = get(context.session, case_number)
    case.return_count = return_count + 1
    states.transition(case, states.FILED)
    tell(context, case, "case:return", ("退回", "Returned"), reason, lead_unit=case.lead_unit)
    return {"return_count": case.return_count}


@listener("case.decide")
def decide(case_number: str, outcome: str, reason: str = "", lead_unit: str = "", *, context: HandlerContext) -> None:
    """The shift leader settled after consultation who leads. Voiding is told by `void`."""
    if outcome == "assign":
        case = get(context.session, case_number)
        unit = choices.lead_unit(context.session, lead_unit)
        name_zh, name_en = unit.name_zh, unit.name_en
        tell(context, case, "case:decide", (f"会商裁定：由 {name_zh} 主办", f"Decided: {name_en} leads"), reason)
