"""Accounts: passwords, telephone numbers, and what the log keeps of changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError
from bpmn.values import Actor
from handlers import org
from handlers.errors import UsernameTakenError
from handlers.org import people, phones
from handlers.org.tables import OrgChange
from tests.support.towns import NOW, PASSWORD, person

BOSS = Actor("boss")


@pytest.fixture
def data_key() -> Iterator[None]:
    phones.configure(["a key for these tests"])
    yield
    phones.configure([])


def test_the_right_password_opens_and_notes_the_login(town: Session) -> None:
    found = org.authenticate(town, " Officer03-2 ", f"{PASSWORD}-officer03-2", NOW)
    assert found is not None
    assert found.last_login_at == NOW


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("officer03-2", f"{PASSWORD}-officer03-1"),
        ("officer03-2", ""),
        ("nobody", f"{PASSWORD}-nobody"),
        ("", ""),
        ("officer03-2' OR 1=1 --", "x"),
        ("officer03-2", "x" * 1_000_000),
    ],
)
def test_anything_else_opens_nothing(town: Session, username: str, password: str) -> None:
    assert org.authenticate(town, username, password, NOW) is None


def test_a_closed_account_and_an_old_password_open_nothing(town: Session) -> None:
    who = person(town, "cg02")
    epoch = who.session_epoch
    people.set_password(town, who.id, "quite-another-one", actor=BOSS, now=NOW)
    assert org.authenticate(town, "cg02", f"{PASSWORD}-cg02", NOW) is None
    assert org.authenticate(town, "cg02", "quite-another-one", NOW) is not None
    people.set_active(town, who.id, False, actor=BOSS, now=NOW)
    people.set_active(town, who.id, False, actor=BOSS, now=NOW)
    assert org.authenticate(town, "cg02", "quite-another-one", NOW) is None
    assert who.session_epoch == epoch + 2


def test_passwords_are_argon2id_hashes_of_their_own_salt(town: Session) -> None:
    hashes = list(town.scalars(select(people.Person.password_hash)))
    assert all(each.startswith("$argon2id$") for each in hashes)
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 257])
def test_weak_passwords_are_refused(town: Session, password: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        people.create(town, "newcomer", name_zh="新人", name_en="", password=password, actor=BOSS, now=NOW)
    assert "password" in refusal.value.fields("zh")


@pytest.mark.parametrize("username", ["", "a", "1abc", "空格", "a b", "x" * 33])
def test_odd_user_names_are_refused(town: Session, username: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        people.create(town, username, name_zh="新人", name_en="", password="good-pass-1", actor=BOSS, now=NOW)
    assert "username" in refusal.value.fields("en")


def test_a_user_name_is_given_once_whatever_its_case(town: Session) -> None:
    with pytest.raises(UsernameTakenError) as refusal:
        people.create(town, "CG01", name_zh="新人", name_en="", password="good-pass-1", actor=BOSS, now=NOW)
    assert "cg01" in refusal.value.message("zh")


@pytest.mark.usefixtures("data_key")
def test_telephone_numbers_rest_encrypted_and_the_log_never_has_them(town: Session) -> None:
    made = people.create(
        town,
        "newcomer",
        name_zh="新人",
        name_en="",
        password="good-pass-1",
        phone="13812345678",
        actor=BOSS,
        now=NOW,
    )
    people.edit(town, made.id, phone="13887654321", language="en", actor=BOSS, now=NOW)
    town.flush()
    assert made.phone_encrypted is not None
    assert phones.decrypt(made.phone_encrypted) == "13887654321"
    stored = town.execute(text("SELECT p::text FROM person p")).scalars().all()
    logged = town.scalars(select(OrgChange).where(OrgChange.person_id == made.id)).all()
    assert [each.tag for each in logged] == ["org:person:create", "org:person:edit"]
    assert logged[1].detail == {"fields": ["language", "phone"]}
    assert not any("138123" in each or "138876" in each for each in (*stored, *(str(row.detail) for row in logged)))
    people.edit(town, made.id, phone=" ", actor=BOSS, now=NOW)
    assert made.phone_encrypted is None
