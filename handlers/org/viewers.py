"""What follows for a person from positions and acting positions: the seats, the candidate groups, the Viewer.

One statement per person. What a viewer may do is `handlers.permissions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, String, bindparam, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from bpmn.errors import NotFoundError
from bpmn.values import Actor
from handlers.org.days import local_day
from handlers.org.memberships import acting_in_force, in_force
from handlers.org.positions import group_key, split_group
from handlers.org.tables import Acting, Membership, OrgUnit, Person

VOLUNTEER = "grid_volunteer"
ADMINISTRATOR = "administrator"


class SeatKey(NamedTuple):
    """A position held in a unit; the path begins with the city and ends with the unit."""

    position: str
    unit_code: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A position held in a unit, with what permissions need to know about the unit."""

    position: str
    unit_code: str
    unit_path: str
    level: str
    kind: str | None
    acting_for: str | None = None
    """The person stood in for, `vacancy` for a vacant position, None for a position of one's own."""
    grids: tuple[str, ...] = ()
    """The responsibility grids below an administrative one."""

    @property
    def groups(self) -> frozenset[str]:
        """The candidate groups that the seat answers for: an administrative grid answers for those inside it."""
        return frozenset(group_key(self.position, code) for code in (self.unit_code, *self.grids))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a person with everything that permissions are decided by, computed once per request."""

    person_id: str
    name: str
    language: str
    positions: tuple[SeatKey, ...]
    groups: frozenset[str]
    is_volunteer: bool
    is_admin: bool
    username: str = ""
    name_en: str = ""
    session_epoch: int = 0
    seats: tuple[Seat, ...] = field(default=())

    def actor(self) -> Actor:
        """The same person for the platform."""
        return Actor(self.person_id, self.name, self.groups)

    def holds(self, *positions: str) -> bool:
        """True when the person holds one of the positions, or stands in for it."""
        return any(seat.position in positions for seat in self.seats)

    def seats_in(self, *positions: str) -> tuple[Seat, ...]:
        """The seats in one of the positions."""
        return tuple(seat for seat in self.seats if seat.position in positions)


def of_seats(person: Any, seats: Sequence[Seat]) -> Viewer:
    """The viewer that these seats make of a person, which is a `Person` or a row with its columns.

    Who is a volunteer and nothing else, or nothing at all, counts as a volunteer.
    """
    ordered = tuple(sorted(set(seats), key=lambda seat: (seat.acting_for is not None, seat.unit_path, seat.position)))
    return Viewer(
        person_id=person.id,
        name=person.name_zh,
        name_en=person.name_en,
        username=person.username,
        language=person.language,
        session_epoch=person.session_epoch,
        positions=tuple(SeatKey(seat.position, seat.unit_code, seat.unit_path) for seat in ordered),
        groups=frozenset().union(*(seat.groups for seat in ordered)),
        is_volunteer=all(seat.position == VOLUNTEER for seat in ordered),
        is_admin=any(seat.position == ADMINISTRATOR for seat in ordered),
        seats=ordered,
    )


def viewer(session: Session, person_id: str, now: datetime) -> Viewer:
    """The viewer that a person is at the moment `now`. One statement.

    :raises NotFoundError: there is no such person, or the account is closed.
    """
    rows = session.execute(_statement(), {"person_id": person_id, "on": local_day(now)}).all()
    if not rows:
        raise NotFoundError(what="person", person_id=person_id)
    return of_seats(rows[0], [_seat(row) for row in rows if row.position is not None])


def people_in(session: Session, group: str, now: datetime) -> Sequence[Person]:
    """The people with open accounts who are in a candidate group at the moment `now`, by user name.

    Who is seated in an administrative grid is in the groups of the responsibility grids inside it too.
    """
    position, unit_code = split_group(group)
    on = local_day(now)
    parent = select(OrgUnit.parent_code).where(OrgUnit.code == unit_code, OrgUnit.level == "responsibility_grid")
    own = select(Membership.person_id).where(
        in_force(on),
        Membership.position == position,
        or_(Membership.unit_code == unit_code, Membership.unit_code == parent.scalar_subquery()),
    )
    stood_in = select(Acting.stand_in_id).where(
        acting_in_force(on),
        Acting.position == position,
        or_(Acting.unit_code == unit_code, Acting.unit_code == parent.scalar_subquery()),
    )
    statement = select(Person).where(Person.is_active, Person.id.in_(union_all(own, stood_in)))
    return session.scalars(statement.order_by(Person.username)).all()


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    """The person `person_id` on the day `on`: one row per seat, or one row with empty seat columns. Built once."""
    on = bindparam("on", type_=Date)
    own = select(
        Membership.person_id.label("person_id"),
        Membership.position.label("position"),
        Membership.unit_code.label("unit_code"),
        cast(null(), String).label("acting_for"),
    ).where(in_force(on))
    stood_in = select(
        Acting.stand_in_id,
        Acting.position,
        Acting.unit_code,
        func.coalesce(Acting.absent_id, literal("vacancy")),
    ).where(acting_in_force(on))
    seat = union_all(own, stood_in).subquery("seat")
    inner = aliased(OrgUnit)
    grids = (
        select(func.array_agg(inner.code))
        .where(inner.parent_code == OrgUnit.code, inner.level == "responsibility_grid", inner.closed_on.is_(None))
        .scalar_subquery()
    )
    person = [Person.id, Person.name_zh, Person.name_en, Person.username, Person.language, Person.session_epoch]
    unit = [OrgUnit.path, OrgUnit.level, OrgUnit.kind]
    return (
        select(*person, seat.c.position, seat.c.unit_code, seat.c.acting_for, *unit, grids.label("grids"))
        .select_from(Person)
        .outerjoin(seat, seat.c.person_id == Person.id)
        .outerjoin(OrgUnit, OrgUnit.code == seat.c.unit_code)
        .where(Person.id == bindparam("person_id"), Person.is_active)
    )


def _seat(row: Any) -> Seat:
    return Seat(
        position=row.position,
        unit_code=row.unit_code,
        unit_path=row.path,
        level=row.level,
        kind=row.kind,
        acting_for=row.acting_for,
        grids=tuple(sorted(row.grids or ())),
    )
