"""What positions, their days and standing in make of a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, InvalidInputError, NotFoundError
from bpmn.values import Actor
from handlers import org
from handlers.org import memberships, people
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, STREET, person, statements_of, viewer

BOSS = Actor("boss")
TODAY = date(2026, 11, 22)


def test_a_grid_officer_answers_for_the_responsibility_grids_inside_the_administrative_one(town: Session) -> None:
    found = viewer(town, "officer03-2")
    assert found.positions == (
        ("grid_officer", "441302008-AG03", "/441300/441302/441302008/441302008003/441302008-AG03/"),
    )
    inside = {f"grid_officer@441302008-RG{number:03}" for number in range(14, 18)}
    assert found.groups == {"grid_officer@441302008-AG03"} | inside
    assert not found.is_volunteer
    assert not found.is_admin
    assert found.actor() == Actor(found.person_id, "网格员 03-2", found.groups)


def test_a_viewer_costs_one_statement(town_database: TestDatabase, town: Session) -> None:
    officer = person(town, "officer03-2").id
    with statements_of(town_database.engine) as statements:
        org.viewer(town, officer, NOW)
    assert len(statements) == 1


def test_volunteers_and_people_without_a_seat_count_as_volunteers(town: Session) -> None:
    assert viewer(town, "volunteer03-1").is_volunteer
    nobody = people.create(
        town, "newcomer", name_zh="新人", name_en="", password="some-password-1", actor=BOSS, now=NOW
    )
    found = org.viewer(town, nobody.id, NOW)
    assert found.is_volunteer
    assert found.groups == frozenset()
    memberships.appoint(town, nobody.id, "grid_volunteer", "441302008-AG01", first_on=TODAY, actor=BOSS, now=NOW)
    memberships.appoint(town, nobody.id, "acceptor", STREET, first_on=TODAY, actor=BOSS, now=NOW)
    assert not org.viewer(town, nobody.id, NOW).is_volunteer


def test_the_last_day_of_a_membership_counts_until_midnight_in_the_town(town: Session) -> None:
    who = person(town, "dispatcher03")
    [held] = memberships.of_person(town, who.id)
    memberships.end(town, held.id, TODAY, actor=BOSS, now=NOW)
    last_minute = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)
    assert org.viewer(town, who.id, last_minute).holds("dispatcher")
    assert not org.viewer(town, who.id, last_minute + timedelta(minutes=1)).holds("dispatcher")
    assert "dispatcher03" not in usernames(town, f"dispatcher@{STREET}", last_minute + timedelta(minutes=1))


def test_a_future_membership_does_not_count_yet(town: Session) -> None:
    who = person(town, "cg01")
    memberships.appoint(
        town, who.id, "department_lead", f"{STREET}-cg", first_on=TODAY + timedelta(days=1), actor=BOSS, now=NOW
    )
    assert not org.viewer(town, who.id, NOW).holds("department_lead")
    assert org.viewer(town, who.id, NOW + timedelta(days=1)).holds("department_lead")


def test_a_closed_account_is_nobody(town: Session) -> None:
    who = person(town, "cg02")
    people.set_active(town, who.id, False, actor=BOSS, now=NOW)
    with pytest.raises(NotFoundError):
        org.viewer(town, who.id, NOW)
    assert "cg02" not in usernames(town, f"department_staff@{STREET}-cg")


def test_groups_hold_the_people_seated_there(town: Session) -> None:
    assert usernames(town, f"acceptor@{STREET}") == ["acceptor01", "acceptor02", "acceptor03", "acceptor04"]
    assert usernames(town, f"department_staff@{STREET}-hw") == ["hw01", "hw02"]
    assert usernames(town, "grid_officer@441302008-RG014") == ["officer03-1", "officer03-2"]
    assert usernames(town, "grid_officer@441302008-AG03") == ["officer03-1", "officer03-2"]
    assert usernames(town, "acceptor@nowhere") == []
    assert usernames(town, "nonsense") == []


def test_everybody_in_a_group_has_the_group_and_nobody_else(town: Session) -> None:
    accounts = {each.username for each in town.query(people.Person)}
    viewers = {username: viewer(town, username) for username in accounts}
    for group in set().union(*(each.groups for each in viewers.values())):
        assert set(usernames(town, group)) == {name for name, each in viewers.items() if group in each.groups}


def test_standing_in_counts_between_its_days_once_consented(town: Session) -> None:
    absent, substitute = person(town, "dispatcher03"), person(town, "acceptor01")
    acting = memberships.stand_in(
        town,
        substitute.id,
        "dispatcher",
        STREET,
        absent_id=absent.id,
        first_on=TODAY,
        last_on=TODAY + timedelta(days=4),
        reason="休假",
        actor=BOSS,
        now=NOW,
    )
    assert not org.viewer(town, substitute.id, NOW).holds("dispatcher")
    memberships.consent(town, acting.id, actor=Actor("leader"), now=NOW)
    found = org.viewer(town, substitute.id, NOW)
    assert [seat.acting_for for seat in found.seats_in("dispatcher")] == [absent.id]
    assert f"dispatcher@{STREET}" in found.groups
    assert "acceptor01" in usernames(town, f"dispatcher@{STREET}")
    assert not org.viewer(town, substitute.id, NOW + timedelta(days=5)).holds("dispatcher")
    memberships.end_acting(town, acting.id, actor=BOSS, now=NOW + timedelta(days=2))
    assert not org.viewer(town, substitute.id, NOW + timedelta(days=2)).holds("dispatcher")


def test_a_vacant_position_can_be_stood_in_for(town: Session) -> None:
    deputy = person(town, "deputy03")
    acting = memberships.stand_in(
        town,
        deputy.id,
        "grid_deputy",
        "441302008004",
        absent_id=None,
        first_on=TODAY,
        last_on=TODAY,
        reason="空缺",
        actor=BOSS,
        now=NOW,
    )
    memberships.consent(town, acting.id, actor=BOSS, now=NOW)
    found = org.viewer(town, deputy.id, NOW)
    assert {seat.acting_for for seat in found.seats} == {None, "vacancy"}


def test_an_acting_position_is_neither_passed_on_nor_given_twice_nor_agreed_to_by_oneself(town: Session) -> None:
    absent, substitute, third = (person(town, name).id for name in ("dispatcher03", "acceptor01", "acceptor02"))

    def ask(who: str, for_whom: str | None, position: str = "dispatcher") -> str:
        made = memberships.stand_in(
            town,
            who,
            position,
            STREET,
            absent_id=for_whom,
            first_on=TODAY,
            last_on=TODAY,
            reason="学习",
            actor=BOSS,
            now=NOW,
        )
        return made.id

    first = ask(substitute, absent)
    with pytest.raises(ConflictError):
        memberships.consent(town, first, actor=Actor(substitute), now=NOW)
    memberships.consent(town, first, actor=BOSS, now=NOW)
    with pytest.raises(ConflictError):
        ask(third, absent)
    with pytest.raises(InvalidInputError, match="attention") as passed_on:
        ask(third, substitute)
    assert passed_on.value.fields("zh") == {"absent_id": ["此人不任该岗位，代理不可再转代"]}
    with pytest.raises(InvalidInputError):
        ask(absent, absent)


def test_a_position_is_seated_only_where_it_belongs_and_only_once(town: Session) -> None:
    who = person(town, "acceptor01").id
    for position, unit, field in (
        ("acceptor", f"{STREET}-cg", "position"),
        ("wizard", STREET, "position"),
        ("department_staff", STREET, "position"),
    ):
        with pytest.raises(InvalidInputError) as refusal:
            memberships.appoint(town, who, position, unit, first_on=TODAY, actor=BOSS, now=NOW)
        assert field in refusal.value.fields("en")
    with pytest.raises(NotFoundError):
        memberships.appoint(town, who, "acceptor", "999999999", first_on=TODAY, actor=BOSS, now=NOW)
    with pytest.raises(ConflictError):
        memberships.appoint(town, who, "acceptor", STREET, first_on=TODAY, actor=BOSS, now=NOW)
    with pytest.raises(InvalidInputError):
        memberships.appoint(
            town,
            who,
            "collector",
            STREET,
            first_on=TODAY,
            last_on=TODAY - timedelta(days=1),
            actor=BOSS,
            now=NOW,
        )


def usernames(session: Session, group: str, now: datetime = NOW) -> list[str]:
    return [each.username for each in org.people_in(session, group, now)]
