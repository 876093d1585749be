"""Step time and state size of one instance that is reworked a thousand times: flat."""

from __future__ import annotations

import time
from statistics import median

from sqlalchemy import select

from bpmn.tables import UserTask
from tools.bench import stock
from tools.bench.results import Result, at_most
from tools.bench.setting import Place, database, deploy

MODEL = "short_case"
ROUNDS = (10, 100, 1000)
WINDOW = 15
"""Rounds measured from there on; the instances take turns, so that a busy machine disturbs all alike."""


def run() -> Result:
    """Measure."""
    with database("history") as place:
        deploy(place, MODEL)
        instances = {number: _reworked(place, number) for number in ROUNDS}
        times: dict[int, list[float]] = {number: [] for number in ROUNDS}
        for _ in range(WINDOW):
            for outcome in ("ok", "again"):
                for number, instance in instances.items():
                    times[number].append(_complete(place, instance, outcome))
        sizes = {
            number: place.scalar("SELECT length(state) FROM process_instance WHERE id = %s", instance)
            for number, instance in instances.items()
        }
        rows = place.scalar("SELECT count(*) FROM history")
    step_ms = {number: median(found) for number, found in times.items()}
    growth = max(step_ms[number] for number in ROUNDS[1:]) / step_ms[ROUNDS[0]]
    state_growth = max(sizes.values()) / min(sizes.values())
    return Result(
        "history",
        {
            "step_ms": {f"round_{number}": found for number, found in step_ms.items()},
            "state_bytes": {f"round_{number}": size for number, size in sizes.items()},
            "step_growth": growth,
            "state_growth": state_growth,
            "history_rows": rows,
        },
        {"stock_step_ms": _stock()},
        [
            at_most("step time, times that of round 10", growth, 1.3),
            at_most("state size, largest over smallest", state_growth, 1.3),
        ],
    )


def _reworked(place: Place, rounds: int) -> str:
    """An instance that stands before the handling of round `rounds`."""
    instance = place.start(MODEL, "H")
    _complete(place, instance, "ok")
    for _ in range(rounds - 1):
        for outcome in ("ok", "again"):
            _complete(place, instance, outcome)
    return instance


def _complete(place: Place, instance: str, outcome: str) -> float:
    with place.factory() as session:
        task = session.scalars(select(UserTask.id).where(UserTask.instance_id == instance)).one()
    begun = time.perf_counter()
    place.complete(task, outcome)
    return (time.perf_counter() - begun) * 1000


def _stock() -> dict[str, float]:
    """The same rounds in stock SpiffWorkflow in memory, as far as it gets (it loses its token at depth 1000)."""
    workflow = stock.StockModel(MODEL).start()
    stock.complete(workflow, {"outcome": "ok"})
    times: list[float] = []
    for _ in range(ROUNDS[1] + WINDOW):
        for outcome in ("ok", "again"):
            begun = time.perf_counter()
            stock.complete(workflow, {"outcome": outcome})
            times.append((time.perf_counter() - begun) * 1000)
    return {f"round_{number}": median(times[2 * number : 2 * (number + WINDOW)]) for number in ROUNDS[:2]}
