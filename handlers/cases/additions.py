"""Adding to somebody else's report: "it is the same problem", with photos or words, on a case that is still open.

It opens nothing to the person who adds (`events.ADDITIONS`); whether the place fits is asked by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, NotFoundError
from bpmn.values import Actor
from handlers.cases import events, photos, states, validation
from handlers.cases.tables import Case, CaseEvent
from handlers.errors import refused

MOST: Final = 5
"""How often one person may add to one case; whoever has more to say reports anew."""


def add_same(
    session: Session,
    number: str,
    text: str,
    take_photos: Callable[[], tuple[str, ...]],
    *,
    key: str | None,
    actor: Actor,
    now: datetime,
) -> Case:
    """Put photos and words of a second reporter on the case. The same `key` of the same person adds nothing again.

    `take_photos` takes in what was sent and is called only when it is needed. The line is never public: the first
    reporter reads the progress of the case, not other people's words. Locks the case.
    :raises ConflictError: the case has ended, or this person has added to it often enough.
    :raises InvalidInputError: neither words nor photos.
    """
    case = session.get(Case, number, with_for_update=True)
    if case is None:
        raise NotFoundError(what="case")
    if key is not None and _is_known(session, number, key, actor):
        return case
    states.require_open(case)
    text = text.strip()
    validation.check_text("description", text)
    if _times(session, number, actor) >= MOST:
        raise ConflictError(
            why_zh=f"您已为案件 {number} 补充 {MOST} 次；如有新问题，请重新上报。",
            why_en=f"you have added to case {number} {MOST} times; please report a new problem anew.",
        )
    added = photos.attach(session, number, take_photos(), actor=actor, phase="before")
    if not added and not text:
        raise refused("photos", "请附照片或写几句说明。", "Please add a photo or say a few words.")
    zh, en = _sentence(added)
    events.record(session, number, "case:same", zh, en, actor=actor, now=now, text=text, submission=key)
    return case


def _sentence(added: int) -> tuple[str, str]:
    if not added:
        return "又有人上报同一件", "Reported again"
    return f"又有人上报同一件，补照片 {added} 张", f"Reported again, {added} photo{'s' if added > 1 else ''} added"


def _is_known(session: Session, number: str, key: str, actor: Actor) -> bool:
    line = select(CaseEvent.id).where(
        CaseEvent.actor_id == actor.user_id,
        CaseEvent.case_number == number,
        CaseEvent.detail["submission"].astext == key,
    )
    return session.scalar(line.limit(1)) is not None


def _times(session: Session, number: str, actor: Actor) -> int:
    lines = select(func.count()).where(
        CaseEvent.actor_id == actor.user_id,
        CaseEvent.case_number == number,
        CaseEvent.tag.in_(events.ADDITIONS),
    )
    return session.scalar(lines) or 0
