"""Settings of gunicorn, read by `gridwhistle serve`: processes, threads, and the figures of ended processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8080')}"
workers = int(os.environ.get("GRIDWHISTLE_WEB_PROCESSES", "2"))
worker_class = "gthread"
preload_app = True  # one import for all processes; the application opens no connection and no thread before it serves
# A live stream keeps a thread; the rest answer requests. Threads are started when they are needed.
threads = int(os.environ.get("GRIDWHISTLE_LIVE_LIMIT", "40")) + int(os.environ.get("GRIDWHISTLE_WEB_THREADS", "16"))
timeout = 60
graceful_timeout = 10
keepalive = 30
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat files, made privately
control_socket_disable = True
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """End the live streams when the process is told to stop: each holds a thread that would be waited for."""

    def stop(number: int, frame: Any) -> None:
        worker.wsgi.extensions["gridwhistle.live"].close()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, stop)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a process that has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
