"""Which flow nodes and branches of a process the walks have taken, and which are left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bpmn.engine.bundle import ProcessInfo
from bpmn.engine.contract import ElementEvent


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one process. A branch is a sequence flow out of an element that has several."""

    process: str
    nodes: frozenset[str]
    nodes_taken: frozenset[str]
    branches: frozenset[str]
    branches_taken: frozenset[str]

    @property
    def nodes_missing(self) -> list[str]:
        return sorted(self.nodes - self.nodes_taken)

    @property
    def branches_missing(self) -> list[str]:
        return sorted(self.branches - self.branches_taken)

    @property
    def is_complete(self) -> bool:
        """True when nothing is left."""
        return not self.nodes_missing and not self.branches_missing


def measure(process: ProcessInfo, events: Iterable[ElementEvent]) -> Coverage:
    """What `events` of any number of walks cover; a node counts when it was completed."""
    branches = {flow for element in process.elements.values() if len(element.outgoing) > 1 for flow in element.outgoing}
    completed = {event.element_id for event in events if event.kind == "completed"}
    nodes = frozenset(process.elements)
    return Coverage(
        process=process.id,
        nodes=nodes,
        nodes_taken=nodes & completed,
        branches=frozenset(branches),
        branches_taken=frozenset(branches) & completed,
    )
