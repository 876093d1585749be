"""User-task completions through `bpmn.execution`, by one process and by two."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from sqlalchemy import event, select

from bpmn import execution, tasks
from bpmn.database import new_id
from bpmn.tables import UserTask
from tools.bench import stock
from tools.bench.results import Result, at_least, at_most, percentile
from tools.bench.setting import ACTOR, Place, bare_commit_ms, connect, database, deploy, moment, together

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
    place.run(
        lambda session: execution.start(session, MODEL, business_key="S", variables={}, actor=ACTOR, now=moment())
    )
    most = 0
    for _ in range(STEPS):
        [task] = open_tasks(place, "S")
        seen: list[str] = []

        def listen(*call: object, seen: list[str] = seen) -> None:
            seen.append(str(call[2]))

        event.listen(place.engine, "before_cursor_execute", listen)
        complete(place, task)
        event.remove(place.engine, "before_cursor_execute", listen)
        most = max(most, len(seen))
    return most


def start_many(place: Place, prefix: str, count: int) -> None:
    """Start `count` instances with business keys `prefix-0`, `prefix-1`, …, one transaction each."""
    for number in range(count):
        key = f"{prefix}-{number}"
        place.run(
            lambda session, key=key: execution.start(
                session, MODEL, business_key=key, variables={}, actor=ACTOR, now=moment()
            )
        )


def open_tasks(place: Place, prefix: str) -> list[int]:
    """The ids of the open tasks of the business keys that begin with `prefix`."""
    query = select(UserTask.id).where(UserTask.business_key.startswith(prefix)).order_by(UserTask.id)
    with place.factory() as session:
        return list(session.scalars(query))


def complete(place: Place, task: int) -> None:
    """One completion as the web process does it: one transaction."""
    place.run(lambda session: tasks.complete(session, task, {"outcome": "ok"}, actor=ACTOR, now=moment()))


def _work(url: str, _index: int, _count: int) -> Iterator[None]:
    place = connect(url)
    prefix = new_id()
    start_many(place, f"{prefix}-warm", 5)
    for _ in range(STEPS):
        for task in open_tasks(place, f"{prefix}-warm"):
            complete(place, task)
    start_many(place, prefix, INSTANCES)
    yield
    for _ in range(STEPS):
        for task in open_tasks(place, prefix):
            complete(place, task)
            yield
