"""The database's schema over time: Alembic's revisions and the functions that apply them.

Owns how a database gets to the newest revision. What the tables look like is decided by the models.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

from bpmn.database import Base

ROOTS = ("bpmn", "handlers", "webapp")
LOCK = 4_471_302_008
"""PostgreSQL advisory lock: two services that start together upgrade one after the other."""


def metadata() -> MetaData:
    """The metadata of every module named `tables` in the product."""
    for root in ROOTS:
        package = importlib.import_module(root)
        for found in pkgutil.walk_packages(package.__path__, f"{root}."):
            if found.name.rpartition(".")[2] == "tables":
                importlib.import_module(found.name)
    return Base.metadata


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings; no ini file, the connection is handed over."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision."""
    found = ScriptDirectory.from_config(configuration()).get_current_head()
    assert found is not None
    return found


def is_known(revision: str) -> bool:
    """Whether this version of the product has the revision."""
    return revision in {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for one without our tables."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the database to revision `to` in one transaction. Idempotent, safe when several processes do it."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        if to == "head" and current(connection) == head():
            return
        command.upgrade(configuration(connection), to)
