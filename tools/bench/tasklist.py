"""A department's list and a person's list beside a million open tasks and five million history rows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from handlers import org, worklist
from tools.bench import town
from tools.bench.httpclient import Client, free_port, service, wait_until_answering
from tools.bench.results import Result, at_most, percentile
from tools.bench.setting import Place, database, deploy, moment

TASKS = int(os.environ.get("GRIDWHISTLE_BENCH_TASKS", "1000000"))
HISTORY_PER_TASK = 5
SMALL = 10_000
"""The reference: the same lists when there are only so many open tasks."""
QUEUE = 5_000
"""Open tasks of the department measured, in both sizes."""
HELD = 60
"""Tasks the person holds."""
RUNS = 60
SPIFFARENA_MS = 47


@dataclass(frozen=True, slots=True)
class _Figures:
    queue_p95: float
    mine_p95: float
    page_p95: float
    mine_page_p95: float


def run() -> Result:
    """Measure the small town, then the large one."""
    small, large = _measure(SMALL), _measure(TASKS)
    worst = max(large.queue_p95, large.mine_p95)
    growth = worst / max(small.queue_p95, small.mine_p95)
    return Result(
        "tasklist",
        {
            "open_tasks": TASKS,
            "history_rows": TASKS * HISTORY_PER_TASK,
            "queue_query_p95_ms": large.queue_p95,
            "mine_query_p95_ms": large.mine_p95,
            "queue_page_p95_ms": large.page_p95,
            "mine_page_p95_ms": large.mine_page_p95,
            "query_growth": growth,
        },
        {
            "open_tasks": SMALL,
            "queue_query_p95_ms": small.queue_p95,
            "mine_query_p95_ms": small.mine_p95,
            "queue_page_p95_ms": small.page_p95,
            "spiffarena_ms_at_5000_tasks_published": SPIFFARENA_MS,
        },
        [
            at_most("query p95, milliseconds", worst, 20),
            at_most("page p95, milliseconds", max(large.page_p95, large.mine_page_p95), 80),
            at_most("query, times the small town's", growth, 2.0),
        ],
    )


def _measure(tasks: int) -> _Figures:
    with database("tasklist") as place:
        deploy(place, "short_case")
        [(person, token)] = town.build(place, 1)
        _fill(place, tasks, person)
        viewer = place.run(lambda session: org.viewer(session, person, moment()))

        def query(scope: str) -> Callable[[], object]:
            def once() -> object:
                with place.factory() as session:
                    found = worklist.page(session, scope, viewer=viewer, now=moment(), limit=50)  # type: ignore[arg-type]
                    if len(found.rows) != 50:
                        raise RuntimeError(f"the list {scope} shows {len(found.rows)} rows")
                    return found

            return once

        queue_p95, mine_p95 = _p95(query("queue")), _p95(query("mine"))
        port = free_port()
        with service("serve", place.url, port, GRIDWHISTLE_WEB_PROCESSES="1") as process:
            wait_until_answering(port, process)
            client = Client(port, token)
            page_p95 = _p95(lambda: client.get("/?scope=queue"))
            mine_page_p95 = _p95(lambda: client.get("/?scope=mine"))
    return _Figures(queue_p95, mine_p95, page_p95, mine_page_p95)


def _p95(once: Callable[[], object]) -> float:
    for _ in range(5):
        once()
    times: list[float] = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        once()
        times.append((time.perf_counter() - begun) * 1000)
    return percentile(times, 0.95)


def _fill(place: Place, tasks: int, person: str) -> None:
    """Rows as the platform writes them, by SQL: real steps would take an hour for a million cases.

    The measured department has `QUEUE` of the tasks and the person holds `HELD`; the others are spread over 500
    departments. Every task has its case and its running clock.
    """
    definition = place.scalar("SELECT id FROM process_definition WHERE key = 'short_case'")
    statements = _STATEMENTS.format(
        tasks=tasks, history=tasks * HISTORY_PER_TASK, queue=QUEUE, held=HELD, person=person, definition=definition
    )
    place.execute("SET session_replication_role = replica; " + statements)
    place.execute("VACUUM (ANALYZE)")


_STATEMENTS = """
INSERT INTO process_instance
  (id, definition_id, process_key, business_key, status, revision, variables, started_at, started_by)
SELECT 'i' || n, '{definition}', 'short_case', 'HZ' || n, 'running', 3, '{{}}', now(), 'bench'
FROM generate_series(1, {tasks}) n;
INSERT INTO user_task
  (instance_id, wait_key, process_key, business_key, element_id, scope_id, name, status, assignee, claimed_at,
   priority, due_at, due_ref, sort_at, excluded_users, data, created_at)
SELECT 'i' || n, 'w', 'short_case', 'HZ' || n, 'Task_Handle', 'short_case', '处置',
  CASE WHEN n <= {held} THEN 'claimed' ELSE 'open' END, CASE WHEN n <= {held} THEN '{person}' END,
  CASE WHEN n <= {held} THEN now() END, 50, now() + n % 5000 * interval '1 minute', 'clock:handling',
  now() + n % 5000 * interval '1 minute', '[]', '{{"outcome": "ok"}}', now()
FROM generate_series(1, {tasks}) n;
INSERT INTO task_candidate (task_id, candidate, sort_at)
SELECT id, CASE WHEN id % ({tasks} / {queue}) = 0 THEN 'g:department_staff@441302008-cg'
  ELSE 'g:department_staff@' || 100000000 + id % 500 END, sort_at FROM user_task;
INSERT INTO grid_case
  (number, code_set, kind, category_code, category_name, title, description, address, lon, lat, street_code, source,
   urgency, reporter_name, self_handled, status, reported_at, result, return_count, rework_count, version)
SELECT 'HZ' || n, 'GB/T 30428.2', 'event', '0110', '暴露垃圾', '路边垃圾堆放约两立方米', '', '演达大道 ' || n || ' 号',
  114.4, 23.1, '441302008', 'collector', 'normal', '', false, 'handling', now(), '', 0, 0, 1
FROM generate_series(1, {tasks}) n;
INSERT INTO case_clock
  (case_number, name, status, limit_value, limit_unit, limit_reading, calendar_code, rule_version, started_at, base_us,
   total_us, anchor_at, anchor_us, due_at, provisional, round, extensions, suspensions, overdue_rounds)
SELECT 'HZ' || n, 'handling', 'running', 4, 'UH', 'rolling', 'standard', '1', now(), 14400000000, 14400000000, now(),
  14400000000, now() + n % 5000 * interval '1 minute', false, 1, 0, 0, 0
FROM generate_series(1, {tasks}) n;
INSERT INTO history (instance_id, at, actor, tag, element_id, task_id, detail)
SELECT 'i' || (n % {tasks} + 1), now(), 'bench', 'task:complete', 'Task_Accept', n, '{{"outcome": "ok"}}'
FROM generate_series(1, {history}) n;
"""
