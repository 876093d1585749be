"""A background handler whose every call is counted: what the crash tests' worker runs.

`python -m tests.crash.effects worker|ticker` is the product's own command with this handler registered.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from bpmn.registry import HandlerContext, handler

TABLE = "CREATE TABLE crash_effect (idempotency_key text PRIMARY KEY, instance_id text)"


@handler("crash.effect", background=True)
def leave_a_trace(context: HandlerContext) -> None:
    """One row per key, as a handler that may be called again should do it; one line in a file per call."""
    context.session.execute(
        text("INSERT INTO crash_effect VALUES (:key, :instance) ON CONFLICT DO NOTHING"),
        {"key": context.idempotency_key, "instance": context.instance_id},
    )
    calls = os.environ.get("CRASH_CALLS")
    if calls:
        with Path(calls).open("a") as file:
            file.write(f"{context.idempotency_key}\n")


if __name__ == "__main__":
    from bpmn import jobs, ticker, timers
    from webapp.cli import main

    # The same sweeps as in production, with less patience.
    jobs.LEASE, jobs.QUEUE_GRACE = timedelta(seconds=3), timedelta(seconds=3)
    timers.GRACE, ticker.SWEEP_EVERY = timedelta(seconds=3), timedelta(seconds=1)

    main(sys.argv[1:])
