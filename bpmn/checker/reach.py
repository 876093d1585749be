"""From where a token can come along a flow: for inclusive joins, stuck joins, and the exploration of behaviour."""

from __future__ import annotations

from bpmn.checker.model import Node, Scope


def sources(scope: Scope, join_id: str, flow_id: str) -> frozenset[str]:
    """The nodes from which a token can come along `flow_id` without passing the join."""
    seen: set[str] = set()
    stack = [scope.flows[flow_id].source]
    while stack:
        node_id = stack.pop()
        if node_id not in seen and node_id != join_id:
            seen.add(node_id)
            stack.extend(_before(scope, scope.nodes[node_id]))
    return frozenset(seen)


def _before(scope: Scope, node: Node) -> list[str]:
    before = [flow.source for flow in node.incoming]
    if node.kind == "boundaryEvent":
        before.append(node.attached_to)
    if is_link(node, "intermediateCatchEvent"):
        before.extend(other.id for other in linked(scope, node, "intermediateThrowEvent"))
    return before


def is_link(node: Node, kind: str) -> bool:
    """Whether it is a link event of this kind of node."""
    return node.kind == kind and node.event is not None and node.event.kind == "link"


def linked(scope: Scope, node: Node, kind: str) -> list[Node]:
    """The partners of a link event."""
    assert node.event is not None
    return scope.linked(kind, node.event.link)
