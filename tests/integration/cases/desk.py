"""People at work, for tests: report, answer as somebody, let time pass. Every call moves the clock as told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import tasks, timers
from bpmn.tables import Timer, UserTask
from bpmn.values import Actor
from handlers import cases
from handlers.cases.tables import Case, CaseEvent
from handlers.clocks import CaseClock, clocks_of
from tests.support.towns import viewer

SQUAD, SANITATION = "441302008-cg", "441302008-hw"
PLACE = {"lon": 114.3865, "lat": 23.0815}
"""Inside the first administrative grid."""


class Desk:
    """One case at a time: `number` is that of the last report."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.number = ""

    def actor(self, username: str) -> Actor:
        return viewer(self.session, username, self.now).actor()

    # --- doing --------------------------------------------------------------------------------------------------

    def report(self, username: str = "officer01-1", **fields: Any) -> Case:
        """Piled goods at the first grid, unless told otherwise."""
        report = cases.Report(**{"category_code": "0136", "kind": "event", **PLACE, **fields})
        case = cases.report(self.session, report, actor=self.actor(username), now=self.now)
        self.number = case.number
        return case

    def answer(self, element_id: str, username: str, *, after: int = 1, **values: Any) -> None:
        """Complete the open task at an element `after` minutes later."""
        self.pass_time(timedelta(minutes=after))
        tasks.complete(self.session, self.task(element_id).id, values, actor=self.actor(username), now=self.now)

    def pass_time(self, length: timedelta) -> None:
        """Timers that fall due meanwhile fire at their moments."""
        until = self.now + length
        query = select(Timer.id, Timer.due_at).where(Timer.due_at <= until).order_by(Timer.due_at, Timer.id).limit(1)
        while (due := self.session.execute(query).first()) is not None:
            self.now = max(self.now, due.due_at)
            timers.fire(self.session, due.id, self.now)
        self.now = until

    def to_dispatch(self) -> None:
        """Accepted and filed; waits for the dispatcher."""
        self.answer("Task_Accept", "acceptor01", outcome="submit", condition="E0136-1")
        self.answer("Task_File", "shiftleader01", outcome="file", condition="E0136-1", grade="C")

    def to_handling(self, unit: str = SQUAD, username: str = "cg01") -> None:
        """Dispatched and signed for."""
        self.answer("Task_Dispatch", "dispatcher01", lead_unit=unit)
        self.answer("Task_SignFor", username, outcome="accept")

    # --- looking ------------------------------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        self.session.flush()
        return self.session.get_one(Case, self.number, populate_existing=True)

    def task(self, element_id: str) -> UserTask:
        query = select(UserTask).where(UserTask.business_key == self.number, UserTask.element_id == element_id)
        return self.session.scalars(query).one()

    @property
    def waiting_at(self) -> list[str]:
        query = select(UserTask.element_id).where(UserTask.business_key == self.number)
        return sorted(self.session.scalars(query))

    @property
    def tags(self) -> list[str]:
        return [event.tag for event in self.timeline]

    @property
    def timeline(self) -> list[CaseEvent]:
        self.session.flush()
        return cases.timeline(self.session, self.number)

    def clock(self, name: str) -> CaseClock:
        self.session.flush()
        found: CaseClock = clocks_of(self.session, self.number)[name]
        return found
