"""People: accounts, passwords and telephone numbers. Their positions are `handlers.org.memberships`.

Passwords are kept as argon2id hashes; the parameters are OWASP's first choice for argon2id (19 MiB, 2 passes,
1 lane), about 20 ms, so that a shift that logs in together neither waits nor exhausts the memory.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bpmn.errors import NotFoundError
from bpmn.values import Actor
from handlers.errors import UsernameTakenError, refused
from handlers.org import changes, phones
from handlers.org.tables import Person

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
MINIMUM_PASSWORD = 8
MAXIMUM_PASSWORD = 256
LANGUAGES = ("zh", "en")
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


def person(session: Session, person_id: str, *, lock: bool = False) -> Person:
    """The person with this id.

    :raises NotFoundError: there is none.
    """
    found = session.get(Person, person_id, with_for_update=lock or None)
    if found is None:
        raise NotFoundError(what="person", person_id=person_id)
    return found


def create(
    session: Session,
    username: str,
    *,
    name_zh: str,
    name_en: str,
    password: str,
    phone: str | None = None,
    language: str = "zh",
    actor: Actor,
    now: datetime,
) -> Person:
    """Make an account without positions.

    :raises UsernameTakenError: somebody has the user name.
    :raises InvalidInputError: a field is unusable; fields username, name_zh, password, phone, language.
    """
    username = username.strip().lower()
    _check(username, name_zh, language)
    check_password(password)
    made = Person(
        username=username,
        name_zh=name_zh.strip(),
        name_en=name_en.strip() or name_zh.strip(),
        language=language,
        password_hash=HASHER.hash(password),
        phone_encrypted=phones.encrypt(phones.check(phone)) if phone else None,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise UsernameTakenError(username=username) from error
    detail = {"username": username}
    changes.record(session, "org:person:create", actor=actor, now=now, person_id=made.id, detail=detail)
    return made


def authenticate(session: Session, username: str, password: str, now: datetime) -> Person | None:
    """The person whose name and password these are, or None; an unknown name costs the same time.

    Writes the moment of login, and a new hash when the parameters have grown.
    """
    found = session.scalar(select(Person).where(Person.username == username.strip().lower()))
    stored = found.password_hash if found is not None else _decoy()
    try:
        HASHER.verify(stored, password[:MAXIMUM_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    if found is None or not found.is_active:
        return None
    if HASHER.check_needs_rehash(stored):
        found.password_hash = HASHER.hash(password)
    found.last_login_at = now
    return found


def set_password(session: Session, person_id: str, password: str, *, actor: Actor, now: datetime) -> None:
    """Replace the password; sessions made with the old one end.

    :raises InvalidInputError: the password is too short or too long.
    """
    check_password(password)
    found = person(session, person_id, lock=True)
    found.password_hash = HASHER.hash(password)
    found.session_epoch += 1
    changes.record(session, "org:person:password", actor=actor, now=now, person_id=person_id)


def set_active(session: Session, person_id: str, active: bool, *, actor: Actor, now: datetime) -> Person:
    """Open or close an account. Closing ends its sessions; what it did stays. Repeating changes nothing."""
    found = person(session, person_id, lock=True)
    if found.is_active != active:
        found.is_active = active
        found.session_epoch += 1
        tag = "org:person:open" if active else "org:person:close"
        changes.record(session, tag, actor=actor, now=now, person_id=person_id)
    return found


def edit(
    session: Session,
    person_id: str,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    language: str | None = None,
    phone: str | None = None,
    actor: Actor,
    now: datetime,
) -> Person:
    """Change what is given; an empty telephone number removes the stored one. The log holds field names only."""
    found = person(session, person_id, lock=True)
    _check(found.username, found.name_zh if name_zh is None else name_zh, language or found.language)
    if name_zh is not None:
        found.name_zh = name_zh.strip()
    if name_en is not None:
        found.name_en = name_en.strip() or found.name_zh
    if language is not None:
        found.language = language
    if phone is not None:
        found.phone_encrypted = phones.encrypt(phones.check(phone)) if phone.strip() else None
    given = {"name_zh": name_zh, "name_en": name_en, "language": language, "phone": phone}
    detail = {"fields": [name for name, value in given.items() if value is not None]}
    changes.record(session, "org:person:edit", actor=actor, now=now, person_id=person_id, detail=detail)
    return found


def check_password(password: str) -> None:
    """Refuse a password that is too short, too long or one character repeated.

    :raises InvalidInputError: field password.
    """
    if not MINIMUM_PASSWORD <= len(password) <= MAXIMUM_PASSWORD:
        raise refused(
            "password",
            f"密码为 {MINIMUM_PASSWORD} 至 {MAXIMUM_PASSWORD} 个字符",
            f"a password has {MINIMUM_PASSWORD} to {MAXIMUM_PASSWORD} characters",
        )
    if len(set(password)) < 4:
        raise refused("password", "密码过于简单", "the password is too simple")


def _check(username: str, name_zh: str, language: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise refused(
            "username",
            "用户名为 2 至 32 个小写字母、数字或 . _ -，以字母开头",
            "a user name has 2 to 32 small letters, digits or . _ - and begins with a letter",
        )
    if not 1 <= len(name_zh.strip()) <= 64:
        raise refused("name_zh", "请填写名称，最多 64 字", "enter a name of at most 64 characters")
    if language not in LANGUAGES:
        raise refused("language", "语言只有中文和英文", "the language is Chinese or English")


@cache
def _decoy() -> str:
    """The hash that an unknown user name is verified against."""
    return HASHER.hash("nobody has this password")
