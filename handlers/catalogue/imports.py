"""Importing a code set: a repeated import changes what changed, retires what is gone and destroys nothing.

A condition whose limit changed becomes another condition, so that an open case keeps the limit it was filed under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bpmn.database import new_id
from bpmn.values import Actor
from handlers.catalogue import files
from handlers.catalogue.files import CategoryRow, ConditionRow, Finding, SetFile
from handlers.catalogue.snapshots import IMPORTING
from handlers.catalogue.tables import (
    CatalogueCategory,
    CatalogueCodeSet,
    CatalogueCondition,
    CatalogueMajor,
    CatalogueMapping,
    CatalogueRoute,
)
from handlers.catalogue.values import KINDS, RouteRule
from handlers.errors import CatalogueRefusedError, refused


@dataclass(slots=True)
class ImportReport:
    """What an import did: full codes of categories and codes of conditions."""

    code_set: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def load_files(session: Session, *, actor: Actor, now: datetime, root: Path | None = None) -> list[ImportReport]:
    """Import every code set of the data files, in one transaction.

    :raises CatalogueRefusedError: a file has errors; nothing is written.
    """
    read = files.read_all(root)
    for each in read:
        refuse_errors(each)
    reports = [load(session, each, actor=actor, now=now) for each in read]
    for each in read:
        _replace_mappings(session, each)
    return reports


def load(session: Session, read: SetFile, *, actor: Actor, now: datetime) -> ImportReport:
    """Import one code set, its majors and its routing table. Importing the same again changes nothing but the
    revision.

    :raises CatalogueRefusedError: the file has errors.
    """
    refuse_errors(read)
    session.info[IMPORTING] = True
    report = ImportReport(read.id, findings=list(read.findings))
    _upsert_set(session, read, actor=actor, now=now)
    _replace_majors(session, read)
    known = {
        (each.kind, each.code): each
        for each in session.scalars(select(CatalogueCategory).where(CatalogueCategory.code_set == read.id))
    }
    theirs: dict[str, list[CatalogueCondition]] = {each.id: [] for each in known.values()}
    for condition in session.scalars(select(CatalogueCondition).where(CatalogueCondition.category_id.in_(theirs))):
        theirs[condition.category_id].append(condition)
    ordinals: dict[tuple[str, str], list[int]] = {}
    for key, row in read.categories.items():
        category = _category(session, read.id, row, known, report)
        ordinals[key] = _conditions(session, category, row, theirs.get(category.id, []), report=report, now=now)
    for key, category in known.items():
        if key not in read.categories and category.retired_at is None:
            category.retired_at = now
            report.retired.append(KINDS[category.kind][0] + category.code)
    _replace_routes(session, read, ordinals)
    return report


def refuse_errors(read: SetFile) -> None:
    """:raises CatalogueRefusedError: a finding is an error."""
    errors = [finding for finding in read.findings if finding.is_error]
    if errors:
        first = errors[0]
        raise CatalogueRefusedError(
            count=len(errors),
            file=first.file,
            row=first.row,
            first_zh=first.zh,
            first_en=first.en,
            findings=tuple(read.findings),
            fields={f"{each.file}:{each.row}": [(each.zh, each.en)] for each in errors},
        )


def _upsert_set(session: Session, read: SetFile, *, actor: Actor, now: datetime) -> None:
    if read.is_for_new_cases:
        others = select(CatalogueCodeSet).where(CatalogueCodeSet.is_for_new_cases, CatalogueCodeSet.id != read.id)
        for other in session.scalars(others.with_for_update()):
            other.is_for_new_cases = False
        session.flush()
    found = session.get(CatalogueCodeSet, read.id, with_for_update=True)
    if found is None:
        found = CatalogueCodeSet(id=read.id)
        session.add(found)
    found.name, found.version, found.source = read.name, read.version, read.source
    found.is_for_new_cases = read.is_for_new_cases
    found.revision, found.imported_at, found.imported_by = new_id(), now, actor.user_id
    session.flush()


def _replace_majors(session: Session, read: SetFile) -> None:
    session.execute(delete(CatalogueMajor).where(CatalogueMajor.code_set == read.id))
    session.add_all(
        CatalogueMajor(code_set=read.id, kind=kind, code=code, name_zh=names[0], name_en=names[1])
        for kind, codes in read.majors.items()
        for code, names in codes.items()
    )
    session.flush()


def _replace_routes(session: Session, read: SetFile, ordinals: Mapping[tuple[str, str], list[int]]) -> None:
    """Write the routing table anew. The file counts the conditions of a category by row, the database for ever."""
    session.execute(delete(CatalogueRoute).where(CatalogueRoute.code_set == read.id))
    session.add_all(
        CatalogueRoute(
            code_set=read.id,
            line=rule.line,
            kind=rule.kind,
            category=rule.category,
            condition=None if rule.condition is None else _for_ever(rule, ordinals),
            area=rule.area,
            lead_kind=rule.lead_kind,
            level=rule.level,
            priority=rule.priority,
        )
        for rule in read.routes
    )
    session.flush()


def _replace_mappings(session: Session, read: SetFile) -> None:
    session.execute(delete(CatalogueMapping).where(CatalogueMapping.from_set == read.id))
    session.add_all(
        CatalogueMapping(from_set=read.id, kind=kind, from_code=code, to_set=other, to_code=there)
        for kind, code, other, there in read.mappings
    )
    session.flush()


def _category(
    session: Session,
    code_set: str,
    row: CategoryRow,
    known: Mapping[tuple[str, str], CatalogueCategory],
    report: ImportReport,
) -> CatalogueCategory:
    found = known.get((row.kind, row.code))
    values = (row.name_zh, row.name_en, row.initials, row.is_local, row.origin)
    full = KINDS[row.kind][0] + row.code
    if found is None:
        found = CatalogueCategory(id=new_id(), code_set=code_set, kind=row.kind, code=row.code)
        session.add(found)
        report.added.append(full)
    elif (
        found.retired_at is not None
        or (found.name_zh, found.name_en, found.initials, found.is_local, found.origin) != values
    ):
        report.changed.append(full)
    found.name_zh, found.name_en, found.initials, found.is_local, found.origin = values
    found.retired_at = None
    return found


def _conditions(
    session: Session,
    category: CatalogueCategory,
    row: CategoryRow,
    known: list[CatalogueCondition],
    *,
    report: ImportReport,
    now: datetime,
) -> list[int]:
    """The ordinals of the file's conditions in the order of the file."""
    full = KINDS[row.kind][0] + row.code
    unmatched = {_identity(each): each for each in known}
    highest = max((each.ordinal for each in known), default=0)
    ordinals = []
    for wanted in row.conditions:
        found = unmatched.pop(_wanted(wanted), None)
        if found is None:
            highest += 1
            found = CatalogueCondition(
                category_id=category.id,
                ordinal=highest,
                trigger_zh=wanted.trigger_zh,
                limit_value=wanted.limit.value if wanted.limit else None,
                limit_unit=wanted.limit.unit if wanted.limit else None,
            )
            session.add(found)
            report.added.append(f"{full}-{highest}")
        elif found.retired_at is not None:
            report.changed.append(f"{full}-{found.ordinal}")
        found.trigger_en, found.limit_text = wanted.trigger_en, wanted.limit_text
        found.closing_zh, found.closing_en = wanted.closing_zh, wanted.closing_en
        found.retired_at = None
        ordinals.append(found.ordinal)
    for gone in unmatched.values():
        if gone.retired_at is None:
            gone.retired_at = now
            report.retired.append(f"{full}-{gone.ordinal}")
    return ordinals


def _for_ever(rule: RouteRule, ordinals: Mapping[tuple[str, str], list[int]]) -> int:
    """The database's ordinal of a condition that the file counts by row. Refused when there is no such row."""
    assert rule.condition is not None
    of_category = ordinals.get((rule.kind, rule.category), [])
    if not 1 <= rule.condition <= len(of_category):
        raise refused(
            f"routes.csv:{rule.line}",
            f"类别 {rule.category} 没有第 {rule.condition} 个立案条件",
            f"category {rule.category} has no condition number {rule.condition}",
        )
    return of_category[rule.condition - 1]


def _identity(condition: CatalogueCondition) -> tuple[str, int | None, str | None]:
    return condition.trigger_zh, condition.limit_value, condition.limit_unit


def _wanted(row: ConditionRow) -> tuple[str, int | None, str | None]:
    return row.trigger_zh, row.limit.value if row.limit else None, row.limit.unit if row.limit else None
