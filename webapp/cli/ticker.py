"""`gridwhistle ticker`: queues timers when they are due, until it is stopped."""

from __future__ import annotations

import click

from webapp.cli import place


@click.command("ticker")
def command() -> None:
    """Fire timers when they are due. One is enough; several do no harm."""
    from bpmn import ticker
    from webapp import process
    from webapp.config import Config

    with place.database() as url:
        process.prepare(Config.from_env())
        ticker.run(url)
