"""Values that cross package borders: actors and process variables. No behaviour, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
Variables: TypeAlias = "dict[str, JSON]"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `user_id` is stable; `groups` are the candidate groups the person is in now.

    `system` actors (the ticker, a handler, a migration) pass every candidate guard and carry a speaking id
    such as `system:ticker`.
    """

    user_id: str
    name: str = ""
    groups: frozenset[str] = frozenset()
    system: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


TICKER = Actor("system:ticker", "定时器", system=True)
WORKER = Actor("system:worker", "后台任务", system=True)
