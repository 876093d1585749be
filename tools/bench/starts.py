"""Instances started up to their first user task, by one process and by two."""

from __future__ import annotations

from collections.abc import Iterator

from tools.bench import stock
from tools.bench.results import Result, at_least, percentile
from tools.bench.setting import bare_commit_ms, connect, database, deploy, together

MODEL = "short_case"
INSTANCES = 600
"""Per process."""
SPIFFARENA_PER_SECOND = 9.4


def run() -> Result:
    """Measure."""
    with database("starts") as place:
        deploy(place, MODEL)
        reference = {
            "stock_ms": stock.start_ms(MODEL, 300),
            "bare_commit_ms": bare_commit_ms(place),
            "spiffarena_per_second_published": SPIFFARENA_PER_SECOND,
        }
        one_wall, one = together(1, _work, place.url)
        two_wall, two = together(2, _work, place.url)
    rate = len(two) / two_wall
    return Result(
        "starts",
        {
            "per_second_two_processes": rate,
            "per_second_one_process": len(one) / one_wall,
            "p50_ms": percentile(one, 0.5) * 1000,
            "p95_ms": percentile(one, 0.95) * 1000,
        },
        reference,
        [at_least("instances started per second, two processes", rate, 150)],
    )


def _work(url: str, index: int, count: int) -> Iterator[None]:
    place = connect(url)

    for number in range(10):
        place.start(MODEL, f"warm-{count}-{index}-{number}")
    yield
    for number in range(INSTANCES):
        place.start(MODEL, f"{count}-{index}-{number}")
        yield
