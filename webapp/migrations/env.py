"""What Alembic runs: the models of all packages on a connection that the caller opened."""

from __future__ import annotations

from alembic import context

from webapp.migrations import metadata

QUEUE = "procrastinate_"
"""Tables of the job queue: made by its own SQL, unknown to the models."""


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """Leave the job queue's tables alone when models and database are compared."""
    return not (type_ == "table" and name is not None and name.startswith(QUEUE))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_name=include_name,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
