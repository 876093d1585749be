"""A BPMN file as plain values: processes, scopes, nodes and flows with the line each came from.

Made by `bpmn.checker.reader`, judged by the rules, built into specifications by `bpmn.engine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

TASKS = frozenset(
    ("task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask")
)
SUBPROCESSES = frozenset(["subProcess", "transaction", "adHocSubProcess"])
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset(["exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"])
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"])
JOBS = frozenset(["serviceTask", "sendTask", "businessRuleTask"])


@dataclass(slots=True)
class Listener:
    event: str
    topic: str
    parameters: tuple[tuple[str, str], ...]
    line: int


@dataclass(slots=True)
class Event:
    """An event definition, its reference resolved. `kind` is the local name without `EventDefinition`."""

    kind: str
    line: int
    reference: str = ""
    name: str = ""
    """Of a message or signal."""
    code: str | None = None
    """Of an error or escalation; None catches every one."""
    timer: Literal["", "duration", "date", "cycle"] = ""
    value: str = ""
    """Text of a timer or condition."""
    language: str = ""
    catch_up: str = "once"
    correlation: tuple[tuple[str, str], ...] = ()
    activity: str = ""
    """Of a compensation event: the activity to compensate."""
    waits: bool = True
    """Of a compensation event: waitForCompletion."""
    link: str = ""


@dataclass(slots=True)
class Loop:
    """`standard` or `multi`."""

    kind: Literal["standard", "multi"]
    line: int
    sequential: bool = False
    cardinality: str = ""
    collection: str = ""
    item: str = ""
    output: str = ""
    output_item: str = ""
    until: str = ""
    condition: str = ""
    maximum: str = ""
    test_before: bool = False
    behavior: str = ""


@dataclass(slots=True)
class Flow:
    id: str
    line: int
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    language: str = ""


@dataclass(slots=True)
class Node:
    """A flow node. `gw` are the attributes of our namespace."""

    id: str
    kind: str
    line: int
    name: str = ""
    documentation: str = ""
    lane: str = ""
    default: str = ""
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    attached_to: str = ""
    interrupting: bool = True
    parallel_multiple: bool = False
    loop: Loop | None = None
    script: str = ""
    script_format: str = ""
    script_line: int = 0
    called: str = ""
    decision: str = ""
    message: Event | None = None
    """Of a send or receive task."""
    instantiate: bool = False
    event_gateway_type: str = ""
    triggered_by_event: bool = False
    is_for_compensation: bool = False
    body: Scope | None = None
    gw: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    """Elements of our namespace that mean nothing here."""
    inputs: tuple[tuple[str, str, int], ...] = ()
    outputs: tuple[tuple[str, str, int], ...] = ()
    listeners: list[Listener] = field(default_factory=list)
    foreign: tuple[str, ...] = ()
    """Attributes and elements of other products' namespaces, as `prefix:name`."""
    quantities: tuple[str, str] = ("1", "1")
    assignments: list[tuple[int, str]] = field(default_factory=list)
    """Data associations that compute something: (line, element)."""

    @property
    def event(self) -> Event | None:
        """The one event definition, None for a plain event."""
        return self.events[0] if self.events else None


@dataclass(slots=True)
class Scope:
    """What a process or subprocess holds directly."""

    id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    compensations: dict[str, str] = field(default_factory=dict)
    """Boundary event id -> handler id, from associations."""
    boundaries: dict[str, list[Node]] = field(default_factory=dict)
    """Activity id -> its boundary events."""
    links: dict[tuple[str, str], list[Node]] = field(default_factory=dict)
    """(kind of node, link name) -> link events."""

    def everywhere(self) -> Iterator[tuple[Scope, Node]]:
        """Every node of this scope and of the subprocesses in it."""
        stack = [self]
        while stack:
            scope = stack.pop()
            for node in scope.nodes.values():
                yield scope, node
                if node.body is not None:
                    stack.append(node.body)

    def linked(self, kind: str, name: str) -> list[Node]:
        """The link events of a name, thrown or caught; known once the flows are linked."""
        return self.links.get((kind, name), [])

    def attached(self, node_id: str) -> list[Node]:
        """The boundary events of an activity, in the order of the file; known once the flows are linked."""
        return self.boundaries.get(node_id, [])


@dataclass(slots=True)
class Lane:
    id: str
    name: str
    groups: str = ""


@dataclass(slots=True)
class Process:
    id: str
    file: str
    line: int
    body: Scope
    name: str = ""
    documentation: str = ""
    is_executable: bool | None = None
    lanes: dict[str, Lane] = field(default_factory=dict)
    participant: str = ""


@dataclass(slots=True)
class Model:
    """Several files read together."""

    processes: dict[str, Process] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
