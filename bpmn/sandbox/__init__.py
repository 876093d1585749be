"""Text that designers write and the service evaluates: conditions, mappings and scripts, compiled once and budgeted.

Nothing here reaches a file, a socket, an attribute outside the allow-list or another variable than those given.
Which variables those are, and what happens on a failure, is left to `bpmn.engine`.
"""

from bpmn.sandbox.expressions import Expression, compile_expression
from bpmn.sandbox.scripts import Script, compile_script
from bpmn.sandbox.templates import Template, compile_template

__all__ = ["Expression", "Script", "Template", "compile_expression", "compile_script", "compile_template"]
