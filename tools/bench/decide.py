"""Evaluating decision tables of 1, 100 and 1,000 rules with four inputs, beside zen-engine with the same rules."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

import zen

from bpmn.decisions import load_files
from tools.bench.results import Result, at_most

SIZES = (1, 100, 1000)
CALLS = 3000
_NAMES = ("category", "amount", "grade", "night")


def run() -> Result:
    """Measure."""
    own: dict[str, float] = {}
    reference: dict[str, float] = {}
    loading: dict[str, float] = {}
    for size in SIZES:
        rules = [_rule(number) for number in range(size)]
        cases = _cases(size)
        begun = time.perf_counter()
        model = load_files({"m.dmn": _dmn(rules)}, "m.dmn")
        loading[f"rules_{size}"] = (time.perf_counter() - begun) * 1000
        decision = zen.ZenEngine().create_decision(_jdm(rules))
        expected = [_plain(model.evaluate("d", case)) for case in cases[:200]]
        got = [decision.evaluate(case)["result"].get("o") for case in cases[:200]]
        if expected != got:
            raise RuntimeError("the two engines do not agree on the table")
        own[f"rules_{size}"] = _microseconds(partial(model.evaluate, "d"), cases)
        reference[f"rules_{size}"] = _microseconds(decision.evaluate, cases)
    ratios = {name: own[name] / reference[name] for name in own}
    return Result(
        "decide",
        {"microseconds": own, "load_ms": loading, "ratio": ratios},
        {"zen_engine_microseconds": reference},
        [
            at_most("1,000 rules, milliseconds an evaluation", own["rules_1000"] / 1000, 1.0),
            *(at_most(f"{name}: time against zen-engine", ratio, 3.0) for name, ratio in ratios.items()),
        ],
    )


def _rule(number: int) -> tuple[str, int, int, bool | None]:
    """(category, lower bound, grade bound, night or anything)."""
    return f"K{number % 50}", number, number % 7 + 1, True if number % 2 else None


def _cases(size: int) -> list[dict[str, Any]]:
    draw = random.Random(7)
    return [
        {
            "category": f"K{draw.randrange(50)}",
            "amount": draw.randrange(size + 40),
            "grade": draw.randrange(8),
            "night": draw.random() < 0.5,
        }
        for _ in range(CALLS)
    ]


def _dmn(rules: list[tuple[str, int, int, bool | None]]) -> bytes:
    head = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in _NAMES)
    rows = "".join(
        "<rule>"
        + "".join(
            f"<inputEntry><text>{escape(cell)}</text></inputEntry>"
            for cell in (f'"{category}"', f"[{low}..{low + 40})", f"< {grade}", "true" if night else "-")
        )
        + f"<outputEntry><text>{number}</text></outputEntry></rule>"
        for number, (category, low, grade, night) in enumerate(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="bench"><decision id="d" name="d">'
        f'<decisionTable hitPolicy="FIRST">{head}<output name="o"/>{rows}</decisionTable></decision></definitions>'
    ).encode()


def _jdm(rules: list[tuple[str, int, int, bool | None]]) -> str:
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in _NAMES],
        "outputs": [{"id": "o", "name": "o", "field": "o"}],
        "rules": [
            {
                "_id": f"r{number}",
                "category": f"'{category}'",
                "amount": f"[{low}..{low + 40})",
                "grade": f"< {grade}",
                "night": "true" if night else "",
                "o": str(number),
            }
            for number, (category, low, grade, night) in enumerate(rules)
        ],
    }
    place = {"position": {"x": 0, "y": 0}}
    nodes = [
        {"id": "i", "type": "inputNode", "name": "in", **place},
        {"id": "t", "type": "decisionTableNode", "name": "t", "content": content, **place},
        {"id": "z", "type": "outputNode", "name": "out", **place},
    ]
    edges = [
        {"id": "a", "sourceId": "i", "targetId": "t", "type": "edge"},
        {"id": "b", "sourceId": "t", "targetId": "z", "type": "edge"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges, "contentType": "application/vnd.gorules.decision"})


def _plain(value: Any) -> int | None:
    return None if value is None else int(value)


def _microseconds(evaluate: Callable[[dict[str, Any]], Any], cases: list[dict[str, Any]]) -> float:
    """The best of three passes over the cases, per evaluation."""
    passes = []
    for _ in range(3):
        begun = time.perf_counter()
        for case in cases:
            evaluate(case)
        passes.append((time.perf_counter() - begun) / len(cases))
    return min(passes) * 1e6
