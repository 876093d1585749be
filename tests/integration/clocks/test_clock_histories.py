"""Random lives of a clock: whatever pauses, extensions and restarts come, what is left is what was not yet used."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers import clocks
from tests.support.databases import TestDatabase
from tests.unit.clocks.samples import at
from tests.unit.clocks.samples import calendar as sample_calendar

CLERK = Actor("p-7", "受理员甲")
CASE = "HZ202603020001"
STANDARD = sample_calendar()
MINUTE = timedelta(minutes=1)

lives = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "extend", "restart", "stop"]), st.integers(0, 3 * 24 * 60)),
    max_size=12,
)
limits = st.sampled_from(["4WH", "2WD", "300M", "30UH"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives, limits, st.integers(0, 20 * 24 * 60))
def test_what_is_left_is_what_was_not_used(
    shared_database: TestDatabase, life: list[tuple[str, int]], limit: str, begin: int
) -> None:
    parsed = clocks.parse(limit)
    with shared_database.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
        clocks.seed(session, actor=CLERK, now=at("2026-01-01 00:00"))
        now = at("2026-02-01 00:00") + begin * MINUTE
        clock = clocks.start(session, CASE, "handling", parsed, actor=CLERK, now=now)
        total = base = clocks.amount_of(parsed, STANDARD, now)
        used, running, extensions, since = timedelta(0), True, 0, now
        for action, minutes in life:
            now += minutes * MINUTE
            if running:
                used, since = used + clocks.elapsed(since, now, parsed, STANDARD), now
            is_possible = {
                "pause": running,
                "resume": clock.status == "paused",
                "extend": running and used <= total and now <= clock.due_at and extensions < 2,
                "restart": True,
                "stop": clock.status != "stopped",
            }[action]
            if not is_possible:
                continue
            getattr(clocks, action)(session, CASE, "handling", actor=CLERK, now=now)
            running, since = clock.status == "running", now
            if action == "extend":
                total, extensions = total + base, extensions + 1
            if action == "restart":
                total = base = clocks.amount_of(parsed, STANDARD, now)
                used, extensions = timedelta(0), 0
        assert clocks.state_of(session, clock, now).remaining == total - used
        session.flush()
        events = clocks.events_of(session, CASE)
        assert [event.at for event in events] == sorted(event.at for event in events)
        for earlier, later in pairwise(events):
            assert later.due_before == earlier.due_after
        session.rollback()
