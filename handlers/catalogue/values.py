"""The catalogue's values: immutable, complete, shared by all requests of a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpmn.errors import NotFoundError
from handlers.clocks.limits import Limit

KINDS: Mapping[str, tuple[str, str, str]] = {"event": ("E", "事件", "event"), "component": ("C", "部件", "component")}
"""Kind to its letter, Chinese and English name."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A filing condition (立案条件): when a case is filed, how long handling may take, when it may be closed."""

    code: str
    """`E0101-2`: stable within the code set, never given to another condition."""
    kind: str
    category_code: str
    ordinal: int
    name: str
    name_en: str
    limit: Limit | None
    """None: the source has none; such a condition cannot start a handling clock."""
    limit_text: str
    """The limit in the words of the source; it wins over any stored type."""
    closing: str
    closing_en: str
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A small category (小类)."""

    code_set: str
    kind: str
    code: str
    major_code: str
    major: str
    major_en: str
    name: str
    name_en: str
    initials: str
    is_local: bool
    origin: str
    """standard (numbers of GB/T 30428.2), city (local extension, numbered from 99 downwards) or inferred."""
    is_retired: bool
    conditions: tuple[Condition, ...]
    """All of them, retired ones too."""

    @property
    def full_code(self) -> str:
        """Kind letter and code, such as E0101."""
        return KINDS[self.kind][0] + self.code


@dataclass(frozen=True, slots=True)
class Major:
    """A major category (大类) of a code set."""

    code_set: str
    kind: str
    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One line of the routing table; empty category, condition or area means any."""

    code_set: str
    kind: str
    category: str
    condition: int | None
    area: str
    lead_kind: str
    level: str
    priority: int
    line: int


@dataclass(frozen=True, slots=True)
class Route:
    """The lead department that routing names, and the level it stands on."""

    lead_unit: str
    level: str
    lead_kind: str
    rule_line: int

    @property
    def lead_unit_code(self) -> str:
        """The same as `lead_unit`."""
        return self.lead_unit


@dataclass(frozen=True, slots=True)
class CodeSet:
    """One code set with everything in it."""

    id: str
    name: str
    version: str
    is_for_new_cases: bool
    categories: Mapping[tuple[str, str], Category]
    majors: tuple[Major, ...]
    routes: tuple[RouteRule, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All code sets at one moment. `key` tells one state of the database from another."""

    key: tuple[tuple[str, str], ...]
    sets: Mapping[str, CodeSet]
    mappings: Mapping[tuple[str, str, str, str], str | None] = field(default_factory=dict)
    """(from set, kind, code, to set) to the code there; None: known to have no counterpart."""

    @property
    def current(self) -> CodeSet:
        """The code set of new cases."""
        return next(each for each in self.sets.values() if each.is_for_new_cases)

    def code_set(self, name: str | None) -> CodeSet:
        """The named code set, or that of new cases.

        :raises NotFoundError: there is none of that name.
        """
        if name is None:
            return self.current
        if name not in self.sets:
            raise NotFoundError(what="code set", code_set=name)
        return self.sets[name]
