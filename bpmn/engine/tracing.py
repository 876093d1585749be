"""Runs a model to its end or to a wait that nothing answers: the work behind `gridwhistle trace`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.checker import check_named
from bpmn.checker.timers import TimerText
from bpmn.engine.bundle import Bundle, StartInfo
from bpmn.engine.compiling import compile_files
from bpmn.engine.contract import (
    ElementEvent,
    ElementRef,
    IncidentWait,
    JobWait,
    MessageWait,
    SignalWait,
    TimerWait,
    UserTaskWait,
    Wait,
)
from bpmn.engine.memory import MemoryHost, Run
from bpmn.errors import GridWhistleError
from bpmn.findings import errors_of
from bpmn.values import Variables

MAX_COMMANDS = 2000
Named = tuple[str, dict[str, Any]]


@dataclass
class Plan:
    """What comes from outside while the model runs."""

    data: dict[str, Any] = field(default_factory=dict)
    answers: list[Named] = field(default_factory=list)
    messages: list[Named] = field(default_factory=list)
    signals: list[Named] = field(default_factory=list)
    skip_timers: bool = False
    complete_tasks: bool = False
    start_element: str | None = None


@dataclass
class Outcome:
    """`status` is completed, waiting, incident or refused; `usage` a sentence when the call itself is wrong."""

    status: str = "refused"
    waiting: list[str] = field(default_factory=list)
    data: Variables = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    events: list[ElementEvent] = field(default_factory=list)
    usage: str = ""


def trace(files: Mapping[str, bytes], main: str, process_id: str | None, plan: Plan) -> Outcome:
    """Compile the files and run one process of them."""
    named = {
        file if file.lower().endswith((".bpmn", ".xml", ".dmn")) else f"{file}.bpmn": c for file, c in files.items()
    }
    refused = errors_of(check_named(files))
    if refused:
        return Outcome(errors=[finding.as_line() for finding in refused])
    bundle = compile_files(named)
    chosen = _choose_process(bundle, main, process_id)
    if chosen is None:
        return Outcome(usage=f"there is no such process; there are: {', '.join(sorted(bundle.processes))}")
    try:
        return _Tracer(bundle, chosen, plan, files).run()
    except GridWhistleError as error:
        return Outcome("incident", errors=[error.message("en")])


def _choose_process(bundle: Bundle, main: str, process_id: str | None) -> str | None:
    """The named process, else the first that nobody calls and that starts by itself."""
    if process_id is not None:
        return process_id if process_id in bundle.processes else None
    own = [info for info in bundle.processes.values() if info.file in (main, f"{main}.bpmn")]
    called = {name for info in bundle.processes.values() for name in info.calls}
    free = [info for info in own if info.id not in called]
    plain = [info for info in free if any(start.event == "none" for start in info.start_events)]
    return next((info.id for info in (*plain, *free, *own)), None)


class _Tracer:
    """One run of a plan."""

    def __init__(self, bundle: Bundle, process_id: str, plan: Plan, files: Mapping[str, bytes]) -> None:
        self.bundle = bundle
        self.process_id = process_id
        self.plan = plan
        self.files = files
        self.now = 0.0
        self.due: dict[str, float] = {}

    def run(self) -> Outcome:
        start, data = self._start()
        if start is None and not data and not self._can_start():
            waits = [each.element_id for each in self.bundle.processes[self.process_id].start_events]
            return Outcome("waiting", waits, dict(self.plan.data))
        host = MemoryHost(decide_with=self._decide)
        run = Run(
            self.bundle,
            self.process_id,
            {**self.plan.data, **data},
            host=host,
            start_element=start,
            business_key="trace",
        )
        for _ in range(MAX_COMMANDS):
            if run.status != "running" or not self._next(run):
                break
        incidents = run.of(IncidentWait)
        if incidents:
            status = "incident"
        else:
            status = "waiting" if run.status == "running" else "completed"
        errors = [f"{wait.element_id}: {wait.en}" for wait in incidents]
        return Outcome(status, run.waiting, run.variables, errors, run.events)

    # --- starting -----------------------------------------------------------------------------------------------

    def _can_start(self) -> bool:
        starts = self.bundle.processes[self.process_id].start_events
        return not starts or any(each.event == "none" for each in starts)

    def _start(self) -> tuple[str | None, dict[str, Any]]:
        """The start event, and what the message or signal that starts it brings."""
        starts = self.bundle.processes[self.process_id].start_events
        if self.plan.start_element is not None:
            return self.plan.start_element, {}
        plain = [each for each in starts if each.event == "none"]
        if plain or not starts:
            return (plain[0].element_id if plain else None), {}
        for start in starts:
            found = self._take_named(start)
            if found is not None:
                return start.element_id, found
        if self.plan.skip_timers:
            for start in starts:
                if start.event == "timer":
                    return start.element_id, {}
        return None, {}

    def _take_named(self, start: StartInfo) -> dict[str, Any] | None:
        coming = {"message": self.plan.messages, "signal": self.plan.signals}.get(start.event, [])
        for each in coming:
            if each[0] == start.value:
                coming.remove(each)
                return each[1]
        return None

    # --- going on -----------------------------------------------------------------------------------------------

    def _next(self, run: Run) -> bool:
        """Do one thing from outside. False: nothing is left to do."""
        self._note_timers(run)
        return self._message(run) or self._signal(run) or self._task(run) or self._timer(run)

    def _message(self, run: Run) -> bool:
        thrown = [(each.name, dict(each.variables)) for each in run.thrown if each.kind == "message"]
        for wait in run.of(MessageWait):
            for coming in (self.plan.messages, thrown):
                for each in coming:
                    if each[0] == wait.message:
                        coming.remove(each)
                        run.thrown[:] = [one for one in run.thrown if coming is not thrown or one.name != each[0]]
                        run.message(wait.message, each[1])
                        return True
        return False

    def _signal(self, run: Run) -> bool:
        waiting = {wait.signal for wait in run.of(SignalWait)}
        for each in self.plan.signals:
            if each[0] in waiting:
                self.plan.signals.remove(each)
                run.signal(each[0], each[1])
                return True
        return False

    def _task(self, run: Run) -> bool:
        tasks: list[Wait] = [*run.of(UserTaskWait), *run.of(JobWait)]
        for wait in tasks:
            for each in self.plan.answers:
                if each[0] == wait.element_id:
                    self.plan.answers.remove(each)
                    run.complete(wait.element_id, each[1])
                    return True
        if self.plan.complete_tasks and tasks:
            run.complete(tasks[0].element_id)
            return True
        return False

    def _note_timers(self, run: Run) -> None:
        for wait in run.of(TimerWait):
            self.due.setdefault(wait.key, self.now + _length(wait))

    def _timer(self, run: Run) -> bool:
        waits = run.of(TimerWait)
        if not self.plan.skip_timers or not waits:
            return False
        first = min(waits, key=lambda wait: self.due[wait.key])
        self.now = max(self.now, self.due[first.key])
        run.fire(first.element_id)
        return True

    def _decide(self, decision: str, variables: Variables, element: ElementRef) -> Mapping[str, Any]:
        from bpmn.decisions import load_files
        from bpmn.decisions.plain import from_json, to_json

        problem: Exception | None = None
        for file in self.files:
            if not file.lower().endswith(".dmn"):
                continue
            try:
                result = to_json(load_files(self.files, file).evaluate(decision, from_json(variables)))
            except GridWhistleError as error:
                problem = error
                continue
            return result if isinstance(result, dict) else {decision: result}
        raise problem or LookupError(f"there is no decision {decision}")


def _length(wait: TimerWait) -> float:
    """About how long a timer waits, in seconds: only the order of timers depends on it."""
    text = next((part for part in wait.value.split("/") if part.startswith("P")), "")
    return TimerText.seconds(text)
