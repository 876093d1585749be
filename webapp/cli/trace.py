"""`gridwhistle trace`: runs a model in memory on the real engine, with no database, and prints its events.

Exit 0 completed, 3 waiting, 4 incident, 1 refused at check, 2 usage.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

_EXIT = {"completed": 0, "waiting": 3, "incident": 4, "refused": 1}


class _JsonOption(click.ParamType):
    """A JSON object."""

    name = "JSON"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, dict):
            return value
        try:
            found = json.loads(value)
        except (ValueError, RecursionError) as error:
            self.fail(f"this is no JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail("a JSON object is expected", param, ctx)
        return found


class _Named(click.ParamType):
    """`NAME=JSON`, or `NAME` alone where that is allowed: a pair of name and object."""

    name = "NAME[=JSON]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        name, sign, text = str(value).partition("=")
        if not name.strip():
            self.fail("a name is missing", param, ctx)
        return name.strip(), _JsonOption().convert(text, param, ctx) if sign and text.strip() else {}


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--with", "others", multiple=True, type=click.Path(path_type=Path), help="Another .bpmn or .dmn file.")
@click.option("--process", "process_id", help="The process to run; else the first one that nobody calls.")
@click.option("--start", "start_element", help="The start event to use.")
@click.option("--data", type=_JsonOption(), default="{}", help="The start variables.")
@click.option("--answer", "answers", multiple=True, type=_Named(), help="TASK_ID=JSON; again for each visit.")
@click.option("--message", "messages", multiple=True, type=_Named(), help="A message that comes.")
@click.option("--signal", "signals", multiple=True, type=_Named(), help="A signal that comes.")
@click.option("--skip-timers", is_flag=True, help="Let timers fall due when nothing else can go on.")
@click.option("--complete-tasks", is_flag=True, help="Complete every task without an answer of its own.")
@click.option("--flows", is_flag=True, help="Print sequence flows too.")
def command(
    model: Path,
    others: tuple[Path, ...],
    process_id: str | None,
    start_element: str | None,
    data: dict[str, Any],
    answers: tuple[tuple[str, dict[str, Any]], ...],
    messages: tuple[tuple[str, dict[str, Any]], ...],
    signals: tuple[tuple[str, dict[str, Any]], ...],
    skip_timers: bool,
    complete_tasks: bool,
    flows: bool,
) -> None:
    """Run MODEL in memory and print one JSON line per event, then one with the outcome."""
    from bpmn.engine.tracing import Plan, trace

    files: dict[str, bytes] = {}
    for path in (model, *others):
        try:
            files[str(path)] = path.read_bytes()
        except OSError as error:
            raise click.UsageError(f"{path}: {error.strerror or 'unreadable'}") from error
    plan = Plan(data, list(answers), list(messages), list(signals), skip_timers, complete_tasks, start_element)
    outcome = trace(files, str(model), process_id, plan)
    if outcome.usage:
        raise click.UsageError(outcome.usage)
    for event in outcome.events:
        if flows or event.type != "sequenceFlow":
            _print({"event": event.kind, "element": event.element_id, "type": event.type})
    _print({"status": outcome.status, "waiting": outcome.waiting, "data": outcome.data, "errors": outcome.errors})
    sys.exit(_EXIT[outcome.status])


def _print(line: dict[str, Any]) -> None:
    click.echo(json.dumps(line, ensure_ascii=False))
