"""Sessions of browsers and tokens of programs: begin, find, end. Rows in `web_session` and `api_token`.

The cookie carries a random value, signed; the row carries its hash, so a row ends a session on every machine.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from bpmn.database import Moment
from handlers.org.tables import OrgChange, Person
from webapp.tables import ApiToken, WebSession

TOKEN_PREFIX = "gw_"  # noqa: S105 (marks a secret, is none)


@dataclass(frozen=True, slots=True)
class Found:
    """Who it is, and how far the organisation had changed then: what was read of the person at the same version is
    still true."""

    person_id: str
    org_version: int


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(session: Session, person: Person, *, length: timedelta, address: str, agent: str, now: datetime) -> str:
    """A new session; returns the secret for the cookie. Expired sessions of the person are removed."""
    secret = secrets.token_urlsafe(32)
    session.execute(delete(WebSession).where(WebSession.person_id == person.id, WebSession.expires_at <= now))
    session.add(
        WebSession(
            id=digest(secret),
            person_id=person.id,
            epoch=person.session_epoch,
            created_at=now,
            expires_at=now + length,
            address=address[:64],
            agent=agent[:200],
        )
    )
    return secret


_VERSION = select(func.coalesce(func.max(OrgChange.id), 0)).scalar_subquery()
_FIND = (
    select(WebSession.person_id, _VERSION)
    .join(Person, Person.id == WebSession.person_id)
    .where(
        WebSession.id == bindparam("digest"),
        WebSession.expires_at > bindparam("now", type_=Moment()),
        WebSession.epoch == Person.session_epoch,
        Person.is_active,
    )
)
_FIND_TOKEN = (
    select(ApiToken.person_id, _VERSION)
    .join(Person, Person.id == ApiToken.person_id)
    .where(
        ApiToken.token_hash == bindparam("digest"),
        ApiToken.expires_at > bindparam("now", type_=Moment()),
        ApiToken.revoked_at.is_(None),
        Person.is_active,
    )
)


def find(session: Session, secret: str, *, now: datetime) -> Found | None:
    """Whose session this is; None when it has ended, the password was changed or the account closed since."""
    return _one(session, _FIND, secret, now)


def find_token(session: Session, secret: str, *, now: datetime) -> Found | None:
    """Whose token this is; None when it is unknown, expired, revoked, or the account is closed."""
    return _one(session, _FIND_TOKEN, secret, now)


def _one(session: Session, statement: Select[str, int], secret: str, now: datetime) -> Found | None:
    row = session.execute(statement, {"digest": digest(secret), "now": now}).one_or_none()
    return None if row is None else Found(row[0], row[1])


def end(session: Session, secret: str) -> None:
    """Sign this browser out. Ending twice changes nothing."""
    session.execute(delete(WebSession).where(WebSession.id == digest(secret)))


def end_all(session: Session, person_id: str, *, but: str | None = None) -> int:
    """Sign the person out everywhere, except the browser with the secret `but`; returns how many."""
    kept = digest(but) if but else ""
    found = session.execute(
        delete(WebSession).where(WebSession.person_id == person_id, WebSession.id != kept).returning(WebSession.id)
    )
    return len(found.all())


def open_of(session: Session, person_id: str, *, now: datetime) -> list[WebSession]:
    """The person's open sessions, newest first."""
    rows = session.scalars(
        select(WebSession)
        .where(WebSession.person_id == person_id, WebSession.expires_at > now)
        .order_by(WebSession.created_at.desc())
    )
    return list(rows)


def issue_token(session: Session, person_id: str, name: str, *, length: timedelta, now: datetime) -> str:
    """A new bearer token; the secret is returned once and cannot be read again."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(token_hash=digest(secret), person_id=person_id, name=name, created_at=now, expires_at=now + length)
    )
    return secret


def tokens_of(session: Session, person_id: str, *, now: datetime) -> list[ApiToken]:
    """The person's valid tokens, newest first."""
    rows = session.scalars(
        select(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
        .order_by(ApiToken.created_at.desc())
    )
    return list(rows)


def revoke_token(session: Session, person_id: str, token_id: str, *, now: datetime) -> None:
    """Revoke one of the person's tokens. Revoking twice changes nothing."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
