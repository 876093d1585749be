"""A compiled deployment: what the engine runs and what checks, coverage and diagrams read. Immutable, shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bpmn.findings import Finding

if TYPE_CHECKING:
    from bpmn.engine.specs import ScopeSpec


@dataclass(frozen=True, slots=True)
class FlowInfo:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None
    is_default: bool


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """A flow node. `type` is the BPMN local name, `event` the kind of its event definition (`timer`, `message` …)."""

    id: str
    type: str
    name: str
    documentation: str
    lane: str | None
    line: int
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    attached_to: str | None
    is_interrupting: bool
    parent: str
    """The process or subprocess that holds it directly."""
    event: str | None
    attributes: Mapping[str, str]
    """The `gw:` attributes."""
    form: str | None
    topic: str | None


@dataclass(frozen=True, slots=True)
class StartInfo:
    """A start event of a process. `event` is none, message, signal, timer or conditional; `value` its name or time."""

    element_id: str
    name: str
    event: str
    value: str
    timer: str = ""
    """duration, date, cycle, cron or clock."""
    correlation: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LaneInfo:
    id: str
    name: str
    candidate_groups: str


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """One process of a bundle."""

    id: str
    name: str
    file: str
    documentation: str
    is_executable: bool
    elements: Mapping[str, ElementInfo]
    flows: Mapping[str, FlowInfo]
    start_events: tuple[StartInfo, ...]
    lanes: tuple[LaneInfo, ...]
    topics: frozenset[str]
    """What handlers or workers it calls."""
    listener_topics: frozenset[str]
    decisions: frozenset[str]
    calls: frozenset[str]
    forms: frozenset[str]
    clocks: frozenset[str]
    """`clock:NAME` references of timers and due dates."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Processes compiled together. `warnings` are the findings that did not refuse it."""

    processes: Mapping[str, ProcessInfo]
    warnings: tuple[Finding, ...] = ()
    scopes: Mapping[str, ScopeSpec] = field(default_factory=dict, repr=False, compare=False)
    """The engine's own: specifications by process and subprocess id."""
