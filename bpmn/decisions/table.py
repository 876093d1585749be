"""Decision tables (DMN 1.5 chapter 8): compiled once, then matched column by column with sets of rules as bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bpmn.decisions import types
from bpmn.decisions.errors import DecisionError
from bpmn.decisions.feel.iteration import Compiled
from bpmn.decisions.index import ColumnIndex
from bpmn.decisions.run import Scope
from bpmn.decisions.values import CONTEXT, compare, equal

POLICIES = {
    "UNIQUE": "U", "FIRST": "F", "PRIORITY": "P", "ANY": "A", "COLLECT": "C", "RULE ORDER": "R", "OUTPUT ORDER": "O",
}  # fmt: skip


@dataclass(slots=True)
class InputColumn:
    label: str
    expression: Compiled
    wanted: types.FeelType | None
    allowed: Compiled | None
    index: ColumnIndex


@dataclass(slots=True)
class OutputColumn:
    name: str
    wanted: types.FeelType | None
    values: Compiled | None
    """The list of output values, in order of priority."""
    default: Compiled | None


@dataclass(slots=True)
class Table:
    """A compiled table. `outputs_of[rule][column]` are the compiled output entries."""

    name: str
    policy: str
    aggregation: str | None
    inputs: list[InputColumn]
    outputs: list[OutputColumn]
    outputs_of: list[list[Compiled]]
    on_hits: Callable[[Scope, list[int]], None]
    """Hears which rules (from 1) were hit."""

    def __call__(self, scope: Scope) -> Any:
        """The table's answer.

        :raises DecisionError: several hits under U, different ones under A, input not allowed.
        """
        hits = self.match(scope)
        self.on_hits(scope, [rule + 1 for rule in hits])
        if not hits:
            return self._no_hit(scope)
        return getattr(self, f"_policy_{self.policy.lower()}")(scope, hits)

    def match(self, scope: Scope) -> list[int]:
        """The rules (from 0) whose every cell is true, in order."""
        candidates = (1 << len(self.outputs_of)) - 1
        for position, column in enumerate(self.inputs):
            value = types.coerce(column.expression(scope), column.wanted)
            self._require_allowed(column, value, scope, position)
            candidates = column.index.narrow(candidates, value, scope)
            if not candidates:
                break
        return list(_bits(candidates))

    def _require_allowed(self, column: InputColumn, value: Any, scope: Scope, position: int) -> None:
        if column.allowed is None or value is None:
            return
        if column.allowed(scope.inner({"?": value})) is not True:
            raise DecisionError(
                "input_not_allowed",
                zh=f"输入“{column.label}”的值不在允许范围内",
                en=f'the value of input "{column.label}" is not among its allowed values',
            ).at(decision=self.name, column=position + 1)

    def _no_hit(self, scope: Scope) -> Any:
        if any(output.default is not None for output in self.outputs):
            values = [output.default(scope) if output.default else None for output in self.outputs]
            answer = self._shape(values)
            return [answer] if self.policy in "RO" or (self.policy == "C" and self.aggregation is None) else answer
        if self.policy == "C" and self.aggregation == "COUNT":
            return Decimal(0)
        return [] if self.policy == "C" and self.aggregation is None else None

    def _shape(self, values: Sequence[Any]) -> Any:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _values(self, scope: Scope, rule: int) -> list[Any]:
        scope.run.tick()
        return [
            types.coerce(entry(scope), output.wanted)
            for entry, output in zip(self.outputs_of[rule], self.outputs, strict=True)
        ]

    def _answers(self, scope: Scope, hits: list[int]) -> list[Any]:
        return [self._shape(self._values(scope, rule)) for rule in hits]

    def _policy_u(self, scope: Scope, hits: list[int]) -> Any:
        if len(hits) > 1:
            raise self._conflict(
                "not_unique", hits, "唯一命中（U）的表命中了多条规则", "a unique table hit several rules"
            )
        return self._answers(scope, hits)[0]

    def _policy_a(self, scope: Scope, hits: list[int]) -> Any:
        answers = self._answers(scope, hits)
        if any(equal(answer, answers[0]) is not True for answer in answers[1:]):
            raise self._conflict(
                "not_any", hits, "任意命中（A）的表给出了不同结果", "an any table gave different answers"
            )
        return answers[0]

    def _conflict(self, code: str, hits: list[int], zh: str, en: str) -> DecisionError:
        rules = ", ".join(str(rule + 1) for rule in hits[:20])
        return DecisionError(code, zh=f"{zh}：{rules}", en=f"{en}: {rules}").at(decision=self.name)

    def _policy_f(self, scope: Scope, hits: list[int]) -> Any:
        return self._answers(scope, hits[:1])[0]

    def _policy_p(self, scope: Scope, hits: list[int]) -> Any:
        return self._by_priority(scope, hits)[0]

    def _policy_r(self, scope: Scope, hits: list[int]) -> Any:
        return self._answers(scope, hits)

    def _policy_o(self, scope: Scope, hits: list[int]) -> Any:
        return self._by_priority(scope, hits)

    def _by_priority(self, scope: Scope, hits: list[int]) -> list[Any]:
        order = [output.values(scope) if output.values else [] for output in self.outputs]
        rows = [self._values(scope, rule) for rule in hits]

        def rank(row: list[Any]) -> list[int]:
            return [_rank(value, values) for value, values in zip(row, order, strict=True)]

        return [self._shape(row) for row in sorted(rows, key=rank)]

    def _policy_c(self, scope: Scope, hits: list[int]) -> Any:
        answers = self._answers(scope, hits)
        if self.aggregation is None:
            return answers
        if self.aggregation == "COUNT":
            return Decimal(len(answers))
        if self.aggregation == "SUM":
            return _sum(answers)
        return _best(answers, "<" if self.aggregation == "MIN" else ">")


def _bits(candidates: int) -> list[int]:
    found = []
    while candidates:
        lowest = candidates & -candidates
        found.append(lowest.bit_length() - 1)
        candidates ^= lowest
    return found


def _rank(value: Any, values: list[Any]) -> int:
    return next((place for place, other in enumerate(values) if equal(value, other) is True), len(values))


def _sum(answers: list[Any]) -> Decimal | None:
    if not all(isinstance(answer, Decimal) for answer in answers):
        return None
    total = Decimal(0)
    for answer in answers:
        total = CONTEXT.add(total, answer)
    return total


def _best(answers: list[Any], operator: str) -> Any:
    best = answers[0]
    for answer in answers[1:]:
        better = compare(answer, best, operator)
        if better is None:
            return None
        best = answer if better else best
    return best
