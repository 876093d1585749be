"""Completions and the everyday mix over HTTP, with two web processes and a client process beside them."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterable
from itertools import cycle
from typing import Any

from sqlalchemy import select

from bpmn.tables import UserTask
from tools.bench import stock, town
from tools.bench.httpclient import Client, free_port, service, wait_until_answering
from tools.bench.results import Result, at_least, at_most, percentile
from tools.bench.setting import Place, bare_commit_ms, database, deploy

MODEL = "short_case"
PEOPLE = 8
"""Each is one connection."""
INSTANCES = 700
MIXES = 350
SPIFFARENA_PER_SECOND = 8.4


def run() -> Result:
    """Measure."""
    with database("http") as place:
        deploy(place, MODEL)
        people = town.build(place, PEOPLE)
        _start(place, INSTANCES)
        port = free_port()
        with service("serve", place.url, port, GRIDWHISTLE_WEB_PROCESSES="2") as process:
            wait_until_answering(port, process)
            tokens = [token for _, token in people]
            _client(port, tokens, [("complete", task) for task in _open(place)[:80]])
            wall, completions = _client(port, tokens, [("complete", task) for task in _open(place)[:1200]])
            _start(place, MIXES)
            mix_wall, mixes = _client(port, tokens, [("mix", task) for task in _open(place)[:MIXES]])
            page_wall, pages = _client(port, tokens, [("page", 0)] * 200)
        reference = {
            "stock_in_memory_per_second": 1000 / stock.completion_ms(MODEL, 200),
            "bare_commit_ms": bare_commit_ms(place),
            "spiffarena_per_second_published": SPIFFARENA_PER_SECOND,
        }
    rate, p95, mix_rate = len(completions) / wall, percentile(completions, 0.95) * 1000, len(mixes) / mix_wall
    return Result(
        "http",
        {
            "completions_per_second": rate,
            "completion_p50_ms": percentile(completions, 0.5) * 1000,
            "completion_p95_ms": p95,
            "mixes_per_second": mix_rate,
            "mix_p50_ms": percentile(mixes, 0.5) * 1000,
            "list_pages_per_second": len(pages) / page_wall,
            "connections": PEOPLE,
        },
        reference,
        [
            at_least("completions per second", rate, 150),
            at_least("completions per second, wished for", rate, 250),
            at_most("completion p95, milliseconds", p95, 60),
            at_least("mixes per second (5 lists, 1 claim, 1 completion)", mix_rate, 40),
        ],
    )


def _start(place: Place, count: int) -> None:
    for _ in range(count):
        place.start(MODEL, "H")


def _open(place: Place) -> list[int]:
    with place.factory() as session:
        return list(session.scalars(select(UserTask.id).where(UserTask.assignee.is_(None)).order_by(UserTask.id)))


def _client(port: int, tokens: list[str], work: list[tuple[str, int]]) -> tuple[float, list[float]]:
    """Do the work from a process of its own: wall seconds, seconds of each piece."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    process = context.Process(target=_load, args=(port, tokens, work, queue), daemon=True)
    process.start()
    outcome: tuple[float, list[float]] | str = queue.get(timeout=600)
    process.join()
    if isinstance(outcome, str):
        raise RuntimeError(outcome)
    return outcome


def _load(port: int, tokens: list[str], work: list[tuple[str, int]], queue: Any) -> None:
    shares: list[list[tuple[str, int]]] = [[] for _ in tokens]
    for share, piece in zip(cycle(shares), work, strict=False):
        share.append(piece)
    seconds: list[float] = []
    failures: list[str] = []
    gate = threading.Barrier(len(tokens) + 1)

    def one(token: str, pieces: Iterable[tuple[str, int]]) -> None:
        client = Client(port, token)
        gate.wait()
        try:
            for kind, task in pieces:
                begun = time.perf_counter()
                _PIECES[kind](client, task)
                seconds.append(time.perf_counter() - begun)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")

    threads = [
        threading.Thread(target=one, args=(token, share), daemon=True)
        for token, share in zip(tokens, shares, strict=True)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    queue.put(failures[0] if failures else (time.perf_counter() - begun, seconds))


def _complete(client: Client, task: int) -> None:
    client.post(f"/api/v1/tasks/{task}/complete", {"values": {"outcome": "ok"}})


def _mix(client: Client, task: int) -> None:
    for _ in range(5):
        client.get("/api/v1/tasks?scope=queue&limit=50")
    client.post(f"/api/v1/tasks/{task}/claim")
    _complete(client, task)


def _page(client: Client, _task: int) -> None:
    client.get("/?scope=queue")


_PIECES: dict[str, Callable[[Client, int], None]] = {"complete": _complete, "mix": _mix, "page": _page}
