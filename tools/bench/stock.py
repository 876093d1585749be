"""The reference: stock SpiffWorkflow in memory, without a database, a serializer or anything of ours."""

from __future__ import annotations

import logging
import time

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tools.bench.models import MODELS

for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class StockModel:
    """A diagram parsed once by the stock parser."""

    def __init__(self, model: str) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str((MODELS / f"{model}.bpmn").read_bytes())
        self._spec = parser.get_spec(model)

    def start(self) -> BpmnWorkflow:
        """A new instance, run to its first user task."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        return workflow


def complete(workflow: BpmnWorkflow, answers: dict[str, str]) -> bool:
    """Answer the one open user task and run to the next. False: nothing is open."""
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    if task is None:
        return False
    task.data.update(answers)
    task.run()
    workflow.do_engine_steps()
    return True


def completion_ms(model: str, instances: int) -> float:
    """Mean milliseconds of one completion over whole instances, their start not counted."""
    stock, spent, count = StockModel(model), 0.0, 0
    for _ in range(instances):
        workflow = stock.start()
        begun = time.perf_counter()
        while complete(workflow, {"outcome": "ok"}):
            count += 1
        spent += time.perf_counter() - begun
        if not workflow.is_completed():
            raise RuntimeError("the stock engine did not complete the instance")
    return spent / count * 1000


def start_ms(model: str, instances: int) -> float:
    """Mean milliseconds of one start up to the first user task."""
    stock = StockModel(model)
    begun = time.perf_counter()
    for _ in range(instances):
        stock.start()
    return (time.perf_counter() - begun) / instances * 1000
