"""Runs instances in memory: for `gridwhistle trace`, for scenarios and for tests. No database and no clock.

Every command goes through the same `start` and `step` as in production, with the state saved and loaded between.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from bpmn.engine import stepping
from bpmn.engine.bundle import Bundle
from bpmn.engine.contract import (
    PENDING,
    Cancel,
    Command,
    CompleteJob,
    CompleteUserTask,
    DeliverMessage,
    DeliverSignal,
    ElementEvent,
    ElementRef,
    FailJob,
    FireTimer,
    IncidentWait,
    JobWait,
    MessageWait,
    Retry,
    SignalWait,
    Step,
    ThrowError,
    Thrown,
    TimerWait,
    UserTaskWait,
    Wait,
)
from bpmn.errors import GridWhistleError, InlineFailure, WaitClosedError
from bpmn.values import JSON, Variables

W = TypeVar("W", bound=Wait)
Call = Callable[[str, Variables, ElementRef], Any]
_MAX_FAILURES = 50


def _pending(_topic: str, _parameters: Variables, _element: ElementRef) -> Any:
    return PENDING


@dataclass
class MemoryHost:
    """A `Host` of plain functions. Without `call` every job waits; without `decide` every decision fails."""

    call_job: Call = _pending
    decide_with: Callable[[str, Variables, ElementRef], Mapping[str, JSON]] | None = None
    listen_with: Callable[[str, str, Variables, ElementRef, str], None] | None = None
    case_of: Callable[[], Mapping[str, JSON]] | None = None
    heard: list[tuple[str, str, Variables, str]] = field(default_factory=list)
    """Listener calls: (event, topic, parameters, element id)."""
    failures: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)

    def call(self, topic: str, parameters: Variables, element: ElementRef) -> Mapping[str, JSON]:
        answer: Mapping[str, JSON] = self.call_job(topic, parameters, element)
        return answer

    def listen(self, event: str, topic: str, parameters: Variables, element: ElementRef, key: str) -> None:
        self.heard.append((event, topic, parameters, element.element_id))
        if self.listen_with is not None:
            self.listen_with(event, topic, parameters, element, key)

    def decide(self, decision: str, variables: Variables, element: ElementRef) -> Mapping[str, JSON]:
        if self.decide_with is None:
            raise LookupError(f"there is no decision {decision}")
        return self.decide_with(decision, variables, element)

    def case(self) -> Mapping[str, JSON]:
        return {} if self.case_of is None else self.case_of()

    def failure_at(self, element_id: str) -> tuple[str, str, str, str] | None:
        return self.failures.get(element_id)


class Run:
    """One instance in memory. After each command `waits`, `status` and `variables` are the newest,
    `events` and `thrown` the whole history."""

    def __init__(
        self,
        bundle: Bundle,
        process_id: str,
        variables: Mapping[str, Any] | None = None,
        *,
        business_key: str = "memory",
        start_element: str | None = None,
        host: MemoryHost | None = None,
    ) -> None:
        self.bundle = bundle
        self.process_id = process_id
        self.host = host or MemoryHost()
        self.events: list[ElementEvent] = []
        self.thrown: list[Thrown] = []
        self.last = self._take(
            lambda: stepping.start(
                bundle,
                process_id,
                variables or {},
                business_key=business_key,
                host=self.host,
                start_element=start_element,
            )
        )

    # --- commands -----------------------------------------------------------------------------------------------

    def do(self, command: Command) -> Step:
        """Perform any command. A handler that fails becomes an incident, as in production.

        :raises WaitClosedError: the wait is not open; `VariableError` and others as in `engine.step`.
        """
        if self.status != "running":
            raise WaitClosedError(key="", why_zh="流程已结束", why_en="the process has ended")
        self.last = self._take(lambda: stepping.step(self.bundle, self.process_id, self.state, command, host=self.host))
        return self.last

    def complete(self, element_id: str, variables: Mapping[str, Any] | None = None) -> Step:
        """Complete the (first) open user task or job at an element."""
        wait = self.wait_at(element_id, UserTaskWait, JobWait)
        if isinstance(wait, JobWait):
            return self.do(CompleteJob(wait.key, dict(variables or {})))
        return self.do(CompleteUserTask(wait.key, dict(variables or {})))

    def fire(self, element_id: str, *, last: bool = False) -> Step:
        """Let the timer at an element fall due."""
        return self.do(FireTimer(self.wait_at(element_id, TimerWait).key, last))

    def message(self, name: str, variables: Mapping[str, Any] | None = None) -> Step:
        """Deliver a message to the first wait for it."""
        for wait in self.of(MessageWait):
            if wait.message == name:
                return self.do(DeliverMessage(wait.key, dict(variables or {})))
        raise WaitClosedError(key=name, why_zh="没有等待该消息", why_en="nothing waits for this message")

    def signal(self, name: str, variables: Mapping[str, Any] | None = None) -> Step:
        """Give a signal to every wait for it."""
        return self.do(DeliverSignal(name, dict(variables or {})))

    def throw(self, element_id: str, code: str, variables: Mapping[str, Any] | None = None) -> Step:
        """A BPMN error out of a job or user task."""
        return self.do(ThrowError(self.wait_at(element_id, UserTaskWait, JobWait).key, code, dict(variables or {})))

    def fail(self, element_id: str, zh: str = "失败", en: str = "failed") -> Step:
        """A job has no retries left."""
        return self.do(FailJob(self.wait_at(element_id, JobWait).key, zh, en))

    def retry(self, element_id: str, variables: Mapping[str, Any] | None = None) -> Step:
        """Retry the incident at an element; what made it fail before is forgotten."""
        return self.do(Retry(self.wait_at(element_id, IncidentWait).key, dict(variables or {})))

    def cancel(self) -> Step:
        return self.do(Cancel())

    # --- where it stands ----------------------------------------------------------------------------------------

    @property
    def state(self) -> bytes:
        return self.last.state

    @property
    def waits(self) -> tuple[Wait, ...]:
        return self.last.waits

    @property
    def status(self) -> Literal["running", "completed", "cancelled"]:
        return self.last.status

    @property
    def variables(self) -> Variables:
        return self.last.variables

    # --- looking ------------------------------------------------------------------------------------------------

    def of(self, kind: type[W]) -> list[W]:
        """The open waits of one kind."""
        return [wait for wait in self.waits if isinstance(wait, kind)]

    def waiting_at(self, element_id: str) -> bool:
        return any(wait.element_id == element_id for wait in self.waits)

    def wait_at(self, element_id: str, *kinds: type[Wait]) -> Wait:
        """The first open wait at an element.

        :raises WaitClosedError: there is none.
        """
        for wait in self.waits:
            if wait.element_id == element_id and (not kinds or isinstance(wait, kinds)):
                return wait
        raise WaitClosedError(key=element_id, why_zh="该环节没有等待", why_en="nothing waits at this element")

    @property
    def waiting(self) -> list[str]:
        """Where the instance waits: element ids, each once, in order."""
        return list(dict.fromkeys(wait.element_id for wait in self.waits))

    def path(self, kind: str = "completed", *, flows: bool = False) -> list[str]:
        """The ids of elements that were completed (or entered, cancelled), in order, without sequence flows."""
        return [e.element_id for e in self.events if e.kind == kind and (flows or e.type != "sequenceFlow")]

    def visited(self) -> frozenset[str]:
        """Every element and flow that was entered or completed: for coverage."""
        return frozenset(event.element_id for event in self.events if event.kind != "cancelled")

    # --- inside -------------------------------------------------------------------------------------------------

    def _take(self, attempt: Callable[[], Step]) -> Step:
        self.host.failures.clear()
        for _ in range(_MAX_FAILURES):
            try:
                step = attempt()
                break
            except InlineFailure as failure:
                if failure.facts["element_id"] in self.host.failures:
                    raise  # a listener of `cancel`: there is no token left that could wait
                cause = failure.__cause__ or failure
                text = "".join(traceback.format_exception(cause))
                zh, en = _sentences(cause)
                self.host.failures[failure.facts["element_id"]] = ("handler", zh, en, text)
        else:
            raise RuntimeError("handlers keep failing at ever more elements")
        self.host.failures.clear()
        self.events.extend(step.events)
        self.thrown.extend(step.thrown)
        return step


def _sentences(error: BaseException) -> tuple[str, str]:
    if isinstance(error, GridWhistleError):
        return error.message("zh"), error.message("en")
    return f"处理程序出错（{type(error).__name__}）。", f"The handler failed ({type(error).__name__}: {error})."


__all__ = ["MemoryHost", "Run", "SignalWait"]
