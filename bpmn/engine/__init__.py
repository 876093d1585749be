"""The pure engine: state in, command in; state, waits and events out. The only door to SpiffWorkflow.

It knows no database and no clock. `contract` has the values that cross its border.
"""

from bpmn.engine.bundle import Bundle, ElementInfo, FlowInfo, LaneInfo, ProcessInfo, StartInfo
from bpmn.engine.compiling import compile_files
from bpmn.engine.stepping import start, step

__all__ = [
    "Bundle",
    "ElementInfo",
    "FlowInfo",
    "LaneInfo",
    "ProcessInfo",
    "StartInfo",
    "compile_files",
    "start",
    "step",
]
