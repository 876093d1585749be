"""The timeline of a case: who did what when, in both languages, written with the step that did it.

Sentences are made when a thing happens, so that a later change of names or words never rewrites the past.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers.cases.tables import Case, CaseEvent

ADDITIONS: Final = frozenset({"case:same", "case:photo"})
"""Tags of lines that add to somebody else's report: anybody near may write one, so it is no part in the case."""


def is_part(line: type[CaseEvent]) -> ColumnElement[bool]:
    """The condition on lines that make their actor a participant: reporting it, or a step of its process."""
    return line.tag.not_in(ADDITIONS)


def record(
    session: Session,
    case_number: str,
    tag: str,
    zh: str,
    en: str,
    *,
    actor: Actor,
    now: datetime,
    is_public: bool = False,
    **detail: Any,
) -> CaseEvent:
    """Add one line. `detail` holds quoted words and references; values that are None or empty are left out."""
    event = CaseEvent(
        case_number=case_number,
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.name or actor.user_id,
        tag=tag,
        zh=zh,
        en=en,
        detail={name: value for name, value in detail.items() if value not in (None, "", [], ())},
        is_public=is_public,
    )
    session.add(event)
    return event


def timeline(session: Session, case: Case | str, *, public_only: bool = False) -> list[CaseEvent]:
    """The lines of a case, oldest first; `public_only` for its reporter."""
    number = case if isinstance(case, str) else case.number
    query = select(CaseEvent).where(CaseEvent.case_number == number).order_by(CaseEvent.at, CaseEvent.id)
    return list(session.scalars(query.where(CaseEvent.is_public) if public_only else query))
