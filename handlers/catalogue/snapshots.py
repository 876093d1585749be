"""The process's snapshot of the catalogue: made from the database, or from the data files before the first import.

One small statement tells whether the snapshot is still that of the database. Without a session the last one is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.catalogue import files
from handlers.catalogue.tables import (
    CatalogueCategory,
    CatalogueCodeSet,
    CatalogueCondition,
    CatalogueMajor,
    CatalogueMapping,
    CatalogueRoute,
)
from handlers.catalogue.values import KINDS, Category, CodeSet, Condition, Major, RouteRule, Snapshot
from handlers.clocks.limits import Limit, Unit

IMPORTING = "catalogue import"
"""In `session.info` of a transaction that imports: what it sees may still be rolled back and is nobody else's."""

_held: dict[str, Snapshot] = {}
"""`current`: the snapshot used last; `files`: that of the data files."""


def snapshot(session: Session | None = None) -> Snapshot:
    """The catalogue; with a session as the database has it now (one statement while nothing changed)."""
    if session is None:
        return _held.get("current") or from_files()
    revisions = select(CatalogueCodeSet.id, CatalogueCodeSet.revision).order_by(CatalogueCodeSet.id)
    key = tuple((row.id, row.revision) for row in session.execute(revisions))
    held = _held.get("current")
    if held is not None and held.key == key:
        return held
    made = from_database(session, key) if key else from_files()
    if IMPORTING not in session.info:
        _held["current"] = made
    return made


def from_files() -> Snapshot:
    """The catalogue as the data files have it; its key is empty like that of an empty database."""
    if "files" not in _held:
        read = files.read_all()
        sets = {each.id: _of_file(each) for each in read}
        mappings = {(each.id, kind, code, other): there for each in read for kind, code, other, there in each.mappings}
        _held["files"] = Snapshot((), sets, mappings)
    return _held["files"]


def from_database(session: Session, key: tuple[tuple[str, str], ...]) -> Snapshot:
    """The catalogue as the database has it. Six statements."""
    majors = defaultdict(list)
    for row in session.scalars(select(CatalogueMajor).order_by(CatalogueMajor.kind, CatalogueMajor.code)):
        majors[row.code_set].append(Major(row.code_set, row.kind, row.code, row.name_zh, row.name_en))
    conditions = defaultdict(list)
    for condition in session.scalars(select(CatalogueCondition).order_by(CatalogueCondition.ordinal)):
        conditions[condition.category_id].append(condition)
    categories = defaultdict(list)
    for category in session.scalars(select(CatalogueCategory)):
        made = _category(category, majors[category.code_set], conditions[category.id])
        categories[category.code_set].append(made)
    routes = defaultdict(list)
    for line in session.scalars(select(CatalogueRoute).order_by(CatalogueRoute.line)):
        routes[line.code_set].append(_rule(line))
    sets = {
        each.id: _code_set(
            each.id,
            (each.name, each.version),
            each.is_for_new_cases,
            categories=categories[each.id],
            majors=majors[each.id],
            routes=routes[each.id],
        )
        for each in session.scalars(select(CatalogueCodeSet))
    }
    mappings = {
        (row.from_set, row.kind, row.from_code, row.to_set): row.to_code
        for row in session.scalars(select(CatalogueMapping))
    }
    return Snapshot(key, sets, mappings)


def _category(row: CatalogueCategory, majors: Iterable[Major], conditions: Iterable[CatalogueCondition]) -> Category:
    major = next(each for each in majors if (each.kind, each.code) == (row.kind, row.code[:2]))
    return Category(
        code_set=row.code_set,
        kind=row.kind,
        code=row.code,
        major_code=major.code,
        major=major.name,
        major_en=major.name_en,
        name=row.name_zh,
        name_en=row.name_en,
        initials=row.initials,
        is_local=row.is_local,
        origin=row.origin,
        is_retired=row.retired_at is not None,
        conditions=tuple(_condition(each, row.kind, row.code) for each in conditions),
    )


def _condition(row: CatalogueCondition, kind: str, code: str) -> Condition:
    known: dict[str, Unit] = {"UH": "UH", "UD": "UD", "WH": "WH", "WD": "WD", "ND": "ND", "M": "M"}
    limit = None
    if row.limit_value is not None and row.limit_unit is not None:
        limit = Limit(row.limit_value, known[row.limit_unit])
    return Condition(
        code=condition_code(kind, code, row.ordinal),
        kind=kind,
        category_code=code,
        ordinal=row.ordinal,
        name=row.trigger_zh,
        name_en=row.trigger_en,
        limit=limit,
        limit_text=row.limit_text,
        closing=row.closing_zh,
        closing_en=row.closing_en,
        is_retired=row.retired_at is not None,
    )


def condition_code(kind: str, code: str, ordinal: int) -> str:
    """`E0101-2`: the second condition of event 0101."""
    return f"{KINDS[kind][0]}{code}-{ordinal}"


def _rule(row: CatalogueRoute) -> RouteRule:
    return RouteRule(
        code_set=row.code_set,
        kind=row.kind,
        category=row.category,
        condition=row.condition,
        area=row.area,
        lead_kind=row.lead_kind,
        level=row.level,
        priority=row.priority,
        line=row.line,
    )


def _code_set(
    name: str,
    about: tuple[str, str],
    is_for_new_cases: bool,
    *,
    categories: Iterable[Category],
    majors: Iterable[Major],
    routes: Iterable[RouteRule],
) -> CodeSet:
    ordered = sorted(categories, key=lambda each: (each.kind != "event", each.code))
    return CodeSet(
        id=name,
        name=about[0],
        version=about[1],
        is_for_new_cases=is_for_new_cases,
        categories={(each.kind, each.code): each for each in ordered},
        majors=tuple(sorted(majors, key=lambda each: (each.kind != "event", each.code))),
        routes=tuple(routes),
    )


def _of_file(read: files.SetFile) -> CodeSet:
    majors = [
        Major(read.id, kind, code, names[0], names[1])
        for kind, codes in read.majors.items()
        for code, names in codes.items()
    ]
    names = {(each.kind, each.code): each for each in majors}
    return _code_set(
        read.id,
        (read.name, read.version),
        read.is_for_new_cases,
        categories=[_of_row(read.id, row, names[row.kind, row.code[:2]]) for row in read.categories.values()],
        majors=majors,
        routes=read.routes,
    )


def _of_row(code_set: str, row: files.CategoryRow, major: Major) -> Category:
    conditions = tuple(
        Condition(
            code=condition_code(row.kind, row.code, ordinal),
            kind=row.kind,
            category_code=row.code,
            ordinal=ordinal,
            name=each.trigger_zh,
            name_en=each.trigger_en,
            limit=each.limit,
            limit_text=each.limit_text,
            closing=each.closing_zh,
            closing_en=each.closing_en,
        )
        for ordinal, each in enumerate(row.conditions, 1)
    )
    return Category(
        code_set=code_set,
        kind=row.kind,
        code=row.code,
        major_code=major.code,
        major=major.name,
        major_en=major.name_en,
        name=row.name_zh,
        name_en=row.name_en,
        initials=row.initials,
        is_local=row.is_local,
        origin=row.origin,
        is_retired=False,
        conditions=conditions,
    )
