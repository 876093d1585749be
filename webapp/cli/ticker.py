"""`gridwhistle ticker`: queues timers when they are due, until it is stopped."""

from __future__ import annotations

import click

from webapp.cli import place


@click.command("ticker")
def command() -> None:
    """Fire timers when they are due. One is enough; several do no harm."""
    from bpmn import ticker

    with place.database() as url:
        place.prepare_process()
        ticker.run(url)
