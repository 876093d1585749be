"""Handling and checking: what the department reports, what the inspection finds, rework, and late reminders."""

from __future__ import annotations

from bpmn.registry import HandlerContext, handler, listener
from bpmn.values import Variables
from handlers import clocks
from handlers.cases import photos as pictures
from handlers.cases import states
from handlers.cases.queries import get
from handlers.cases.steps.telling import photos_en, photos_zh, tell


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
    tell(
        context,
        case,
        "case:handle",
        (f"反馈处置完成{photos_zh(taken)}", f"Reported as done{photos_en(taken)}"),
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
        tell(context, case, "case:check", (f"核查合格{photos_zh(taken)}", f"Inspected: solved{photos_en(taken)}"), note)
    else:
        zh, en = f"核查不合格{photos_zh(taken)}", f"Inspected: not solved{photos_en(taken)}"
        tell(context, case, "case:check", (zh, en), reason)


@handler("case.rework")
def rework(case_number: str, rework_count: int, *, context: HandlerContext) -> Variables:
    """Back to the department; everything it did is kept."""
    case = get(context.session, case_number)
    case.rework_count = rework_count + 1
    states.transition(case, states.HANDLING)
    return {"rework_count": case.rework_count}


@listener("case.remind")
def remind(case_number: str, clock: str, level: str, *, context: HandlerContext) -> None:
    """80 % or all of a limit is used: mark the clock and tell it once, however many tasks wait for that clock."""
    mark = clocks.mark_overdue if level == "overdue" else clocks.mark_warning
    if not mark(context.session, case_number, clock, actor=context.actor, now=context.now):
        return
    rule = clocks.rule_of(clock)
    zh, en = ("超时", "overdue") if level == "overdue" else ("时限已用 80%", "80 % of the limit used")
    tell(
        context,
        get(context.session, case_number),
        f"clock:{level}",
        (f"{rule.zh}{zh}", f"{rule.en.capitalize()}: {en}"),
        clock_name=clock,
    )
