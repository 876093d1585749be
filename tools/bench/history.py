"""Step time and state size of one instance that is reworked a thousand times: flat."""

from __future__ import annotations

import time
from statistics import median

from bpmn import execution, tasks
from tools.bench import stock
from tools.bench.results import Result, at_most
from tools.bench.setting import ACTOR, Place, database, deploy, moment

MODEL = "short_case"
ROUNDS = (10, 100, 1000)
WINDOW = 40
"""Completions around a round whose median is taken."""


def run() -> Result:
    """Measure."""
    times: list[float] = []
    sizes: dict[int, int] = {}
    with database("history") as place:
        deploy(place, MODEL)
        instance = place.run(
            lambda session: execution.start(session, MODEL, business_key="H", variables={}, actor=ACTOR, now=moment())
        )
        _complete(place, instance.id, "ok")
        for number in range(1, ROUNDS[-1] + WINDOW):
            times += [_complete(place, instance.id, outcome) for outcome in ("ok", "again")]
            if number in ROUNDS:
                sizes[number] = place.scalar("SELECT length(state) FROM process_instance WHERE id = %s", instance.id)
        rows = place.scalar("SELECT count(*) FROM history")
    step_ms = {f"round_{number}": _around(times, number) for number in ROUNDS}
    growth = max(step_ms.values()) / min(step_ms.values())
    return Result(
        "history",
        {
            "step_ms": step_ms,
            "state_bytes": {f"round_{number}": size for number, size in sizes.items()},
            "step_growth": growth,
            "state_growth": max(sizes.values()) / min(sizes.values()),
            "history_rows": rows,
        },
        {"stock_step_ms": _stock()},
        [
            at_most("step time, largest over smallest", growth, 1.3),
            at_most("state size, largest over smallest", max(sizes.values()) / min(sizes.values()), 1.3),
        ],
    )


def _complete(place: Place, instance: str, outcome: str) -> float:
    task = place.scalar("SELECT id FROM user_task WHERE instance_id = %s", instance)
    begun = time.perf_counter()
    place.run(lambda session: tasks.complete(session, task, {"outcome": outcome}, actor=ACTOR, now=moment()))
    return (time.perf_counter() - begun) * 1000


def _around(times: list[float], number: int) -> float:
    middle = 2 * number
    return median(times[max(middle - WINDOW // 2, 0) : middle + WINDOW // 2])


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
    return {f"round_{number}": _around(times, number) for number in ROUNDS[:2]}
