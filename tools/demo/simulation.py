"""Three weeks in the demo town: a queue of moments, each handled in one transaction through the public services.

Reports come in, timers fall due, people answer what waits for them; what is not yet answered at the end stays open,
so that the town has cases in every stage. The clock is simulated, everything else is the product.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bpmn import tasks, timers, transactions
from bpmn.errors import NotFoundError, TaskClosedError
from bpmn.tables import ProcessInstance, TaskCandidate, Timer, UserTask
from bpmn.values import Actor
from handlers import cases, catalogue, org
from handlers.cases import photos, reports
from handlers.cases.tables import Case
from tools.demo import habits, pictures
from tools.demo.answers import HABITS, Ask
from tools.demo.places import Map, Spot

VARIANTS: Final = 5
"""How many different drawings there are of each scene."""
TIMERS: Final = 50
RUSH: Final = timedelta(hours=4)
"""Before the end everybody is at work whatever the hour, so that cases stand in every stage when people look."""
RECENT: Final = 0.2
"""The share of the cases that are reported in the rush."""
CLAIMED: Final = 0.35
FORGOTTEN: Final = 0.04
LEFT: Final = {
    "Task_ReviewSelfHandled": 0.2,
    "Task_Accept": 0.1,
    "Task_Verify": 0.4,
    "Task_File": 0.08,
    "Task_Dispatch": 0.08,
    "Task_Decide": 0.8,
    "Task_Inspect": 0.35,
    "Task_Close": 0.35,
}


@dataclass(order=True, slots=True)
class Event:
    """Something that happens at a moment."""

    at: datetime
    order: int
    happen: Callable[[datetime], None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open task: what is asked, of whom."""

    task_id: int
    ask: Ask
    groups: tuple[str, ...]
    excluded: frozenset[str]


class Simulation:
    """The town's life between two moments. The same seed, start and end give the same reports and habits."""

    def __init__(
        self,
        factory: sessionmaker[Session],
        *,
        cases: int,
        seed: int,
        start: datetime,
        end: datetime,
        say: Callable[[str], None],
    ) -> None:
        self.factory, self.start, self.end, self.say = factory, start, end, say
        self.dice = random.Random(seed)
        self.map = Map(self.dice)
        self.queue: list[Event] = []
        self.numbers = itertools.count()
        self.planned: set[int] = set()
        self.holders: dict[int, str] = {}
        self.people: dict[str, list[Actor]] = {}
        self.done: Counter[str] = Counter()
        self.spots: list[tuple[Spot, catalogue.Category, str]] = []
        self.weights = self._weights()
        recent = round(cases * RECENT)
        moments = habits.report_moments(self.dice, cases - recent, start, end - RUSH)
        for moment in [*moments, *habits.rush_moments(self.dice, recent, end, RUSH)]:
            self.plan(moment, self.report)
        self.total = cases

    def run(self) -> None:
        """Let it all happen; tells every tenth of the reports."""
        while self.queue and self.queue[0].at <= self.end:
            event = heapq.heappop(self.queue)
            self.fire_timers(event.at)
            event.happen(event.at)
        self.fire_timers(self.end)
        self.claim_some()

    def plan(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        at = at.replace(microsecond=0)
        heapq.heappush(self.queue, Event(at, next(self.numbers), happen))

    def summary(self) -> str:
        """What happened, for people."""
        reported, answered, fired = (self.done[what] for what in ("report", "answer", "timer"))
        return f"{reported} cases reported, {answered} tasks answered, {fired} timers fired"

    # --- what happens -------------------------------------------------------------------------------------------

    def report(self, now: datetime) -> None:
        """Somebody reports a problem, sometimes where there was one before, sometimes solved already."""
        category, spot, known = self._what_and_where()
        source = self._one_of(habits.SOURCES)
        self_handled = source == "collector" and self.dice.random() < 0.3
        words = self.dice.choice(habits.WORDS.get(category.code, habits.OTHER_WORDS))
        before, after = self._photos(category.name)
        opened: list[Waiting] = []
        number = ""

        def work(session: Session) -> None:
            nonlocal number
            opened.clear()
            actor = self._reporter(session, source, spot, now)
            taken = [photos.add(session, each, phase="before", actor=actor, now=now).id for each in before]
            mended = (
                [photos.add(session, each, phase="after", actor=actor, now=now).id for each in after]
                if self_handled
                else []
            )
            report = cases.Report(
                category_code=category.code,
                kind=category.kind,
                lon=spot.lon,
                lat=spot.lat,
                description=words,
                address=spot.address,
                accuracy_m=float(self.dice.randint(3, 18)),
                source=source,
                urgency=self.dice.choices(("normal", "blocking", "danger"), (82, 15, 3))[0],
                occurred_at=now - timedelta(minutes=self.dice.randint(0, 40)),
                self_handled=self_handled,
                result=self.dice.choice(habits.RESULTS) if self_handled else "",
                reporter_name="" if source in ("collector", "department") else "市民",
                reporter_contact=""
                if source in ("collector", "department")
                else f"138{self.dice.randint(0, 10**8 - 1):08d}",
                photo_ids=tuple(taken),
                photo_ids_after=tuple(mended),
                duplicate_of=known if known and self.dice.random() < 0.3 else None,
            )
            case = cases.report(session, report, actor=actor, now=now)
            session.flush()
            number = case.number
            opened.extend(self._opened(session, case, reports.variables_of(case)))

        transactions.run(self.factory, work)
        self.spots.append((spot, category, number))
        self.done["report"] += 1
        if self.done["report"] % max(self.total // 10, 1) == 0:
            self.say(f"demo town: {self.done['report']} of {self.total} cases")
        self.plan_answers(opened, now)

    def answer(self, task: Waiting, now: datetime) -> None:
        """A person answers a task, if it is still there."""
        opened: list[Waiting] = []

        def work(session: Session) -> None:
            opened.clear()
            case = cases.get(session, task.ask.number)
            actor = self._candidate(session, task, now)
            habit = HABITS[task.ask.element_id]
            values = {name: value for name, value in habit.answers(task.ask, case, self.dice).items() if value != ""}
            if habit.photos and values.get("outcome") in ("done", "pass", "exists") and self.dice.random() < 0.9:
                values["photos"] = self._take_photos(session, case, habit.photos, actor, now)
            try:
                step = tasks.complete(session, task.task_id, values, actor=actor, now=now)
            except TaskClosedError:
                return
            opened.extend(self._opened(session, case, step.variables))

        transactions.run(self.factory, work)
        self.done["answer"] += 1
        self.plan_answers(opened, now)

    def fire_timers(self, until: datetime) -> None:
        """Every timer due up to `until` fires at its own moment, in their order."""
        while True:
            with self.factory() as session:
                due = session.execute(
                    select(Timer.id, Timer.due_at)
                    .where(Timer.due_at <= until)
                    .order_by(Timer.due_at, Timer.id)
                    .limit(TIMERS)
                ).all()
            if not due:
                return
            for timer_id, due_at in due:
                self._fire(timer_id, due_at or until)

    def _fire(self, timer_id: int, now: datetime) -> None:
        def work(session: Session) -> None:
            try:
                timers.fire(session, timer_id, now)
            except NotFoundError:
                return

        transactions.run(self.factory, work)
        self.done["timer"] += 1

    def plan_answers(self, opened: list[Waiting], now: datetime) -> None:
        """Plan when people will answer what has just opened."""
        for task in opened:
            habit = HABITS[task.ask.element_id]
            if self._is_left(task, now):
                continue
            takes = habit.takes(task.ask, self.dice)
            if now < self.end - RUSH:
                at = habits.at_work(now + takes, self.dice, shifts=habit.shifts, weekends=habit.weekends)
            elif task.ask.element_id == "Task_Handle" and self.dice.random() < 0.6:
                at = now + habits.minutes(self.dice, 12, 100)
            else:
                at = now + takes
            self.plan(at, partial(self.answer, task))

    def _is_left(self, task: Waiting, now: datetime) -> bool:
        """Whether nobody comes to it before the end: of what opens late some of everything, and rarely a handling."""
        left = self.end - now
        if left <= RUSH:
            return self.dice.random() < LEFT.get(task.ask.element_id, 0.1)
        return task.ask.element_id == "Task_Handle" and left < timedelta(days=8) and self.dice.random() < FORGOTTEN

    def claim_some(self) -> None:
        """Some of what is open at the end is in somebody's hands."""
        with self.factory() as session:
            ids = list(session.scalars(select(UserTask.id).where(UserTask.assignee.is_(None)).order_by(UserTask.id)))
        for task_id in ids:
            if self.dice.random() < CLAIMED:
                transactions.run(self.factory, partial(self._claim, task_id))

    def _claim(self, task_id: int, session: Session) -> None:
        task = session.get_one(UserTask, task_id)
        groups = sorted(
            key.removeprefix("g:")
            for key in session.scalars(select(TaskCandidate.candidate).where(TaskCandidate.task_id == task_id))
        )
        people = self._in_groups(session, groups, self.end)
        able = [person for person in people if person.user_id not in task.excluded_users]
        if able:
            since = task.created_at + (self.end - task.created_at) * self.dice.random()
            tasks.claim(session, task_id, actor=self.dice.choice(able), now=since.replace(microsecond=0))

    def adopt(self, now: datetime) -> int:
        """Plan answers to what waits in cases that somebody else opened; how many cases."""
        with self.factory() as session:
            query = select(ProcessInstance.business_key, ProcessInstance.variables)
            running = session.execute(query.where(ProcessInstance.status == "running")).all()
            for number, variables in running:
                self.plan_answers(self._opened(session, cases.get(session, number), variables), now)
            held = select(UserTask.id, UserTask.assignee).where(UserTask.assignee.is_not(None))
            self.holders = {task_id: holder for task_id, holder in session.execute(held) if holder}
        return len(running)

    def _opened(self, session: Session, case: Case, variables: Mapping[str, Any]) -> list[Waiting]:
        """The tasks of a case that nobody has planned for yet."""
        found = []
        rows = session.execute(
            select(UserTask.id, UserTask.element_id, UserTask.created_at, UserTask.due_at, UserTask.excluded_users)
            .add_columns(
                select(func.array_agg(TaskCandidate.candidate))
                .where(TaskCandidate.task_id == UserTask.id)
                .scalar_subquery()
            )
            .where(UserTask.business_key == case.number)
        ).all()
        for task_id, element_id, opened_at, due_at, excluded, candidates in rows:
            if task_id not in self.planned and element_id in HABITS:
                self.planned.add(task_id)
                groups = tuple(sorted(key.removeprefix("g:") for key in candidates if key.startswith("g:")))
                ask = Ask(case.number, element_id, opened_at, due_at, dict(variables))
                found.append(Waiting(task_id, ask, groups, frozenset(excluded)))
        return found

    # --- the parts ----------------------------------------------------------------------------------------------

    def _weights(self) -> dict[catalogue.Category, int]:
        known = {(each.kind, each.code): each for each in catalogue.categories()}
        usable = {key: each for key, each in known.items() if any(one.limit is not None for one in each.conditions)}
        return {usable[key]: weight for key, weight in habits.CATEGORIES.items() if key in usable}

    def _what_and_where(self) -> tuple[catalogue.Category, Spot, str | None]:
        """What is reported, where, and the case of the same place if it is one."""
        if self.spots and self.dice.random() < 0.2:
            spot, category, number = self.dice.choice(self.spots[-80:])
            return category, self.map.near(spot, 45), number
        return self._one_of(self.weights), self.map.somewhere(), None

    def _one_of(self, weights: Any) -> Any:
        return self.dice.choices(list(weights), list(weights.values()))[0]

    def _photos(self, name: str) -> tuple[list[bytes], list[bytes]]:
        scene, variant = pictures.scene_for(name), self.dice.randrange(VARIANTS)
        return [pictures.drawing(scene, variant, after=False)], [pictures.drawing(scene, variant, after=True)]

    def _take_photos(self, session: Session, case: Case, phase: str, actor: Actor, now: datetime) -> list[str]:
        _, after = self._photos(case.category_name)
        found = after if phase in ("after", "check") else self._photos(case.category_name)[0]
        return [
            photos.add(session, each, phase=phase, actor=actor, now=now, case_number=case.number).id for each in found
        ]

    def _reporter(self, session: Session, source: str, spot: Spot, now: datetime) -> Actor:
        street = spot.responsibility_grid.partition("-")[0]
        groups = {
            "collector": [f"grid_officer@{spot.responsibility_grid}", f"collector@{street}"],
            "department": [f"department_staff@{street}-cg"],
        }.get(source, [f"acceptor@{street}"])
        own = self._in_groups(session, groups[:1], now)
        return self.dice.choice(own if own and self.dice.random() < 0.8 else self._in_groups(session, groups, now))

    def _candidate(self, session: Session, task: Waiting, now: datetime) -> Actor:
        people = self._in_groups(session, task.groups, now)
        holder = self.holders.get(task.task_id)
        able = [person for person in people if person.user_id == holder] or [
            person for person in people if person.user_id not in task.excluded
        ]
        if not able:
            raise NotFoundError(what=f"person who may answer {task.ask.element_id} of {task.ask.number}")
        return self.dice.choice(able)

    def _in_groups(self, session: Session, groups: Iterable[str], now: datetime) -> list[Actor]:
        """The people of several groups, each once; looked up once per group."""
        found: dict[str, Actor] = {}
        for group in groups:
            if group not in self.people:
                members = org.people_in(session, group, now)
                self.people[group] = [org.viewer(session, person.id, now).actor() for person in members]
            found.update({person.user_id: person for person in self.people[group]})
        return list(found.values())
