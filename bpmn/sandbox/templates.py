"""Texts with places to fill: `department_staff@{lead_unit}`, or a whole expression after `=`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bpmn.sandbox.expressions import Expression, compile_expression

_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text. `parts` alternate literal texts and expressions; one expression alone keeps its type."""

    text: str
    parts: tuple[str | Expression, ...]

    @property
    def is_static(self) -> bool:
        """Whether it is the same whatever the variables."""
        return all(isinstance(part, str) for part in self.parts)

    @property
    def uses_case(self) -> bool:
        """Whether a part reads `case`."""
        return any(isinstance(part, Expression) and part.uses_case for part in self.parts)

    @property
    def names(self) -> frozenset[str]:
        """The variables that it reads."""
        return frozenset().union(*(part.names for part in self.parts if isinstance(part, Expression)))

    def value(self, variables: Mapping[str, Any], case: Callable[[], Mapping[str, Any]] | None = None) -> Any:
        """The value: of any type for `=expression`, else the filled text.

        :raises ExpressionError: a variable is missing or the evaluation fails.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression) and self.text.lstrip().startswith("="):
            return self.parts[0].evaluate(variables, case)
        return self.fill(variables, case)

    def fill(self, variables: Mapping[str, Any], case: Callable[[], Mapping[str, Any]] | None = None) -> str:
        """The filled text; None becomes empty."""
        filled = (part if isinstance(part, str) else part.evaluate(variables, case) for part in self.parts)
        return "".join("" if part is None else str(part) for part in filled)


@lru_cache(maxsize=4096)
def compile_template(text: str) -> Template:
    """Compile `=expression` or a text with `{expression}` places.

    :raises ExpressionError: an expression in it is not allowed.
    """
    if text.lstrip().startswith("="):
        return Template(text, (compile_expression(text.lstrip()[1:]),))
    parts: list[str | Expression] = []
    at = 0
    for place in _PLACE.finditer(text):
        if place.start() > at:
            parts.append(text[at : place.start()])
        parts.append(compile_expression(place.group(1)))
        at = place.end()
    if at < len(text) or not parts:
        parts.append(text[at:])
    return Template(text, tuple(parts))
