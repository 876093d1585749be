"""The command `gridwhistle`: its list of subcommands. Each lives in a module of its own and is loaded when called.

Owns names and help lines only, so that `gridwhistle check` starts without Flask and without a database.
"""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "check": "Check BPMN and DMN files and name every finding.",
    "trace": "Run one model in memory and print its events.",
    "decide": "Evaluate one decision of a DMN file.",
    "rehearse": "Run the scenarios of the processes with coverage.",
    "run": "Set up and serve everything on this machine.",
    "serve": "Serve the web pages and the API.",
    "worker": "Run background jobs.",
    "ticker": "Fire timers when they are due.",
    "deploy": "Deploy a process folder to the database.",
    "db": "Upgrade, back up or restore the database.",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"webapp.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gridwhistle", prog_name="gridwhistle")
def main() -> None:
    """GridWhistle 网格哨: BPMN-driven casework for grid-based city governance."""
