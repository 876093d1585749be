"""`gridwhistle decide MODEL.dmn`: evaluate one decision and print one JSON object."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from bpmn.decisions import DecisionError, DecisionModel, load
from bpmn.decisions.plain import from_json, to_json


@click.command(name="decide")
@click.argument("model", type=click.Path())
@click.option("--decision", help="Id or name; may be left out when the file has one final decision.")
@click.option("--data", default="{}", help="The inputs by name, as a JSON object.")
def command(model: str, decision: str | None, data: str) -> None:
    """Evaluate a decision of MODEL for the inputs in --data.

    Prints {"result", "hits", "decision"} and exits 0, or {"error", "message", "cell"} and exits 1.
    """
    try:
        inputs = json.loads(data)
    except ValueError as error:
        _fail("bad_data", f"--data 不是 JSON / --data is no JSON: {error}", None)
    if not isinstance(inputs, dict):
        _fail("bad_data", "--data 须为 JSON 对象 / --data must be a JSON object", None)
    try:
        loaded = load(model)
        outcome = loaded.explain(decision or _only_decision(loaded), from_json(inputs))
    except DecisionError as error:
        place = error.place
        cell = None if place.row is None and place.column is None else {"row": place.row, "column": place.column}
        _fail(error.error_code, f"{error.message('zh')} / {error.message('en')}", cell, decision=place.decision)
    hits = next((list(hit.rules) for hit in reversed(outcome.hits)), [])
    click.echo(
        json.dumps({"result": to_json(outcome.value), "hits": hits, "decision": outcome.decision}, ensure_ascii=False)
    )


def _only_decision(model: DecisionModel) -> str:
    """The one decision that no other requires. :raises DecisionError: `which_decision`."""
    decisions = model.elements("decision")
    required = {key for node in decisions for key in node.requires}
    final = [node for node in decisions if node.key not in required] or decisions
    if len(final) != 1:
        names = ", ".join(node.name for node in final) or "-"
        raise DecisionError(
            "which_decision", zh=f"请用 --decision 指定决策：{names}", en=f"name the decision with --decision: {names}"
        )
    return final[0].id


def _fail(code: str, message: str, cell: dict[str, Any] | None, **more: str | None) -> None:
    click.echo(json.dumps({"error": code, "message": message, "cell": cell, **more}, ensure_ascii=False))
    sys.exit(1)
