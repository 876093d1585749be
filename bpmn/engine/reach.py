"""A scope's specification that knows from where its joins can be reached: worked out once, kept with it."""

from __future__ import annotations

from bpmn.checker.model import Scope
from bpmn.checker.reach import sources
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
            found = self._reach[key] = sources(self.model, join_id, flow_id)
        return found
