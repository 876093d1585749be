"""What a case weighs, open and closed, and what the processes of the service need."""

from __future__ import annotations

import time

import psutil

from tools.bench.httpclient import free_port, service, wait_until_answering
from tools.bench.results import Result, at_most
from tools.bench.setting import Place, database, deploy

MODEL = "short_case"
USER_TASKS = 3
CASES = 400
SPIFFARENA_KB, RAW_STATE_KB = 23.8, 16.5


def run() -> Result:
    """Measure."""
    with database("footprint") as place:
        deploy(place, MODEL)
        empty = _bytes(place)
        for number in range(CASES):
            place.start(MODEL, f"HZ2026112000{number:04d}")
        opened = _bytes(place)
        state = place.scalar("SELECT avg(length(state)) FROM process_instance")
        for _ in range(USER_TASKS):
            for task in place.open_tasks():
                place.complete(task)
        running = place.scalar("SELECT count(*) FROM process_instance WHERE status = 'running'")
        if running:
            raise RuntimeError(f"{running} cases did not end")
        closed = _bytes(place)
        processes = _processes(place)
    closed_kb = (closed - empty) / CASES / 1024
    return Result(
        "footprint",
        {
            "open_case_kb": (opened - empty) / CASES / 1024,
            "closed_case_kb": closed_kb,
            "state_of_an_open_case_bytes": float(state),
            **processes,
        },
        {"spiffarena_closed_case_kb_published": SPIFFARENA_KB, "spiffarena_raw_state_kb_published": RAW_STATE_KB},
        [at_most(f"kilobytes of a closed case with {USER_TASKS} user tasks, history included", closed_kb, 8.0)],
    )


def _bytes(place: Place) -> int:
    """All tables with their indexes and long values, without the room that vacuum can give back."""
    place.execute("VACUUM FULL")
    size = place.scalar(
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname = 'public'"
    )
    return int(size)


def _processes(place: Place) -> dict[str, float]:
    """Start-up seconds and proportional memory of web (two processes), worker and ticker."""
    figures: dict[str, float] = {}
    port = free_port()
    with service("serve", place.url, port, GRIDWHISTLE_WEB_PROCESSES="2") as web:
        figures["web_start_seconds"] = wait_until_answering(port, web)
        figures["web_memory_mb"] = _memory_mb(web.pid)
    for name in ("worker", "ticker"):
        begun = time.monotonic()
        with service(name, place.url) as process:
            figures[f"{name}_start_seconds"] = _until_beating(place, name, begun)
            figures[f"{name}_memory_mb"] = _memory_mb(process.pid)
    return figures


def _until_beating(place: Place, name: str, begun: float) -> float:
    while time.monotonic() - begun < 30:
        if place.scalar("SELECT count(*) FROM service_heartbeat WHERE service = %s", name):
            break
        time.sleep(0.05)  # poll
    return time.monotonic() - begun


def _memory_mb(pid: int) -> float:
    """Memory of a process and its children, shared pages divided among those who share them."""
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in family) / 1024 / 1024
