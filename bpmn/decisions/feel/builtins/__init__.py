"""FEEL's built-in functions (DMN 1.5 section 10.3.4), one module for each family."""

from __future__ import annotations

from bpmn.decisions.feel.builtins import contexts, conversion, lists, numbers, ranges, strings, temporals
from bpmn.decisions.feel.builtins.registry import FUNCTIONS, PARAMETER_NAMES

PROPERTIES = {"time offset", "start included", "end included"}
TYPES = {"date and time", "days and time duration", "years and months duration"}
NAMES: frozenset[str] = frozenset(FUNCTIONS) | PARAMETER_NAMES | PROPERTIES | TYPES
"""All names with blanks that FEEL itself knows."""

__all__ = [
    "FUNCTIONS",
    "NAMES",
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "strings",
    "temporals",
]
