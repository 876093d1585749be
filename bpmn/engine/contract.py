"""What goes into the engine and what comes out: the border of `bpmn.engine`. Values only, no SpiffWorkflow.

One call of the engine is one step: a stored state, one command, and a `Host` that answers questions go in;
a new state, every open wait, the element events of this step and thrown messages come out. The caller
(`bpmn.execution`) compares the open waits with its rows by `key` and needs to know nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bpmn.values import JSON, Variables

CatchUp = Literal["once", "all", "skip"]


# --- open waits -------------------------------------------------------------------------------------------------
# `key` is unique in the instance, stays the same over save and load, and is new for each new visit of an element
# and for each new cycle of a repeating timer.


@dataclass(frozen=True, slots=True)
class Wait:
    key: str
    element_id: str
    name: str
    scope_id: str
    """The process id (of the called process inside a call activity) whose diagram holds the element."""


@dataclass(frozen=True, slots=True)
class UserTaskWait(Wait):
    """A user task or manual task. Texts with `{variable}` are already filled from the task's data."""

    lane: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    excluded_users: tuple[str, ...] = ()
    """Who may not do this task whatever their groups (separation of duties)."""
    assignee: str | None = None
    priority: int = 50
    due: str | None = None
    """ISO 8601 duration or moment, or `clock:NAME`; the caller turns it into a moment."""
    follow_up: str | None = None
    form: str | None = None
    data: Variables = field(default_factory=dict)
    """What a form may show: the task's data at the moment the wait opened."""


@dataclass(frozen=True, slots=True)
class TimerWait(Wait):
    """`kind` and `value` as written: duration `PT4H`, date `2026-11-22T09:00+08:00`, cycle `R3/PT10M`, cron
    `0 8 * * 1-5`, clock `clock:handling` or `clock:handling@80`. The caller computes the moment."""

    kind: Literal["duration", "date", "cycle", "cron", "clock"] = "duration"
    value: str = ""
    occurrence: int = 1
    """1 for the first firing of a cycle, 2 for the second, …"""
    catch_up: CatchUp = "once"


@dataclass(frozen=True, slots=True)
class MessageWait(Wait):
    message: str = ""
    correlation: Mapping[str, JSON] = field(default_factory=dict)
    """Values the message must carry; empty: the business key alone decides."""


@dataclass(frozen=True, slots=True)
class SignalWait(Wait):
    signal: str = ""


@dataclass(frozen=True, slots=True)
class JobWait(Wait):
    """A service, send or business rule task that the host did not answer at once."""

    topic: str = ""
    parameters: Variables = field(default_factory=dict)
    retries: int = 3
    backoff: str = "PT10S"


@dataclass(frozen=True, slots=True)
class IncidentWait(Wait):
    """The element failed and waits for `Retry`."""

    kind: str = "handler"
    zh: str = ""
    en: str = ""
    traceback: str = ""


COMPLETED_BY = "completed_by"
"""Among a user task's answers: who gave them. A `gw:output` may keep it under a name of its own; nothing else does."""


# --- commands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CompleteUserTask:
    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FireTimer:
    key: str
    last: bool = False
    """True: no further occurrence of a cycle (its end moment has passed)."""


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliverSignal:
    """Delivered to every open wait of that signal in the instance."""

    signal: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompleteJob:
    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailJob:
    """No retries left: the job becomes an incident."""

    key: str
    zh: str
    en: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class ThrowError:
    """A BPMN error out of a job or user task."""

    key: str
    error_code: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the failed element again, with changed variables if given."""

    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the instance; every open wait is cancelled."""


Command = (
    CompleteUserTask | FireTimer | DeliverMessage | DeliverSignal | CompleteJob | FailJob | ThrowError | Retry | Cancel
)


# --- results ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ElementEvent:
    kind: Literal["entered", "completed", "cancelled"]
    element_id: str
    type: str
    """BPMN local name: `userTask`, `exclusiveGateway`, `boundaryEvent`, `sequenceFlow` …"""
    scope_id: str
    name: str = ""
    key: str | None = None
    """The wait's key for elements that waited."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal sent to the outside. A signal was already given to the waits of its own instance."""

    kind: Literal["message", "signal"]
    name: str
    variables: Variables
    correlation: Mapping[str, JSON]
    element_id: str


@dataclass(frozen=True, slots=True)
class Step:
    """`status`: running while anything waits; completed when nothing is open; cancelled after `Cancel`."""

    state: bytes
    waits: tuple[Wait, ...]
    events: tuple[ElementEvent, ...]
    thrown: tuple[Thrown, ...]
    status: Literal["running", "completed", "cancelled"]
    variables: Variables
    """The data of the process: after completion the end data, before it the data of the last finished task."""


# --- the host ---------------------------------------------------------------------------------------------------

PENDING: Any = object()
"""What `Host.call` returns when the answer comes later (`CompleteJob`)."""


@dataclass(frozen=True, slots=True)
class ElementRef:
    element_id: str
    name: str
    type: str
    scope_id: str
    variables: Variables = field(default_factory=dict, compare=False, repr=False)
    """What is known there, for a listener; a handler gets all it needs as parameters."""


class Host(Protocol):
    """The engine's questions to its caller. All are answered inside the step, with no call to another system."""

    def call(self, topic: str, parameters: Variables, element: ElementRef) -> Mapping[str, JSON]:
        """Run the handler of `topic`. Returns variables, or `PENDING`; raises `BpmnError` to the diagram; anything
        else raised leaves the engine as `InlineFailure` naming the element, unless `failure_at` answers for it."""

    def listen(self, event: str, topic: str, parameters: Variables, element: ElementRef, key: str) -> None:
        """A `gw:listener` of an element: `event` is enter, complete or cancel. `key` is the wait's key."""

    def decide(self, decision: str, variables: Variables, element: ElementRef) -> Mapping[str, JSON]:
        """A business rule task with `calledDecisionId`."""

    def case(self) -> Mapping[str, JSON]:
        """The read-only `case` of scripts and conditions."""

    def failure_at(self, element_id: str) -> tuple[str, str, str, str] | None:
        """(kind, zh, en, traceback) when this element failed in an attempt that was rolled back: the engine then
        does not call it again but opens an `IncidentWait` there."""
