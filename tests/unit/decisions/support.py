"""Small decision models for tests."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from bpmn.decisions import DecisionModel, load_files
from bpmn.decisions.feel.compiler import compile_expression
from bpmn.decisions.run import Run, Scope
from bpmn.decisions.values import as_feel

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def feel(text: str, **variables: Any) -> Any:
    """The value of a FEEL text; an underscore in a variable's name stands for a blank."""
    named = {name.replace("_", " "): as_feel(value) for name, value in variables.items()}
    return compile_expression(text, frozenset(named))(Scope(Run(), named))


def model(body: str) -> DecisionModel:
    """A model from the content of `definitions`."""
    return load_files(
        {"m.dmn": f'<definitions xmlns="{NAMESPACE}" namespace="n" name="m">{body}</definitions>'.encode()}, "m.dmn"
    )


def table(
    inputs: list[str], rules: list[list[str]], *, policy: str = "UNIQUE", extra: str = "", output: str = ""
) -> DecisionModel:
    """A model with one table `d`; each rule has its cells and, last, its output."""
    head = "".join(f"<input><inputExpression><text>{escape(name)}</text></inputExpression></input>" for name in inputs)
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in rule[:-1])
        + f"<outputEntry><text>{escape(rule[-1])}</text></outputEntry></rule>"
        for rule in rules
    )
    return model(
        f'<decision id="d" name="D"><decisionTable hitPolicy="{policy}" {extra}>{head}'
        f'<output name="o">{output}</output>{rows}</decisionTable></decision>'
    )
