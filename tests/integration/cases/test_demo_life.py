"""The demo town's life: the real engine under a simulated clock, with nothing going wrong."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from bpmn.tables import Incident, Timer, UserTask
from handlers.cases.tables import Case, CaseEvent, Photo
from tests.integration.cases.conftest import START
from tests.support.databases import TestDatabase
from tools.demo.simulation import Simulation


def test_three_weeks_pass_without_an_incident_and_leave_work_behind(case_town: TestDatabase) -> None:
    start, end = START - timedelta(days=21), START
    with case_town.factory() as session:
        before = session.scalar(select(func.count()).select_from(Case)) or 0
    life = Simulation(case_town.factory, cases=40, seed=7, start=start, end=end, say=lambda text: None)
    life.run()
    with case_town.factory() as session:
        mine = select(Case).where(Case.reported_at < end, Case.reported_at >= start, Case.submission_id.is_(None))
        found = list(session.scalars(mine))
        assert len(found) == 40
        assert (session.scalar(select(func.count()).select_from(Case)) or 0) == before + 40
        statuses = Counter(case.status for case in found)
        assert statuses["closed"] > 10
        assert sum(count for status, count in statuses.items() if status not in ("closed", "void", "not_accepted")) > 2
        numbers = [case.number for case in found]
        open_tasks = session.scalars(select(UserTask).where(UserTask.business_key.in_(numbers))).all()
        assert {task.business_key for task in open_tasks} == {
            case.number for case in found if case.status not in ("closed", "void", "not_accepted")
        }
        assert session.scalars(select(Incident)).all() == []
        assert session.scalars(select(Timer.id).where(Timer.due_at <= end)).all() == []
        assert session.scalars(select(Photo.id).where(Photo.case_number.is_(None))).all() == []
        moments = session.scalars(select(CaseEvent.at).where(CaseEvent.case_number.in_(numbers))).all()
        assert max(moments) <= end
