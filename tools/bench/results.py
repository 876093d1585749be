"""What a benchmark answers: figures, the same-run reference, goals, and whether they hold."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: `figure` must be at most (or at least) `bound`."""

    text: str
    figure: float
    bound: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure meets the bound."""
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound


def at_most(text: str, figure: float, bound: float) -> Goal:
    """A goal with an upper bound."""
    return Goal(text, figure, bound)


def at_least(text: str, figure: float, bound: float) -> Goal:
    """A goal with a lower bound."""
    return Goal(text, figure, bound, at_least=True)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one benchmark. Figures and references are plain numbers (or lists of them) by name."""

    name: str
    figures: dict[str, Any]
    reference: dict[str, Any]
    goals: list[Goal] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """True when every goal holds."""
        return all(goal.holds for goal in self.goals)

    def as_json(self) -> str:
        """One JSON object: name, figures, reference, goals, holds."""
        goals = [
            {
                "goal": goal.text,
                "figure": _short(goal.figure),
                "at_least" if goal.at_least else "at_most": goal.bound,
                "holds": goal.holds,
            }
            for goal in self.goals
        ]
        document = {
            "name": self.name,
            "figures": _short(self.figures),
            "reference": _short(self.reference),
            "goals": goals,
            "holds": self.holds,
        }
        return json.dumps(document, ensure_ascii=False)

    def as_text(self) -> str:
        """The same for people."""
        lines = [f"{self.name}"]
        lines += [f"  {name:<34} {_show(value)}" for name, value in self.figures.items()]
        lines += [f"  reference: {name:<23} {_show(value)}" for name, value in self.reference.items()]
        for goal in self.goals:
            sign = ">=" if goal.at_least else "<="
            verdict = "holds" if goal.holds else "MISSED"
            lines.append(f"  {verdict:<6} {goal.text}: {_show(goal.figure)} {sign} {_show(goal.bound)}")
        return "\n".join(lines)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(max(-(-len(ordered) * int(share * 1000) // 1000) - 1, 0), len(ordered) - 1)]


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_short(part) for part in value]
    return value


def _show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.1f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_show(part)}" for name, part in value.items())
    return str(value)
