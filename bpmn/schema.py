"""Builds the tables in an empty database straight from the models, Procrastinate's included.

For tests and benchmarks; a service's database is made and changed by the migrations of `webapp`.
"""

from __future__ import annotations

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, text

import bpmn.tables  # noqa: F401  (the platform's tables register themselves)
from bpmn.database import Base

_LOCK = 4_771_201


def create_all(engine: Engine) -> None:
    """Make every table that is imported so far. Harmless on a database that has them; safe in parallel."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        Base.metadata.create_all(connection)
        create_procrastinate(connection)


def create_procrastinate(connection: Connection) -> None:
    """Make Procrastinate's tables and functions unless they are there."""
    if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
        connection.connection.cursor().execute(SchemaManager.get_schema())
