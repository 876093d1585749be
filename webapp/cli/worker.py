"""`gridwhistle worker`: runs background jobs until it is stopped."""

from __future__ import annotations

import click

from webapp.cli import place


@click.command("worker")
@click.option("--concurrency", default=4, show_default=True, type=click.IntRange(1, 64), help="Jobs at the same time.")
def command(concurrency: int) -> None:
    """Run background jobs: due timers, handlers marked as background, messages. Start as many as are needed."""
    from bpmn import worker
    from webapp import process
    from webapp.config import Config

    with place.database() as url, place.signs_of_life(url, "worker") as beat:
        process.prepare(Config.from_env())
        worker.run(url, concurrency=concurrency, on_beat=beat)
