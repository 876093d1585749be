"""`gridwhistle db`: the schema, and backups of the whole installation."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from bpmn.database import make_engine
from webapp.cli import place


@click.group("db")
def command() -> None:
    """Upgrade, back up or restore the database."""


@command.command()
def upgrade() -> None:
    """Bring the database's schema to this version. Does nothing when it is there."""
    from webapp import migrations

    with place.database() as url:
        engine = make_engine(url)
        try:
            migrations.upgrade(engine)
        finally:
            engine.dispose()
    click.echo(f"The database is at revision {migrations.head()}.")


@command.command()
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
def backup(archive: Path) -> None:
    """Write database, uploads and secret to ARCHIVE. The service may go on running."""
    from webapp import backups
    from webapp.config import Config

    with place.database() as url, place.told_plainly():
        manifest = backups.backup(url, place.var(), archive, secret=Config.from_env().secret_key, now=datetime.now(UTC))
    click.echo(f"{archive}: database at revision {manifest.revision}, {manifest.files} uploaded files. Keep it secret.")


@command.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is in the database.")
def restore(archive: Path, force: bool) -> None:
    """Put ARCHIVE into an empty database. Stop web, worker and ticker first."""
    from webapp import backups

    with place.database() as url, place.told_plainly():
        manifest = backups.restore(
            url, place.var(), archive, force=force, secret=os.environ.get("GRIDWHISTLE_SECRET_KEY")
        )
    click.echo(f"Restored the backup of {manifest.created_at}: {manifest.files} uploaded files.")


@command.command()
def stop() -> None:
    """Stop the embedded database, if one was left running."""
    from bpmn import embedded

    folder = place.var() / "postgres"
    if embedded.is_running(folder):
        embedded.stop(folder)
        click.echo("The embedded database was stopped.")
