"""Which rules a value can hit, without trying every cell.

Cells that compare with constants, `"a", "b"`, `< 5`, `[1..10)`, `-`, are put into sets of rules, one bit a rule: by
value for equality, by elementary interval for order. All other cells are tried one by one, and only for rules still
in the race.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lark import Token, Tree

from bpmn.decisions.feel.compiler import unescape
from bpmn.decisions.feel.iteration import Compiled
from bpmn.decisions.run import Scope
from bpmn.decisions.values import CONTEXT

_CACHED_REGIONS = 4096


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of numbers; None is unbounded."""

    low: Decimal | None
    high: Decimal | None
    low_included: bool
    high_included: bool

    def contains(self, value: Decimal) -> bool:
        if self.low is not None and (value < self.low or (value == self.low and not self.low_included)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.high_included)


Constant = str | bool | Interval


@dataclass(frozen=True, slots=True)
class Cell:
    """A compiled cell; `constants` when it is a plain alternative of constants, else None. `anything`: `-`."""

    test: Compiled
    constants: tuple[Constant, ...] | None
    anything: bool = False


def constants_of(tree: Tree[Token]) -> tuple[Constant, ...] | None:
    """The constants a cell's tree compares with, or None when it does anything else."""
    if tree.data != "tests":
        return None
    found: list[Constant] = []
    for test in (child for child in tree.children if isinstance(child, Tree)):
        constant = _constant(test)
        if constant is None:
            return None
        found.append(constant)
    return tuple(found)


def _constant(test: Any) -> Constant | None:
    if not isinstance(test, Tree):
        return None
    if test.data == "test_compare":
        return _comparison(str(test.children[0]), _number(test.children[1]))
    if test.data != "test_expression":
        return None
    inner = test.children[0]
    if not isinstance(inner, Tree):
        return None
    if inner.data == "string":
        return unescape(str(inner.children[0])[1:-1])
    if inner.data in ("true", "false"):
        return inner.data == "true"
    if inner.data == "range":
        return _interval(inner)
    value = _number(inner)
    return None if value is None else Interval(value, value, True, True)


def _number(tree: Any) -> Decimal | None:
    if not isinstance(tree, Tree):
        return None
    if tree.data == "number":
        return CONTEXT.create_decimal(str(tree.children[0]))
    if tree.data == "negate":
        value = _number(tree.children[1])
        return None if value is None else -value
    return None


def _comparison(operator: str, value: Decimal | None) -> Interval | None:
    if value is None or operator == "!=":
        return None
    if operator == "=":
        return Interval(value, value, True, True)
    if operator in ("<", "<="):
        return Interval(None, value, False, operator == "<=")
    return Interval(value, None, operator == ">=", False)


def _interval(tree: Tree[Any]) -> Interval | None:
    low, high = _number(tree.children[1]), _number(tree.children[3])
    if low is None or high is None or low > high:
        return None
    return Interval(low, high, str(tree.children[0]) == "[", str(tree.children[4]) == "]")


class ColumnIndex:
    """One input column: narrows a set of candidate rules to those whose cell accepts a value."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells
        self.anything = 0
        self.opaque = 0
        self.equal: dict[str | bool, int] = {}
        self.ordered: list[tuple[Interval, int]] = []
        bounds: set[Decimal] = set()
        for rule, cell in enumerate(cells):
            bit = 1 << rule
            if cell.anything:
                self.anything |= bit
            elif cell.constants is None:
                self.opaque |= bit
            else:
                for constant in cell.constants:
                    if isinstance(constant, Interval):
                        self.ordered.append((constant, bit))
                        bounds.update(end for end in (constant.low, constant.high) if end is not None)
                    else:
                        self.equal[constant] = self.equal.get(constant, 0) | bit
        self.bounds = sorted(bounds)
        self.regions: dict[int, int] = {}

    def narrow(self, candidates: int, value: Any, scope: Scope) -> int:
        """The candidates (bits) that accept `value`."""
        accepted = self.anything
        if isinstance(value, str | bool):
            accepted |= self.equal.get(value, 0)
        elif isinstance(value, Decimal):
            accepted |= self._ordered(value)
        elif value is not None:
            accepted |= self._try(candidates & ~self.opaque & ~self.anything, value, scope)
        accepted |= self._try(candidates & self.opaque, value, scope)
        return candidates & accepted

    def _ordered(self, value: Decimal) -> int:
        place = bisect_left(self.bounds, value)
        on_bound = place < len(self.bounds) and self.bounds[place] == value
        region = 2 * place + on_bound
        known = self.regions.get(region)
        if known is None:
            known = 0
            for interval, bit in self.ordered:
                if interval.contains(value):
                    known |= bit
            if len(self.regions) < _CACHED_REGIONS:
                self.regions[region] = known
        return known

    def _try(self, candidates: int, value: Any, scope: Scope) -> int:
        accepted = 0
        inner = scope.inner({"?": value})
        while candidates:
            bit = candidates & -candidates
            candidates ^= bit
            scope.run.tick()
            if self.cells[bit.bit_length() - 1].test(inner) is True:
                accepted |= bit
        return accepted
