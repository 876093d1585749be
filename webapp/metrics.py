"""Prometheus figures: requests by route, and what waits in the database, counted when they are asked for.

With several web processes the request figures need `PROMETHEUS_MULTIPROC_DIR` (set by `gridwhistle serve`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import text
from sqlalchemy.orm import Session

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5)
REQUESTS = Counter("gridwhistle_http_requests", "Answered requests.", ["route", "method", "status"])
LATENCY = Histogram("gridwhistle_http_request_seconds", "Time to answer.", ["route", "method"], buckets=BUCKETS)
LIVE = "gridwhistle_live_streams"

COUNTS = text(
    """
    SELECT
      CASE WHEN estimate.n > 100000 THEN estimate.n ELSE (SELECT count(*) FROM user_task) END AS open_tasks,
      (SELECT count(*) FROM timer WHERE due_at <= :now AND queued_at IS NULL) AS due_timers,
      (SELECT count(*) FROM incident WHERE resolved_at IS NULL) AS incidents,
      (SELECT min(due_at) FROM timer WHERE queued_at IS NULL AND due_at IS NOT NULL) AS next_timer
    FROM (SELECT reltuples::bigint AS n FROM pg_class WHERE oid = 'user_task'::regclass) AS estimate
    """
)


class _Database(Collector):
    """What waits, as gauges. Open tasks above 100,000 are PostgreSQL's estimate: an exact count would cost too much."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        row = self.session.execute(COUNTS, {"now": self.now}).one()
        yield GaugeMetricFamily("gridwhistle_open_tasks", "Open user tasks.", value=row.open_tasks)
        yield GaugeMetricFamily("gridwhistle_due_timers", "Timers due and not yet queued.", value=row.due_timers)
        yield GaugeMetricFamily("gridwhistle_open_incidents", "Incidents that wait for a person.", value=row.incidents)
        late = max(0.0, (self.now - row.next_timer).total_seconds()) if row.next_timer else 0.0
        yield GaugeMetricFamily("gridwhistle_timer_lateness_seconds", "Age of the oldest due timer.", value=late)


def exposition(session: Session, now: datetime, streams: int) -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Database(session, now))
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        return generate_latest(registry)
    live = f"# HELP {LIVE} Open live streams of this process.\n# TYPE {LIVE} gauge\n{LIVE} {streams}\n"
    return generate_latest(registry) + generate_latest(REGISTRY) + live.encode()


def init_app(app: Flask) -> None:
    """Count and time every request by its route, never by its address."""

    @app.before_request
    def begin() -> None:
        g.metrics_began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(route, request.method, response.status_code).inc()
        if not response.is_streamed:
            LATENCY.labels(route, request.method).observe(time.perf_counter() - g.metrics_began)
        return response
