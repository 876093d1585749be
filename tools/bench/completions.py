"""User-task completions through `bpmn.execution`, by one process and by two."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from sqlalchemy import event

from bpmn.database import new_id
from tools.bench import stock
from tools.bench.results import Result, at_least, at_most, percentile
from tools.bench.setting import Place, bare_commit_ms, connect, database, deploy, together

MODEL = "case_walk"
STEPS = 4
INSTANCES = 60
"""Per process and turn."""
TURNS = 5
"""One process, two processes and the reference take turns, so that a busy machine disturbs all alike."""


def run() -> Result:
    """Measure."""
    one: list[float] = []
    walls: dict[int, list[float]] = {1: [], 2: []}
    stock_ms: list[float] = []
    commit_ms: list[float] = []
    with database("completions") as place:
        deploy(place, MODEL)
        statements = statements_per_completion(place)
        for _ in range(TURNS):
            stock_ms.append(stock.completion_ms(MODEL, 100))
            commit_ms.append(bare_commit_ms(place))
            for processes, found in walls.items():
                wall, seconds = together(processes, _work, place.url)
                found.append(wall / len(seconds) * 1000)
                one += seconds if processes == 1 else []
    one_ms, two_ms, reference_ms = median(walls[1]), median(walls[2]), median(stock_ms) + median(commit_ms)
    return Result(
        "completions",
        {
            "ms_per_completion": one_ms,
            "p50_ms": percentile(one, 0.5) * 1000,
            "p95_ms": percentile(one, 0.95) * 1000,
            "per_second_one_process": 1000 / one_ms,
            "per_second_two_processes": 1000 / two_ms,
            "ratio_to_reference": one_ms / reference_ms,
            "two_over_one": one_ms / two_ms,
            "statements_per_completion": statements,
        },
        {"stock_ms": median(stock_ms), "bare_commit_ms": median(commit_ms), "ms_per_completion": reference_ms},
        [
            at_most("one process, times the reference", one_ms / reference_ms, 2.0),
            at_least("two processes, times one", one_ms / two_ms, 1.5),
            at_most("SQL statements per completion", statements, 12),
        ],
    )


def statements_per_completion(place: Place) -> int:
    """The most SQL statements that any completion of one case needs, BEGIN and COMMIT not counted."""
    place.start(MODEL, "S")
    most = 0
    for _ in range(STEPS):
        [task] = place.open_tasks("S")
        seen: list[str] = []

        def listen(*call: object, seen: list[str] = seen) -> None:
            seen.append(str(call[2]))

        event.listen(place.engine, "before_cursor_execute", listen)
        place.complete(task)
        event.remove(place.engine, "before_cursor_execute", listen)
        most = max(most, len(seen))
    return most


def _work(url: str, _index: int, _count: int) -> Iterator[None]:
    place = connect(url)
    prefix = new_id()
    for _ in range(5):
        place.start(MODEL, f"{prefix}-warm")
    for _ in range(STEPS):
        for task in place.open_tasks(f"{prefix}-warm"):
            place.complete(task)
    for _ in range(INSTANCES):
        place.start(MODEL, f"{prefix}-case")
    yield
    for _ in range(STEPS):
        for task in place.open_tasks(f"{prefix}-case"):
            place.complete(task)
            yield
