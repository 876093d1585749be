"""Acceptance: the answers of acceptor and verifier before a case is filed."""

from __future__ import annotations

from bpmn.registry import HandlerContext, listener
from handlers.cases import choices, states
from handlers.cases import photos as pictures
from handlers.cases.queries import get
from handlers.cases.steps.telling import photos_en, photos_zh, tell


@listener("case.review_self_handled")
def review_self_handled(case_number: str, outcome: str, reason: str = "", *, context: HandlerContext) -> None:
    """The acceptor looked at a self-handled case: solved, or on to ordinary acceptance."""
    case = get(context.session, case_number)
    case.accepted_by = context.actor.user_id
    if outcome == "close":
        case.accepted_at = context.now
    else:
        case.self_handled = False
        tell(
            context,
            case,
            "case:reopen",
            ("审核自行处置：未解决，转正常受理", "Reviewed: not solved, accepted as usual"),
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
    chosen = choices.filing_condition(context.session, case, condition) if condition else None
    case.accepted_by = context.actor.user_id
    if outcome in ("submit", "void"):
        case.accepted_at = case.accepted_at or context.now
        case.condition = chosen.code if chosen else case.condition
        states.transition(case, states.ACCEPTED)
    zh, en = {
        "submit": ("受理，提请立案", "Accepted and submitted for filing"),
        "void": ("提请作废", "Proposed voiding"),
        "verify": ("派人现场核实", "Ordered a verification on site"),
        "refuse": ("拟不予受理", "Refused"),
    }[outcome]
    if outcome != "refuse":
        tell(
            context,
            case,
            f"case:{outcome}",
            (zh, en),
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
    tell(context, case, "case:verify", (f"现场核实：{zh}{photos_zh(taken)}", f"Verified: {en}{photos_en(taken)}"), note)
