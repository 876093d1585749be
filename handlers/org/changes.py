"""The log of changes of the organisation: append-only rows, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers.org.tables import OrgChange, OrgUnit


def record(
    session: Session,
    tag: str,
    *,
    actor: Actor,
    now: datetime,
    unit_code: str | None = None,
    person_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one row. `detail` never holds a password or a telephone number."""
    session.add(
        OrgChange(
            at=now, actor=actor.user_id, tag=tag, unit_code=unit_code, person_id=person_id, detail=dict(detail or {})
        )
    )


def latest(session: Session, unit_path: str, *, limit: int = 50) -> Sequence[OrgChange]:
    """The newest changes in a unit and below it."""
    below = select(OrgUnit.code).where(OrgUnit.path.startswith(unit_path, autoescape=True))
    statement = select(OrgChange).where(OrgChange.unit_code.in_(below)).order_by(OrgChange.id.desc()).limit(limit)
    return session.scalars(statement).all()
