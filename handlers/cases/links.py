"""What a case is about: places, components, households and other cases it is joined to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError
from bpmn.values import Actor
from handlers.cases.tables import CaseLink

KINDS: Final[dict[str, tuple[str, str]]] = {
    "place": ("地点", "Place"),
    "component": ("部件", "Component"),
    "household": ("住户", "Household"),
    "person": ("人员", "Person"),
    "case": ("案件", "Case"),
}
RELATIONS: Final = frozenset({"about", "involves", "duplicate", "related"})


def add(
    session: Session,
    case_number: str,
    kind: str,
    target: str,
    *,
    actor: Actor,
    now: datetime,
    label: str = "",
    relation: str = "about",
) -> None:
    """Join the case to `target`. Joining it again changes nothing."""
    if kind not in KINDS or relation not in RELATIONS or not target.strip():
        raise InvalidInputError(fields={"link": [("关联对象不正确。", "This cannot be linked.")]})
    if kind == "case" and target == case_number:
        raise InvalidInputError(fields={"link": [("案件不能关联自身。", "A case cannot be linked to itself.")]})
    session.execute(
        insert(CaseLink)
        .values(
            case_number=case_number,
            kind=kind,
            target=target.strip(),
            label=label,
            relation=relation,
            linked_by=actor.user_id,
            linked_at=now,
        )
        .on_conflict_do_nothing(index_elements=[CaseLink.case_number, CaseLink.kind, CaseLink.target])
    )


def remove(session: Session, case_number: str, kind: str, target: str) -> None:
    """Take the link away; it may be gone already."""
    session.execute(
        delete(CaseLink).where(CaseLink.case_number == case_number, CaseLink.kind == kind, CaseLink.target == target)
    )


def of_case(session: Session, case_number: str) -> list[CaseLink]:
    """What the case is joined to, in the order it was joined."""
    query = select(CaseLink).where(CaseLink.case_number == case_number).order_by(CaseLink.id)
    return list(session.scalars(query))


def cases_about(session: Session, kind: str, target: str) -> list[str]:
    """Numbers of the cases joined to `target`, newest first."""
    query = (
        select(CaseLink.case_number)
        .where(CaseLink.kind == kind, CaseLink.target == target)
        .order_by(CaseLink.case_number.desc())
    )
    return list(session.scalars(query))
