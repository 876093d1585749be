"""Decisions by the DMN standard (1.1 to 1.5): tables, graphs, functions and FEEL.

`load(path)` gives a `DecisionModel`, `model.evaluate(name, inputs)` a value. Reads files of one folder, never a
network, and runs nothing but FEEL, within a budget of steps.
"""

from bpmn.decisions.errors import BudgetExceededError, DecisionError, Place
from bpmn.decisions.model import DecisionModel, Hit, Outcome, load, load_files
from bpmn.decisions.values import FeelFunction, Range, YearsMonths

__all__ = [
    "BudgetExceededError",
    "DecisionError",
    "DecisionModel",
    "FeelFunction",
    "Hit",
    "Outcome",
    "Place",
    "Range",
    "YearsMonths",
    "load",
    "load_files",
]
