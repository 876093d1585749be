"""What Alembic runs: the models of all packages on a connection that the caller opened."""

from __future__ import annotations

from typing import Literal

from alembic import context

from bpmn.database import Moment
from webapp.migrations import metadata

QUEUE = "procrastinate_"
"""Tables of the job queue: made by its own SQL, unknown to the models."""


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """Leave the job queue's tables alone when models and database are compared."""
    return not (type_ == "table" and name is not None and name.startswith(QUEUE))


def render_item(type_: str, item: object, autogen_context: object) -> str | Literal[False]:
    """Write our own column types as what they are in the database: a revision imports nothing of the product."""
    return "sa.DateTime(timezone=True)" if isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_name=include_name,
    render_item=render_item,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
