"""`gridwhistle serve`: the web pages and the API, by gunicorn."""

from __future__ import annotations

import os
import shutil
import sys

import click

from webapp.cli import place
from webapp.supervisor import Child, supervise


@click.command("serve")
def command() -> None:
    """Serve the web pages and the API on HOST:PORT."""
    is_embedded = "GRIDWHISTLE_DATABASE_URL" not in os.environ
    with place.database():
        web = child()
        if is_embedded:
            supervise([web], say=lambda text: click.echo(text, err=True))
        else:  # a service manager looks after gunicorn itself
            os.execve(web.command[0], list(web.command), {**os.environ, **web.environment})  # noqa: S606


def child() -> Child:
    """gunicorn as a child process; empties the folder of the request figures."""
    figures = place.var() / "metrics" / os.environ.get("PORT", "8080")
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(parents=True)
    return Child(
        "web",
        [sys.executable, "-m", "gunicorn", "-c", "python:webapp.gunicorn_settings", "webapp.wsgi:app"],
        {"GRIDWHISTLE_VAR": str(place.var()), "PROMETHEUS_MULTIPROC_DIR": str(figures)},
    )
