"""Walks one scenario through the engine in memory and says what differs from what it expects.

A walk stops at the first step that cannot be done; expectations are compared as far as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bpmn.engine.bundle import Bundle
from bpmn.engine.contract import (
    PENDING,
    DeliverMessage,
    ElementEvent,
    ElementRef,
    IncidentWait,
    MessageWait,
    TimerWait,
    UserTaskWait,
)
from bpmn.engine.memory import MemoryHost, Run
from bpmn.errors import BpmnError, GridWhistleError
from bpmn.scenarios.elapsing import elapse
from bpmn.scenarios.files import Person, Scenario, Step
from bpmn.values import JSON, Variables


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a walk. `problems` are sentences; none means it passed."""

    scenario: Scenario
    problems: tuple[str, ...]
    events: tuple[ElementEvent, ...]

    @property
    def is_passed(self) -> bool:
        return not self.problems


class DifferenceError(Exception):
    """The walk is not as the scenario says; the text tells how."""


def run(bundle: Bundle, scenario: Scenario) -> Result:
    """Walk `scenario` through its process. Never raises for what the scenario or the diagram does."""
    walk: Walk | None = None
    problems: list[str] = []
    try:
        walk = Walk(bundle, scenario)
        for number, step in enumerate(scenario.steps, 1):
            try:
                walk.take(step)
            except (DifferenceError, GridWhistleError) as error:
                raise DifferenceError(f"step {number} ({step.kind} {step.target}): {error}") from error
        problems = list(walk.differences())
    except (DifferenceError, GridWhistleError) as error:
        problems = [str(error), *(f"{wait.element_id}: {wait.en}" for wait in (walk.incidents if walk else ()))]
    return Result(scenario, tuple(problems), tuple(walk.run.events) if walk else ())


class Walk:
    """One run of a scenario: the instance in memory, the moment, and which answers of handlers are used up."""

    def __init__(self, bundle: Bundle, scenario: Scenario) -> None:
        self.scenario = scenario
        self.now = datetime.fromisoformat(scenario.now)
        self.opened: dict[str, datetime] = {}
        self.calls: dict[str, int] = {}
        host = MemoryHost(
            call_job=self.call,
            decide_with=self.decide,
            case_of=lambda: scenario.case,
        )
        self.run = Run(
            bundle, scenario.process, dict(scenario.variables), start_element=scenario.start_element, host=host
        )
        self.note_opened()

    @property
    def incidents(self) -> list[IncidentWait]:
        return self.run.of(IncidentWait)

    # --- the host's answers -------------------------------------------------------------------------------------

    def call(self, topic: str, _parameters: Variables, _element: ElementRef) -> Any:
        """The scenario's answer for a handler's topic."""
        return self._answer(self.scenario.handlers, topic, "handler")

    def decide(self, decision: str, _variables: Variables, _element: ElementRef) -> Mapping[str, JSON]:
        """The scenario's result of a decision."""
        answer: Mapping[str, JSON] = self._answer(self.scenario.decisions, decision, "decision")
        return answer

    def _answer(self, answers: Mapping[str, Any], name: str, what: str) -> Any:
        if name not in answers:
            raise DifferenceError(f"the scenario has no answer of {what} {name}")
        answer = answers[name]
        if isinstance(answer, list):
            count = self.calls[name] = self.calls.get(name, 0) + 1
            if count > len(answer):
                raise DifferenceError(f"{what} {name} is called {count} times and answers {len(answer)} times")
            answer = answer[count - 1]
        if answer == "later":
            return PENDING
        if "error" in answer:
            raise BpmnError(answer["error"], variables=answer.get("variables"))
        if "fail" in answer:
            raise DifferenceError(answer["fail"])
        return answer

    # --- steps --------------------------------------------------------------------------------------------------

    def take(self, step: Step) -> None:
        """Do one step.

        :raises DifferenceError: it cannot be done here, or was done by somebody who may not.
        """
        match step.kind:
            case "at":
                self.answer(step)
            case "clock":
                self.fire_clock(step.target)
            case "fire":
                self.run.fire(step.target)
            case "skip":
                self.now = elapse(self.run, self.now, step.target, lambda: self.opened, self.note_fired)
            case "message":
                self.deliver(step)
            case "signal":
                self.run.signal(step.target, step.answer)
            case "job":
                self.run.complete(step.target, step.answer)
            case "retry":
                self.run.retry(step.target, step.answer)
            case "waiting_at":
                self.compare_waiting(step.target)
        self.note_opened()

    def answer(self, step: Step) -> None:
        """Complete a user task as a person who may, after those who may not were refused."""
        wait = next((wait for wait in self.run.of(UserTaskWait) if wait.element_id == step.target), None)
        if wait is None:
            raise DifferenceError(f"nobody is asked there; it waits at {', '.join(self.run.waiting) or 'nothing'}")
        for name in step.refuses:
            if may_answer(wait, self.scenario.people[name]):
                raise DifferenceError(f"{name} may answer, but should be refused")
        answer = dict(step.answer)
        if step.person is not None:
            person = self.scenario.people[step.person]
            if not may_answer(wait, person):
                groups = ", ".join(wait.candidate_groups)
                raise DifferenceError(f"{step.person} may not answer (asked: {groups}; not: {wait.excluded_users})")
            answer["completed_by"] = person.user
        self.run.complete(step.target, answer)

    def fire_clock(self, reference: str) -> None:
        """Every timer that waits for this share of a clock falls due."""
        due = [wait for wait in self.run.of(TimerWait) if wait.value == f"clock:{reference}"]
        if not due:
            raise DifferenceError("no timer waits for it")
        for wait in due:
            self.run.fire(wait.element_id)

    def deliver(self, step: Step) -> None:
        """A message to the wait whose correlation it carries."""
        for wait in self.run.of(MessageWait):
            if wait.message == step.target and all(
                step.correlation.get(name) == value for name, value in wait.correlation.items()
            ):
                self.run.do(DeliverMessage(wait.key, step.answer))
                return
        raise DifferenceError("nothing waits for this message")

    def note_fired(self, moment: datetime) -> None:
        """A timer fired at `moment`; what opened with it is open since then."""
        self.now = moment
        self.note_opened()

    def note_opened(self) -> None:
        """Remember since when each wait is open, for timers that count from there."""
        self.opened = {wait.key: self.opened.get(wait.key, self.now) for wait in self.run.waits}

    # --- expectations -------------------------------------------------------------------------------------------

    def differences(self) -> Iterable[str]:
        """What is not as expected, one sentence each."""
        expect, completed = self.scenario.expect, self.run.path()
        missing = _first_out_of_order(expect.get("path", ()), completed)
        if missing is not None:
            yield f"path: {missing} is not reached in this order; taken: {' '.join(completed)}"
        for element in expect.get("never", ()):
            if element in self.run.visited():
                yield f"never: {element} was reached"
        told = [_as_text(topic, parameters) for _, topic, parameters, _ in self.run.host.heard]
        missing = _first_out_of_order(expect.get("told", ()), told)
        if missing is not None:
            yield f"told: {missing} is not told in this order; told: {' '.join(told)}"
        for name, value in expect.get("variables", {}).items():
            if self.run.variables.get(name) != value:
                yield f"variables: {name} is {self.run.variables.get(name)!r}, not {value!r}"
        yield from self._end_differences(completed)

    def _end_differences(self, completed: list[str]) -> Iterable[str]:
        expect = self.scenario.expect
        if "end" in expect:
            if self.run.status != "completed":
                yield f"end: not ended, it waits at {', '.join(self.run.waiting)}"
            if expect["end"] not in completed:
                yield f"end: {expect['end']} was not reached"
        elif sorted(self.run.waiting) != sorted(expect.get("waiting_at", [])):
            yield f"waiting_at: it waits at {', '.join(self.run.waiting) or 'nothing'}"
        for incident in self.incidents:
            yield f"incident at {incident.element_id}: {incident.en}"

    def compare_waiting(self, wanted: list[str]) -> None:
        """:raises DifferenceError: it waits elsewhere; timers may wait beside what is named."""
        waiting = {wait.element_id for wait in self.run.waits if not isinstance(wait, TimerWait)}
        if waiting != set(wanted):
            raise DifferenceError(f"it waits at {', '.join(sorted(waiting)) or 'nothing'}")


def may_answer(wait: UserTaskWait, person: Person) -> bool:
    """The rule of `bpmn.tasks`: a candidate or the assignee, and not excluded."""
    if person.user in wait.excluded_users:
        return False
    if wait.assignee is not None:
        return wait.assignee == person.user
    return person.user in wait.candidate_users or bool(person.groups & set(wait.candidate_groups))


def _first_out_of_order(wanted: Iterable[str], found: Iterable[str]) -> str | None:
    """The first of `wanted` that does not come after the ones before it."""
    rest = iter(found)
    return next((item for item in wanted if item not in rest), None)


def _as_text(topic: str, parameters: Mapping[str, JSON]) -> str:
    inside = ", ".join(f"{name}={value}" for name, value in parameters.items())
    return f"{topic}({inside})" if inside else topic
