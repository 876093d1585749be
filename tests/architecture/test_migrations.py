"""The migrations lead to exactly the schema that the models and the job queue describe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import Engine, text

from bpmn import schema
from bpmn.database import make_engine, new_id
from tests.support.databases import with_database
from webapp import migrations
from webapp.migrations import jobs

CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, udt_name, character_maximum_length, is_nullable, column_default,
               is_identity
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'""",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "types": """
        SELECT typname, array(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder)
        FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'""",
}


@contextmanager
def empty_database(server: str) -> Iterator[Engine]:
    """A database without any table, dropped afterwards."""
    name = f"test_{new_id().replace('-', '')}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    engine = make_engine(with_database(server, name))
    try:
        yield engine
    finally:
        engine.dispose()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def migrated(database_server: str) -> Iterator[Engine]:
    with empty_database(database_server) as engine:
        migrations.upgrade(engine)
        yield engine


def test_the_migrated_schema_equals_the_models(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _: not (kind == "table" and name.startswith("procrastinate_")),
            },
        )
        differences = compare_metadata(context, migrations.metadata())
    assert differences == []


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_migrated_database_equals_one_made_at_once(migrated: Engine, database_server: str, kind: str) -> None:
    """Defaults, partial indexes, constraints and the queue's functions: what a comparison of models cannot see."""
    with empty_database(database_server) as direct:
        migrations.metadata()
        schema.create_all(direct)
        assert _catalogue(migrated, kind) == _catalogue(direct, kind)


def _catalogue(engine: Engine, kind: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(CATALOGUE[kind]))]
    return sorted((row for row in rows if "alembic_version" not in str(row[0])), key=repr)


def test_upgrading_again_changes_nothing(migrated: Engine) -> None:
    migrations.upgrade(migrated)
    with migrated.connect() as connection:
        assert migrations.current(connection) == migrations.head()


def test_the_migrations_know_the_installed_job_queue() -> None:
    """A newer package with new steps needs a revision of ours that applies them."""
    assert jobs.newest() == "03.04.00"
