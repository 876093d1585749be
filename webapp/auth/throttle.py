"""How often somebody may try to sign in. Counts are rows, so that every web process sees the same.

An attempt is counted before the password is looked at: a burst of parallel guesses gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.tables import LoginAttempt

WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)
LIMIT_HERE = 5
"""Wrong passwords for one account from one address."""
LIMIT_ACCOUNT = 50
"""Wrong passwords for one account from anywhere: high, so that nobody locks a colleague out easily."""
LIMIT_ADDRESS = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """`left` further attempts, or locked until `locked_until`."""

    left: int
    locked_until: datetime | None


def _keys(username: str, address: str) -> list[tuple[str, int]]:
    name = username.casefold()[:100]
    return [
        (f"here:{name}@{address}", LIMIT_HERE),
        (f"account:{name}", LIMIT_ACCOUNT),
        (f"address:{address}", LIMIT_ADDRESS),
    ]


def count(session: Session, username: str, address: str, *, now: datetime) -> Verdict:
    """Count one attempt and say whether it may go on. Atomic: one upsert, rows locked in one order."""
    keys = sorted(_keys(username, address))
    limits = dict(keys)
    fresh = or_(LoginAttempt.since <= now - WINDOW, LoginAttempt.locked_until <= now)
    statement = insert(LoginAttempt).values(
        [{"key": key, "count": 1, "since": now, "locked_until": None} for key, _ in keys]
    )
    statement = statement.on_conflict_do_update(
        index_elements=[LoginAttempt.key],
        set_={
            "count": case((fresh, 1), else_=LoginAttempt.count + 1),
            "since": case((fresh, now), else_=LoginAttempt.since),
            "locked_until": case((fresh, None), else_=LoginAttempt.locked_until),
        },
    )
    rows = list(session.scalars(statement.returning(LoginAttempt), execution_options={"populate_existing": True}))
    return _judge(rows, limits, now)


def _judge(rows: Iterable[LoginAttempt], limits: dict[str, int], now: datetime) -> Verdict:
    left, locked = LIMIT_HERE, None
    for row in rows:
        limit = limits[row.key]
        if row.count > limit and row.locked_until is None:
            row.locked_until = now + LOCK
        if row.locked_until is not None:
            locked = max(locked or row.locked_until, row.locked_until)
        left = min(left, limit - row.count)
    return Verdict(left=max(left, 0), locked_until=locked)


def forgive(session: Session, username: str, address: str) -> None:
    """The password was right: forget the account's wrong ones from here, and take this attempt off the wide counts."""
    (here, _), *wide = _keys(username, address)
    session.execute(delete(LoginAttempt).where(LoginAttempt.key == here))
    session.execute(
        update(LoginAttempt)
        .where(LoginAttempt.key.in_([key for key, _ in wide]), LoginAttempt.count > 0)
        .values(count=LoginAttempt.count - 1)
    )
