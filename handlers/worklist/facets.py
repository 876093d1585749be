"""What a list can be narrowed by: the steps, communities and categories that occur in it, with how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.tables import UserTask
from handlers.cases.tables import Case
from handlers.org import Viewer
from handlers.worklist import rows, sources
from handlers.worklist.values import Filters, Scope

LOOK_AT = 1000


@dataclass(frozen=True, slots=True)
class Facets:
    """Values with their Chinese and English name and their number among the first `LOOK_AT` tasks of the list."""

    steps: Mapping[str, tuple[str, str, int]]
    communities: Mapping[str, tuple[str, str, int]]
    categories: Mapping[str, tuple[str, str, int]]


def facets(session: Session, scope: Scope, *, viewer: Viewer, now: datetime) -> Facets:
    """Count the first window of the list, one statement."""
    source = sources.found(scope, window=LOOK_AT).subquery("found")
    columns = (
        UserTask.element_id,
        UserTask.name,
        Case.community_code,
        rows.COMMUNITY.name_zh,
        rows.COMMUNITY.name_en,
        Case.category_code,
        Case.category_name,
    )
    statement = (
        rows.with_case(select(*columns, func.count().label("n")), source)
        .outerjoin(rows.COMMUNITY, rows.COMMUNITY.code == Case.community_code)
        .where(*rows.conditions(Filters(), scope, viewer, now))
        .group_by(*columns)
    )
    steps: dict[str, tuple[str, str, int]] = {}
    communities: dict[str, tuple[str, str, int]] = {}
    categories: dict[str, tuple[str, str, int]] = {}
    for found in session.execute(statement, sources.parameters(viewer)):
        element_id, name, community, community_zh, community_en, category, category_name, n = found
        _add(steps, element_id, name, name, n)
        _add(communities, community, community_zh, community_en, n)
        _add(categories, category, category_name, category_name, n)
    return Facets(_sorted(steps), _sorted(communities), _sorted(categories))


def _add(into: dict[str, tuple[str, str, int]], key: str | None, zh: str | None, en: str | None, n: int) -> None:
    if key is not None:
        into[key] = (zh or key, en or zh or key, into.get(key, ("", "", 0))[2] + n)


def _sorted(values: dict[str, tuple[str, str, int]]) -> dict[str, tuple[str, str, int]]:
    return dict(sorted(values.items(), key=lambda item: (-item[1][2], item[0])))
