"""The classes of SpiffWorkflow that the engine stands on, with what we correct in them for every element.

SpiffWorkflow predicts the whole future of a process as a tree of tasks and keeps its past there too; each step
walks that tree. Here a workflow holds live tokens only: nothing is predicted, what has finished is dropped at once,
and ready tokens are taken from a queue. Task states, the task life cycle (update, ready, run, complete, cancel) and
the division into specifications and workflows are SpiffWorkflow's own.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from bpmn.engine.specs import NodeSpec
    from bpmn.engine.workflow import Instance, ScopeWorkflow

for _name in ("spiff.task", "spiff.workflow"):
    # They build a dictionary for each state change and ask their own level only, never the inherited one.
    logging.getLogger(_name).setLevel(logging.WARNING)

__all__ = ["BpmnProcessSpec", "BpmnSpecMixin", "BpmnSubWorkflow", "BpmnWorkflow", "TaskState", "Token"]


class Token(Task):
    """A task of SpiffWorkflow that is live: ready to run, or waiting. `id` is a number, unique in the instance."""

    id: int
    task_spec: NodeSpec
    workflow: ScopeWorkflow
    internal_data: dict[str, Any]
    """What is stored with the token: `at` (where to go on), `armed`, `local`, `incident` and the element's own."""

    def _set_state(self, value: int) -> None:
        self._state = value

    @property
    def instance(self) -> Instance:
        return self.workflow.instance

    @property
    def is_armed(self) -> bool:
        """Whether this is a trigger that waits beside something else and was never entered itself."""
        return "armed" in self.internal_data

    @property
    def is_live(self) -> bool:
        return self.workflow.tasks.get(self.id) is self

    @property
    def key(self) -> str:
        """The key of the wait: new after each incident and each retry."""
        visit = self.internal_data.get("visit", 0)
        return f"{self.id}-{visit}" if visit else str(self.id)

    @property
    def owner(self) -> Token | None:
        """The live token that this one belongs to: its activity, multi-instance body or event gateway."""
        parent: Token | None = self.parent
        return None if parent is self.workflow.task_tree else parent

    def renew(self) -> None:
        """Give the wait a new key."""
        self.internal_data["visit"] = self.internal_data.get("visit", 0) + 1
