"""What each step of `case_handling` does to the case: its status, its moments, one line of the timeline.

Listeners and handlers only; they run inside the step's transaction. Which step comes next is the diagram's, the
clocks are `handlers.clocks`, and whether somebody may answer a task was decided before it got here.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from bpmn.registry import HandlerContext, case_view, handler, listener
from bpmn.values import JSON, Variables
from handlers import catalogue, clocks, org
from handlers.cases import events, links, states
from handlers.cases import photos as pictures
from handlers.cases.queries import get
from handlers.cases.tables import Case

RETURNS_BEFORE_CONSULTATION: Final = 2
GRADES: Final = {"A": ("重大", "major"), "B": ("较大", "considerable"), "C": ("一般", "ordinary")}


# --- acceptance ---------------------------------------------------------------------------------------------------


@listener("case.review_self_handled")
def review_self_handled(case_number: str, outcome: str, reason: str = "", *, context: HandlerContext) -> None:
    """The acceptor looked at a self-handled case: solved, or on to ordinary acceptance."""
    case = get(context.session, case_number)
    case.accepted_by = context.actor.user_id
    if outcome != "close":
        case.self_handled = False
        _tell(
            context,
            case,
            "case:reopen",
            "审核自行处置：未解决，转正常受理",
            "Reviewed: not solved, accepted as usual",
            reason,
        )


@listener("case.accept")
def accept(
    case_number: str,
    outcome: str,
    reason: str = "",
    condition: str | None = None,
    *,
    context: HandlerContext,
) -> None:
    """The acceptor's answer: submit, propose voiding, order a verification, or refuse."""
    case = get(context.session, case_number)
    case.accepted_by = context.actor.user_id
    if outcome in ("submit", "void"):
        case.accepted_at = case.accepted_at or context.now
        case.condition = condition or case.condition
        states.transition(case, states.ACCEPTED)
    zh, en = {
        "submit": ("受理，提请立案", "Accepted and submitted for filing"),
        "void": ("提请作废", "Proposed voiding"),
        "verify": ("派人现场核实", "Ordered a verification on site"),
        "refuse": ("拟不予受理", "Refused"),
    }[outcome]
    if outcome != "refuse":
        _tell(
            context,
            case,
            f"case:{outcome}",
            zh,
            en,
            reason if outcome != "submit" else "",
            is_public=outcome == "submit",
        )


@listener("case.verify")
def verify(
    case_number: str,
    outcome: str,
    note: str = "",
    photos: list[str] | None = None,
    *,
    context: HandlerContext,
) -> None:
    """Somebody went there before filing: the problem exists, or it does not."""
    case = get(context.session, case_number)
    taken = pictures.attach(context.session, case_number, photos or [], actor=context.actor, phase="verify")
    zh, en = ("问题存在", "the problem exists") if outcome == "exists" else ("问题不存在", "there is no problem")
    _tell(
        context, case, "case:verify", f"现场核实：{zh}{_photos_zh(taken)}", f"Verified: {en}{_photos_en(taken)}", note
    )


# --- filing -------------------------------------------------------------------------------------------------------


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
    case.filed_by = context.actor.user_id
    if outcome == "back":
        states.transition(case, states.REPORTED)
        _tell(context, case, "case:back", "退回受理", "Sent back to acceptance", reason)
    elif outcome == "file":
        chosen = catalogue.condition(case.category_code, case.kind, condition or "")
        case.condition, case.grade, case.filed_at = chosen.code, grade, context.now
        states.transition(case, states.FILED)
        zh, en = GRADES[grade]
        _tell(
            context,
            case,
            "case:file",
            f"立案，条件“{chosen.name}”，{zh}",
            f"Filed under “{chosen.name}”, {en}",
            is_public=True,
        )


@handler("case.route")
def route(case_number: str, *, context: HandlerContext) -> Variables:
    """Suggest the lead department that the routing table names for category, condition and place."""
    case = get(context.session, case_number)
    found = catalogue.route(context.session, case.category_code, case.kind, case.condition, case.street_code)
    return {"lead_unit": found.lead_unit}


@clocks.limit_source("filing_condition")
def handling_limit(session: Session, case_number: str) -> clocks.Limit | None:
    """The handling limit of a case: that of its filing condition."""
    case = get(session, case_number)
    if case.condition is None:
        return None
    return catalogue.condition(case.category_code, case.kind, case.condition).limit


# --- dispatch and return --------------------------------------------------------------------------------------------


@listener("case.dispatch")
def dispatch(case_number: str, lead_unit: str, note: str | None = "", *, context: HandlerContext) -> None:
    """The dispatcher sent the case to its lead department."""
    case = get(context.session, case_number)
    name = _unit_name(context.session, lead_unit)
    is_same = case.lead_unit == lead_unit
    case.lead_unit, case.dispatched_by, case.dispatched_at = lead_unit, context.actor.user_id, context.now
    states.transition(case, states.DISPATCHED)
    zh, en = (
        (f"维持派遣：{name}", f"Dispatched again to {name}")
        if is_same
        else (f"派遣：主办 {name}", f"Dispatched to {name}")
    )
    _tell(context, case, "case:dispatch", zh, en, note, is_public=True, lead_unit=lead_unit)


@listener("case.sign")
def sign(case_number: str, outcome: str, *, context: HandlerContext) -> None:
    """The department signed for the case. A return is told by `give_back`."""
    if outcome != "accept":
        return
    case = get(context.session, case_number)
    case.signed_at = context.now
    states.transition(case, states.HANDLING)
    _tell(context, case, "case:sign", "签收，开始处置", "Signed for, handling begins", is_public=True)


@handler("case.return")
def give_back(case_number: str, return_count: int, reason: str = "", *, context: HandlerContext) -> Variables:
    """The department gave the case back; the second time it goes to consultation."""
    case = get(context.session, case_number)
    case.return_count = return_count + 1
    states.transition(case, states.FILED)
    _tell(context, case, "case:return", "退回", "Returned", reason, lead_unit=case.lead_unit)
    return {"return_count": case.return_count}


@listener("case.decide")
def decide(case_number: str, outcome: str, reason: str = "", lead_unit: str = "", *, context: HandlerContext) -> None:
    """The shift leader settled after consultation who leads. Voiding is told by `void`."""
    if outcome == "assign":
        case = get(context.session, case_number)
        name = _unit_name(context.session, lead_unit)
        _tell(context, case, "case:decide", f"会商裁定：由 {name} 主办", f"Decided: {name} leads", reason)


# --- handling and checking ------------------------------------------------------------------------------------------


@listener("case.handle")
def handle(
    case_number: str,
    outcome: str,
    result: str = "",
    photos: list[str] | None = None,
    *,
    context: HandlerContext,
) -> None:
    """The department reported the result. A return is told by `give_back`."""
    if outcome != "done":
        return
    case = get(context.session, case_number)
    taken = pictures.attach(context.session, case_number, photos or [], actor=context.actor, phase="after")
    case.handled_by, case.handled_at, case.result = context.actor.user_id, context.now, result
    states.transition(case, states.CHECKING)
    _tell(
        context,
        case,
        "case:handle",
        f"反馈处置完成{_photos_zh(taken)}",
        f"Reported as done{_photos_en(taken)}",
        result,
        is_public=True,
    )


@listener("case.check")
def check(
    case_number: str,
    outcome: str,
    note: str | None = "",
    reason: str = "",
    photos: list[str] | None = None,
    *,
    context: HandlerContext,
) -> None:
    """Somebody else looked at the result on site: solved, or not. Rework is told by `rework`."""
    case = get(context.session, case_number)
    taken = pictures.attach(context.session, case_number, photos or [], actor=context.actor, phase="check")
    case.checked_by, case.checked_at = context.actor.user_id, context.now
    if outcome == "pass":
        states.transition(case, states.CLOSING)
        _tell(
            context, case, "case:check", f"核查合格{_photos_zh(taken)}", f"Inspected: solved{_photos_en(taken)}", note
        )
    else:
        zh, en = f"核查不合格{_photos_zh(taken)}", f"Inspected: not solved{_photos_en(taken)}"
        _tell(context, case, "case:check", zh, en, reason)


@handler("case.rework")
def rework(case_number: str, rework_count: int, *, context: HandlerContext) -> Variables:
    """Back to the department; everything it did is kept."""
    case = get(context.session, case_number)
    case.rework_count = rework_count + 1
    states.transition(case, states.HANDLING)
    return {"rework_count": case.rework_count}


# --- endings --------------------------------------------------------------------------------------------------------


@listener("case.settle")
def settle(
    case_number: str,
    outcome: str,
    closing_condition: str = "",
    note: str | None = "",
    reason: str = "",
    *,
    context: HandlerContext,
) -> None:
    """The shift leader's answer at the end; closing itself is told by `close`."""
    case = get(context.session, case_number)
    if outcome == "close":
        case.closing_condition, case.closed_by = closing_condition, context.actor.user_id
        _tell(
            context,
            case,
            "case:settle",
            f"同意结案，结案条件“{closing_condition}”",
            f"Approved: “{closing_condition}”",
            note,
        )
    else:
        _tell(context, case, "case:rework", "不予结案，返工", "Not closed, back to the department", reason)


@listener("case.close")
def close(case_number: str, *, context: HandlerContext) -> None:
    """The case is closed."""
    case = get(context.session, case_number)
    case.closing_level = _level(case.lead_unit or case.street_code)
    _end(context, case, states.CLOSED)
    _tell(context, case, "case:close", "结案", "Closed", is_public=True)


@listener("case.close_self_handled")
def close_self_handled(case_number: str, *, context: HandlerContext) -> None:
    """A self-handled case is closed: solved by the grid, no department was needed."""
    case = get(context.session, case_number)
    case.closing_level, case.closed_by = "grid", context.actor.user_id
    _end(context, case, states.CLOSED)
    _tell(context, case, "case:close", "审核属实，自行处置结案", "Reviewed and closed as self-handled", is_public=True)


@listener("case.void")
def void(case_number: str, reason: str = "", *, context: HandlerContext) -> None:
    """No such problem, or a duplicate of another case."""
    case = get(context.session, case_number)
    case.closed_by = context.actor.user_id
    case.duplicate_of = next(
        (link.target for link in links.of_case(context.session, case_number) if link.relation == "duplicate"), None
    )
    _end(context, case, states.VOID)
    _tell(context, case, "case:void", "作废", "Void", reason, is_public=True)


@listener("case.refuse")
def refuse(case_number: str, reason: str = "", *, context: HandlerContext) -> None:
    """Not a matter for this service; the reporter reads why."""
    case = get(context.session, case_number)
    case.closed_by = context.actor.user_id
    _end(context, case, states.NOT_ACCEPTED)
    _tell(context, case, "case:refuse", "不予受理", "Not accepted", reason, is_public=True)


@listener("case.remind")
def remind(case_number: str, clock: str, level: str, *, context: HandlerContext) -> None:
    """80 % or all of a limit is used: mark the clock and tell it once, however many tasks wait for that clock."""
    mark = clocks.mark_overdue if level == "overdue" else clocks.mark_warning
    if not mark(context.session, case_number, clock, actor=context.actor, now=context.now):
        return
    rule = clocks.rule_of(clock)
    zh, en = ("超时", "overdue") if level == "overdue" else ("时限已用 80%", "80 % of the limit used")
    _tell(
        context, get(context.session, case_number), f"clock:{level}", f"{rule.zh}{zh}", f"{rule.en}: {en}", clock=clock
    )


# --- the parts ------------------------------------------------------------------------------------------------------


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


def _end(context: HandlerContext, case: Case, status: str) -> None:
    states.transition(case, status)
    case.closed_at = context.now


def _tell(
    context: HandlerContext,
    case: Case,
    tag: str,
    zh: str,
    en: str,
    text: str | None = "",  # noqa: PLR0917 - one call a step reads better than five names each
    *,
    is_public: bool = False,
    **detail: str | None,
) -> None:
    """One line of the timeline; `text` are the person's own words."""
    events.record(
        context.session,
        case.number,
        tag,
        zh,
        en,
        actor=context.actor,
        now=context.now,
        is_public=is_public,
        text=(text or "").strip(),
        **detail,
    )


def _level(unit_code: str) -> str:
    """The level a department belongs to, by the digits its code begins with (GB/T 2260 and 10114)."""
    digits = unit_code.partition("-")[0]
    if len(digits) > 6:
        return "street"
    return "city" if digits.endswith("00") else "district"


def _unit_name(session: Session, code: str) -> str:
    unit = org.unit(session, code)
    return unit.name_zh


def _photos_zh(taken: int) -> str:
    return f"，附照片 {taken} 张" if taken else ""


def _photos_en(taken: int) -> str:
    return f", {taken} photos" if taken else ""
