"""`gridwhistle deploy PATH`: a folder's diagrams, tables and forms become new versions."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from webapp.cli import place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


@click.command("deploy")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--draft", is_flag=True, help="Store the versions without making them active.")
def command(path: Path, draft: bool) -> None:
    """Deploy the process folders at or below PATH. What was deployed before with the same content stays as it is.

    A folder is refused as a whole when anything in it is wrong. Exit code 0 when every folder is deployed, else 1.
    """
    import handlers
    from bpmn import scenarios
    from bpmn.database import make_engine, make_session_factory
    from bpmn.errors import DefinitionError

    handlers.load()
    folders = scenarios.process_folders(path)
    if not folders:
        raise click.ClickException(f"there is no .bpmn file in {path} or below")
    refused = 0
    with place.database() as url:
        engine = make_engine(url)
        try:
            for folder in folders:
                try:
                    versions = _deploy(make_session_factory(engine), folder, activate=not draft)
                    click.echo(f"{folder}: {'; '.join(versions) or 'nothing executable'}")
                except DefinitionError as error:
                    refused += 1
                    for finding in error.facts["findings"]:
                        click.echo(f"{folder}/{finding.as_line('en')}", err=True)
        finally:
            engine.dispose()
    raise SystemExit(1 if refused else 0)


def _deploy(factory: sessionmaker[Session], folder: Path, *, activate: bool) -> list[str]:
    """One folder in one transaction; what to say about each version."""
    from bpmn import definitions, scenarios, transactions
    from bpmn.values import Actor

    actor = Actor(f"system:deploy:{getpass.getuser()}", "部署", system=True)
    files, now = scenarios.files_of(folder), datetime.now(UTC)

    def work(session: Session) -> list[str]:
        made = definitions.deploy(session, folder.name, files, actor=actor, now=now, activate=activate)
        return [
            f"{each.key} version {each.version}, {each.status}" for each in definitions.definitions_of(session, made.id)
        ]

    return transactions.run(factory, work)
