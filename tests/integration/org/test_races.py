"""Two administrators at the same moment: one of them wins, the other is told, nothing is there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, GridWhistleError
from bpmn.values import Actor
from handlers.errors import UsernameTakenError
from handlers.org import grids, memberships, people, seed, units
from handlers.org.tables import GridPlan, Membership, Person
from tests.support.databases import TestDatabase
from tests.support.towns import NOW

BOSS = Actor("boss")
AT_ONCE = 6


def all_at_once(database: TestDatabase, work: Callable[[Session, int], object]) -> Counter[str]:
    """How the threads ended: done, or the code of the refusal."""

    def one(number: int) -> str:
        try:
            with database.factory.begin() as session:
                work(session, number)
        except GridWhistleError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(one, range(AT_ONCE)))


def test_one_of_many_gets_the_user_name(committed: TestDatabase) -> None:
    def create(session: Session, number: int) -> None:
        people.create(session, "wanted", name_zh="新人", name_en="", password="good-pass-1", actor=BOSS, now=NOW)

    assert all_at_once(committed, create) == {"done": 1, UsernameTakenError.code: AT_ONCE - 1}
    with committed.factory() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_one_position_is_held_once_by_one_person(committed: TestDatabase) -> None:
    with committed.factory.begin() as session:
        seed.load(session, NOW, lambda username: "good-pass-1")
        who = people.create(
            session, "wanted", name_zh="新人", name_en="", password="good-pass-1", actor=BOSS, now=NOW
        ).id

    def appoint(session: Session, number: int) -> None:
        memberships.appoint(session, who, "acceptor", "441302008", first_on=NOW.date(), actor=BOSS, now=NOW)

    assert all_at_once(committed, appoint) == {"done": 1, ConflictError.code: AT_ONCE - 1}
    with committed.factory() as session:
        held = select(func.count()).select_from(Membership).where(Membership.person_id == who)
        assert session.scalar(held) == 1

    features = seed.read("grids.geojson")["features"]

    def publish(session: Session, number: int) -> None:
        later = NOW + timedelta(days=1)
        grids.publish(session, "441302008", grids.read(features), valid_from=later, actor=BOSS, now=NOW)

    assert all_at_once(committed, publish) == {"done": 1, ConflictError.code: AT_ONCE - 1}
    with committed.factory() as session:
        assert sorted(session.scalars(select(GridPlan.version))) == [1, 2]

    def create(session: Session, number: int) -> None:
        units.create(
            session,
            "441302008-zz",
            level="department",
            parent_code="441302008",
            name_zh="新",
            name_en="new",
            kind="zz",
            actor=BOSS,
            now=NOW,
        )

    assert all_at_once(committed, create) == {"done": 1, ConflictError.code: AT_ONCE - 1}
