"""The words that all steps share: a line of the timeline, how many photos came."""

from __future__ import annotations

from typing import Any

from bpmn.registry import HandlerContext
from handlers.cases import events
from handlers.cases.tables import Case


def tell(
    context: HandlerContext,
    case: Case,
    tag: str,
    sentence: tuple[str, str],
    text: str | None = "",
    *,
    is_public: bool = False,
    **detail: Any,
) -> None:
    """One line of the timeline, Chinese and English; `text` are the person's own words."""
    events.record(
        context.session,
        case.number,
        tag,
        *sentence,
        actor=context.actor,
        now=context.now,
        is_public=is_public,
        text=(text or "").strip(),
        **detail,
    )


def photos_zh(taken: int) -> str:
    """The Chinese end of a sentence about `taken` photos."""
    return f"，附照片 {taken} 张" if taken else ""


def photos_en(taken: int) -> str:
    """The English end of a sentence about `taken` photos."""
    return f", {taken} photo{'s' if taken > 1 else ''}" if taken else ""
