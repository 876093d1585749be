"""Who holds which position in which unit, from when to when, and who stands in for whom.

What follows from it for one person is `handlers.org.viewers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, NotFoundError
from bpmn.values import Actor
from handlers.errors import refused
from handlers.org import changes, people, units
from handlers.org.days import local_day
from handlers.org.positions import POSITIONS
from handlers.org.tables import Acting, Membership


def appoint(
    session: Session,
    person_id: str,
    position: str,
    unit_code: str,
    *,
    first_on: date,
    last_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Membership:
    """Put a person into a position.

    :raises InvalidInputError: the position does not exist or has no seat in such a unit; the days are reversed.
    :raises ConflictError: the person holds this position there on one of the days.
    """
    people.person(session, person_id, lock=True)
    _check_seat(session, position, unit_code)
    _check_days(first_on, last_on)
    same = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.position == position,
        Membership.unit_code == unit_code,
        Membership.first_on <= (last_on or date.max),
        or_(Membership.last_on.is_(None), Membership.last_on >= first_on),
    )
    if session.scalar(same) is not None:
        raise ConflictError(why_zh="这段时间已任该岗位", why_en="the person already holds this position in these days")
    made = Membership(person_id=person_id, position=position, unit_code=unit_code, first_on=first_on, last_on=last_on)
    session.add(made)
    session.flush()
    detail = {"position": position, "first_on": first_on.isoformat(), "membership": made.id}
    changes.record(
        session, "org:membership:begin", actor=actor, now=now, unit_code=unit_code, person_id=person_id, detail=detail
    )
    return made


def end(session: Session, membership_id: str, last_on: date, *, actor: Actor, now: datetime) -> Membership:
    """Let a membership end with the day `last_on`.

    :raises NotFoundError: there is no such membership.
    :raises InvalidInputError: the day lies before the first one.
    """
    found = session.get(Membership, membership_id, with_for_update=True)
    if found is None:
        raise NotFoundError(what="membership")
    _check_days(found.first_on, last_on)
    found.last_on = last_on
    detail = {"position": found.position, "last_on": last_on.isoformat(), "membership": found.id}
    changes.record(
        session,
        "org:membership:end",
        actor=actor,
        now=now,
        unit_code=found.unit_code,
        person_id=found.person_id,
        detail=detail,
    )
    return found


def stand_in(
    session: Session,
    stand_in_id: str,
    position: str,
    unit_code: str,
    *,
    absent_id: str | None,
    first_on: date,
    last_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Acting:
    """Ask that a person stands in for a position; it counts only after `consent`.

    An acting position is not passed on: the absent person must hold it themselves, and the one who stands in must
    hold a position of their own.

    :raises InvalidInputError: one of the fields does not fit.
    :raises ConflictError: somebody already stands in for this seat on one of the days.
    """
    units.unit(session, unit_code, lock=True)
    _check_seat(session, position, unit_code)
    _check_days(first_on, last_on)
    if absent_id == stand_in_id:
        raise refused("stand_in_id", "不能由本人代理", "nobody stands in for themselves")
    if not reason.strip():
        raise refused("reason", "请写明代理原因", "say why somebody stands in")
    if absent_id is not None and not _holds(session, absent_id, position, unit_code, first_on):
        raise refused(
            "absent_id", "此人不任该岗位，代理不可再转代", "this person does not hold the position themselves"
        )
    if not _holds(session, stand_in_id, None, None, first_on):
        raise refused("stand_in_id", "代理人没有在任岗位", "the one who stands in holds no position")
    _refuse_a_second(session, position, unit_code, absent_id, first_on=first_on, last_on=last_on)
    made = Acting(
        stand_in_id=stand_in_id,
        absent_id=absent_id,
        position=position,
        unit_code=unit_code,
        reason=reason.strip(),
        first_on=first_on,
        last_on=last_on,
        requested_by=actor.user_id,
    )
    session.add(made)
    session.flush()
    _record_acting(session, "org:acting:request", made, actor=actor, now=now)
    return made


def consent(session: Session, acting_id: str, *, actor: Actor, now: datetime) -> Acting:
    """Agree to an acting position. Repeating changes nothing.

    :raises NotFoundError: there is none with this id.
    :raises ConflictError: nobody agrees to their own standing in.
    """
    found = _acting(session, acting_id)
    if found.consented_at is not None:
        return found
    if actor.user_id == found.stand_in_id and not actor.system:
        raise ConflictError(why_zh="不能同意自己的代理", why_en="nobody agrees to their own standing in")
    found.consented_by, found.consented_at = actor.user_id, now
    _record_acting(session, "org:acting:consent", found, actor=actor, now=now)
    return found


def end_acting(session: Session, acting_id: str, *, actor: Actor, now: datetime) -> None:
    """End an acting position with yesterday, or remove it when it has not begun."""
    found = _acting(session, acting_id)
    _record_acting(session, "org:acting:end", found, actor=actor, now=now)
    yesterday = local_day(now) - timedelta(days=1)
    if found.first_on > yesterday:
        session.delete(found)
    else:
        found.last_on = min(found.last_on, yesterday)


def in_force(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that a membership counts on the day `on`."""
    return and_(Membership.first_on <= on, or_(Membership.last_on.is_(None), Membership.last_on >= on))


def acting_in_force(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that an acting position counts on the day `on`."""
    return and_(Acting.first_on <= on, Acting.last_on >= on, Acting.consented_at.is_not(None))


def of_person(session: Session, person_id: str) -> Sequence[Membership]:
    """All memberships of a person, the newest first, past and future ones too."""
    statement = select(Membership).where(Membership.person_id == person_id)
    return session.scalars(statement.order_by(Membership.first_on.desc(), Membership.id.desc())).all()


def _check_seat(session: Session, position: str, unit_code: str) -> None:
    if position not in POSITIONS:
        raise refused("position", "没有这个岗位", "there is no such position")
    seat = units.unit(session, unit_code)
    if seat.level not in POSITIONS[position].levels:
        raise refused("position", "这个单位不设该岗位", "this position is not seated in such a unit")
    if seat.closed_on is not None:
        raise refused("unit_code", "该单位已撤销", "this unit is closed")


def _check_days(first_on: date, last_on: date | None) -> None:
    if last_on is not None and last_on < first_on:
        raise refused("last_on", "结束日期早于开始日期", "the last day lies before the first")


def _holds(session: Session, person_id: str, position: str | None, unit_code: str | None, on: date) -> bool:
    statement = select(Membership.id).where(Membership.person_id == person_id, in_force(on))
    if position is not None:
        statement = statement.where(Membership.position == position, Membership.unit_code == unit_code)
    return session.scalar(statement.limit(1)) is not None


def _refuse_a_second(
    session: Session, position: str, unit_code: str, absent_id: str | None, *, first_on: date, last_on: date
) -> None:
    statement = select(Acting.id).where(
        Acting.position == position,
        Acting.unit_code == unit_code,
        Acting.absent_id.is_not_distinct_from(absent_id),
        Acting.first_on <= last_on,
        Acting.last_on >= first_on,
    )
    if session.scalar(statement.limit(1)) is not None:
        raise ConflictError(why_zh="这段时间已有人代理", why_en="somebody already stands in on one of these days")


def _acting(session: Session, acting_id: str) -> Acting:
    found = session.get(Acting, acting_id, with_for_update=True)
    if found is None:
        raise NotFoundError(what="acting position")
    return found


def _record_acting(session: Session, tag: str, acting: Acting, *, actor: Actor, now: datetime) -> None:
    detail = {
        "acting": acting.id,
        "position": acting.position,
        "first_on": acting.first_on.isoformat(),
        "last_on": acting.last_on.isoformat(),
    }
    changes.record(
        session,
        tag,
        actor=actor,
        now=now,
        unit_code=acting.unit_code,
        person_id=acting.stand_in_id,
        detail=detail,
    )
