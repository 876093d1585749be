"""`python -m tests.integration.cases.burst URL USERNAME COUNT PREFIX`: reports from many threads of another process."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import handlers
from bpmn import transactions
from bpmn.database import make_engine, make_session_factory
from handlers import cases
from tests.support.towns import viewer

WHEN = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)


def main(url: str, username: str, count: str, prefix: str) -> None:
    """Print the number of each case, one a line."""
    handlers.load()
    factory = make_session_factory(make_engine(url, pool_size=int(count)))
    with factory() as session:
        actor = viewer(session, username, WHEN).actor()

    def send(number: int) -> str:
        report = cases.Report(category_code="0136", lon=114.3865, lat=23.0815, submission_id=f"{prefix}-{number:06d}")
        return transactions.run(factory, lambda session: cases.report(session, report, actor=actor, now=WHEN).number)

    with ThreadPoolExecutor(int(count)) as pool:
        print("\n".join(pool.map(send, range(int(count)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
