"""How far the making of the demo town came: marks in the organisation's log, written with what they tell of.

The first mark is committed together with the first people, the last one after the last case, so that a start that was
interrupted between them is known for what it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from bpmn import definitions
from bpmn.values import Actor
from handlers.cases.tables import CaseEvent
from handlers.org.tables import OrgChange, Person

BEGUN: Final = "demo:town:begin"
FINISHED: Final = "demo:town:finish"
KEPT: Final = ("alembic_version",)

State = Literal["empty", "interrupted", "worked in", "settled"]


def state_of(session: Session) -> State:
    """What the database holds: nothing, a part of a town (untouched or not), or what is nobody's to change."""
    if not session.scalar(select(exists().where(Person.id.is_not(None)))):
        return "empty"
    moments = select(OrgChange.tag, func.max(OrgChange.at)).where(OrgChange.tag.in_((BEGUN, FINISHED)))
    marks = {row[0]: row[1] for row in session.execute(moments.group_by(OrgChange.tag))}
    if BEGUN not in marks or FINISHED in marks:
        return "settled"
    later = (exists().where(CaseEvent.at > marks[BEGUN]), exists().where(OrgChange.at > marks[BEGUN]))
    return "worked in" if any(session.scalar(select(each)) for each in later) else "interrupted"


def begin(session: Session, *, actor: Actor, now: datetime) -> None:
    """Mark that the town is being made; everything in it happens up to `now`."""
    _mark(session, BEGUN, actor, now)


def finish(session: Session, *, actor: Actor, now: datetime) -> None:
    """Mark that the town is whole."""
    _mark(session, FINISHED, actor, now)


def empty(session: Session) -> None:
    """Empty every table, all in one transaction with what follows."""
    tables = session.scalars(
        text(
            "SELECT quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname = current_schema() AND tablename <> ALL(:kept) ORDER BY tablename"
        ),
        {"kept": list(KEPT)},
    ).all()
    session.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
    session.expire_all()
    definitions.forget_cached()


def _mark(session: Session, tag: str, actor: Actor, now: datetime) -> None:
    session.add(OrgChange(at=now, actor=actor.user_id, tag=tag, unit_code=None, person_id=None, detail={}))
