"""From where a token can reach an incoming flow of a join: worked out once per specification, kept with it."""

from __future__ import annotations

from bpmn.checker.model import Node, Scope
from bpmn.engine.specs import ScopeSpec


class ReachingScopeSpec(ScopeSpec):
    """A scope's specification that answers `reach`."""

    def __init__(self, name: str, model: Scope) -> None:
        super().__init__(name, model)
        self._reach: dict[tuple[str, str], frozenset[str]] = {}

    def reach(self, join_id: str, flow_id: str) -> frozenset[str]:
        """The nodes from which a token can come along `flow_id` without passing the join."""
        key = (join_id, flow_id)
        found = self._reach.get(key)
        if found is None:
            found = self._reach[key] = self._work_out(join_id, flow_id)
        return found

    def _work_out(self, join_id: str, flow_id: str) -> frozenset[str]:
        nodes = self.model.nodes
        seen: set[str] = set()
        stack = [self.model.flows[flow_id].source]
        while stack:
            node_id = stack.pop()
            if node_id in seen or node_id == join_id:
                continue
            seen.add(node_id)
            stack.extend(self._before(nodes[node_id]))
        return frozenset(seen)

    def _before(self, node: Node) -> list[str]:
        before = [flow.source for flow in node.incoming]
        if node.kind == "boundaryEvent":
            before.append(node.attached_to)
        if node.kind == "intermediateCatchEvent" and node.event is not None and node.event.kind == "link":
            before.extend(
                other.id
                for other in self.model.nodes.values()
                if other.kind == "intermediateThrowEvent" and other.event and other.event.link == node.event.link
            )
        return before
