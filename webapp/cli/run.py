"""`gridwhistle run`: everything on this machine, with a demo town when the database is empty."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

import click

from bpmn.database import make_engine
from webapp.cli import place, serve
from webapp.supervisor import Child, supervise


@click.command("run")
@click.option("--demo/--no-demo", default=True, help="Fill an empty database with the demo town (default).")
def command(demo: bool) -> None:
    """Set up and serve everything on this machine. Ctrl-C stops it all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    host, port = _free_place()
    with place.database(leave_running=False) as url:
        accounts = _prepare(url, demo)
        os.environ.setdefault("GRIDWHISTLE_VAR", str(place.var()))
        children = [serve.child(), *(_ours(name) for name in ("worker", "ticker"))]
        for child in children:
            child.log = place.var() / "log" / f"{child.name}.log"
        supervise(children, say=_say, is_ready=_announcer(host, port, accounts))
        _say("stopped")


def _say(text: str) -> None:
    click.echo(f"gridwhistle: {text}", err=True)


def _free_place() -> tuple[str, int]:
    """Host and port to serve on; for a host that means every interface, the one by which this machine reaches it.

    :raises click.ClickException: somebody listens there.
    """
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        told = f"{host}:{port} cannot be used ({os.strerror(error.errno or 0)}). Choose another: PORT={port + 1}"
        raise click.ClickException(told) from error
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - a key


def _prepare(url: str, demo: bool) -> str:
    """Bring the schema up to date and seed the demo town; returns what to say about its accounts."""
    from webapp import migrations

    engine = make_engine(url)
    try:
        migrations.upgrade(engine)
    finally:
        engine.dispose()
    if not demo:
        return ""
    from tools import demo as town

    return town.ensure(url, say=_say)


def _ours(name: str) -> Child:
    return Child(name, [sys.executable, "-m", "webapp.cli", name])


def _announcer(host: str, port: int, accounts: str) -> Callable[[], bool]:
    """Says where the service is as soon as all of it answers."""

    def is_ready() -> bool:
        connection = HTTPConnection(host, port, timeout=1)
        try:
            connection.request("GET", "/health")
            ready = connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        if ready:
            shown = f"[{host}]" if ":" in host else host
            logs = place.var() / "log"
            click.echo(f"\n  GridWhistle 网格哨  http://{shown}:{port}\n\n{accounts}", err=True)
            click.echo(f"  The logs are in {logs}. Ctrl-C stops everything.\n", err=True)
        return ready

    return is_ready
