"""The job queue's tables, made by Procrastinate's own migrations up to a version that a revision of ours names.

Its complete schema file would do too, but means something else with each version of the package; the steps that led to
a version never change.
"""

from __future__ import annotations

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection


def migrate(connection: Connection, *, to: str, after: str = "") -> None:
    """Apply the steps of the versions `after` < version <= `to`, each written like `03.04.00`."""
    for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if after < path.name[:8] <= to:
            connection.connection.cursor().execute(path.read_text("utf-8"))


def newest() -> str:
    """The newest version that the installed package has a step for."""
    return max(path.name[:8] for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
