"""One evaluation: its budget, its clock and its scopes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bpmn.decisions.errors import BudgetExceededError

MAX_STEPS = 2_000_000
MAX_DEPTH = 90
MAX_ITEMS = 200_000
MAX_TEXT = 1_000_000
ZONE = ZoneInfo("Asia/Shanghai")
MISSING: Any = object()


@dataclass(slots=True)
class Run:
    """The budget of one evaluation. `now` is what `now()` and `today()` answer."""

    now: datetime | None = None
    steps: int = 0
    depth: int = 0
    limit: int = MAX_STEPS
    warnings: list[tuple[str, str]] = field(default_factory=list)
    """(zh, en) of what was answered with null instead of an error, as FEEL wants it."""

    def tick(self, count: int = 1) -> None:
        """Pay for `count` steps. :raises BudgetExceededError:"""
        self.steps += count
        if self.steps > self.limit:
            raise BudgetExceededError

    def moment(self) -> datetime:
        """The moment of this evaluation, the same for all of it."""
        if self.now is None:
            self.now = datetime.now(ZONE)
        return self.now

    def enter(self) -> None:
        """One function call deeper. :raises BudgetExceededError: recursion without end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BudgetExceededError(zh="函数调用嵌套过深", en="function calls are nested too deeply")

    def leave(self) -> None:
        self.depth -= 1

    def warn(self, zh: str, en: str) -> None:
        """Remember why a null came out; the first hundred are kept."""
        if len(self.warnings) < 100:
            self.warnings.append((zh, en))

    @staticmethod
    def guard_size(size: int, most: int = MAX_ITEMS) -> None:
        """:raises BudgetExceededError: a list or text of `size` would be too large."""
        if size > most:
            raise BudgetExceededError(zh="结果过大", en="the result is too large")


class Scope:
    """Names visible to an expression, innermost first."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, run: Run, names: dict[str, Any], parent: Scope | None = None) -> None:
        self.run = run
        self.names = names
        self.parent = parent

    def get(self, name: str) -> Any:
        """The value of `name`, or `MISSING`."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.names.get(name, MISSING)
            if value is not MISSING:
                return value
            scope = scope.parent
        return MISSING

    def inner(self, names: dict[str, Any]) -> Scope:
        """A scope inside this one."""
        return Scope(self.run, names, self)
