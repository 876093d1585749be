"""Signs of life of the service's processes: one row per process, renewed while it works, read by `/health`.

Owns the row's age only; what a silent process means is decided by whoever asks.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bpmn.tables import ServiceHeartbeat

INTERVAL = timedelta(seconds=10)
"""How often a process gives its sign; half a minute of silence means that it is gone."""
FORGET_AFTER = timedelta(days=1)


def process_name() -> str:
    """This process: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(session: Session, service: str, *, now: datetime, name: str | None = None) -> None:
    """Say that `service` (`ticker`, `worker`) works in this process. One upsert; repeating it only moves the moment."""
    statement = insert(ServiceHeartbeat).values(
        service=service, name=name or process_name(), started_at=now, beat_at=now
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[ServiceHeartbeat.service, ServiceHeartbeat.name],
            set_={"beat_at": statement.excluded.beat_at},
        )
    )


def last(session: Session) -> dict[str, datetime]:
    """The newest sign of each service."""
    rows = session.execute(
        select(ServiceHeartbeat.service, func.max(ServiceHeartbeat.beat_at).label("beat_at")).group_by(
            ServiceHeartbeat.service
        )
    )
    return {row.service: row.beat_at for row in rows}


def forget(session: Session, service: str, *, name: str | None = None) -> None:
    """This process ends in good order: remove its row."""
    session.execute(
        delete(ServiceHeartbeat).where(
            ServiceHeartbeat.service == service, ServiceHeartbeat.name == (name or process_name())
        )
    )


def sweep(session: Session, *, now: datetime) -> None:
    """Remove rows of processes that fell silent long ago."""
    session.execute(delete(ServiceHeartbeat).where(ServiceHeartbeat.beat_at < now - FORGET_AFTER))
