"""A street, a department and people with tokens: the least that a benchmark over HTTP needs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from handlers import clocks
from handlers.org import memberships, people, units
from handlers.org.days import local_day
from tools.bench.setting import ACTOR, Place, moment
from webapp.auth import sessions

CITY, DISTRICT, STREET, DEPARTMENT = "441300", "441302", "441302008", "441302008-cg"
SEATS = (
    ("acceptor", STREET),
    ("dispatcher", STREET),
    ("checker", STREET),
    ("department_staff", DEPARTMENT),
)


def build(place: Place, count: int) -> list[tuple[str, str]]:
    """Make the units and `count` people who hold every position of the benchmark's diagrams.

    Answers (person id, API token) of each.
    """

    def work(session: Session) -> list[tuple[str, str]]:
        now = moment()
        _unit(session, CITY, "city", None)
        _unit(session, DISTRICT, "district", CITY)
        _unit(session, STREET, "street", DISTRICT)
        _unit(session, DEPARTMENT, "department", STREET)
        clocks.seed(session, actor=ACTOR, now=now)
        made = []
        for number in range(count):
            person = people.create(
                session,
                f"bench{number:02d}",
                name_zh=f"处置人员 {number:02d}",
                name_en=f"Staff {number:02d}",
                password="measure only, 2026",  # noqa: S106 - an account of a database that is dropped
                actor=ACTOR,
                now=now,
            )
            session.flush()
            for position, unit in SEATS:
                memberships.appoint(session, person.id, position, unit, first_on=local_day(now), actor=ACTOR, now=now)
            token = sessions.issue_token(session, person.id, "bench", length=timedelta(days=1), now=now)
            made.append((person.id, token))
        return made

    return place.run(work)


def _unit(session: Session, code: str, level: str, parent: str | None) -> None:
    units.create(
        session,
        code,
        level=level,
        parent_code=parent,
        name_zh=code,
        name_en=code,
        kind="cg" if level == "department" else None,
        actor=ACTOR,
        now=moment(),
    )
    session.flush()
