"""Case numbers: city letters, local day, daily sequence of at least four digits (`HZ202611200388`).

The counter is one row per prefix and day, raised by an atomic upsert whose row lock lasts until the transaction
ends: two reports can never take the same number, and the sequence grows past 9999 instead of overflowing.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from handlers.cases import settings
from handlers.cases.tables import CaseCounter

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def take(session: Session, *, now: datetime, prefix: str | None = None) -> str:
    """The next number of the local day of `now`. Take it late: others wait for the end of this transaction.

    A transaction that is rolled back gives its number back.
    """
    letters = prefix or settings.current().city_letters
    day = now.astimezone(LOCAL_ZONE).date()
    statement = (
        insert(CaseCounter)
        .values(prefix=letters, counted_on=day, last=1)
        .on_conflict_do_update(
            index_elements=[CaseCounter.prefix, CaseCounter.counted_on], set_={"last": CaseCounter.last + 1}
        )
        .returning(CaseCounter.last)
    )
    sequence = session.execute(statement).scalar_one()
    return f"{letters}{day:%Y%m%d}{sequence:04d}"
