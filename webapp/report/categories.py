"""The categories as a phone needs them: small, searchable without a network, with what is used often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers import catalogue
from handlers.cases import validation
from handlers.cases.tables import Case
from handlers.catalogue import Category
from handlers.org import Viewer
from webapp import db
from webapp.i18n import is_chinese, language, pick

RECENT, COMMON = 6, 6
COMMON_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Choice:
    kind: str
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    categories: list[Choice]


def document(session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Everything the island searches through."""
    return {
        "categories": [_entry(each) for each in catalogue.categories(session=session)],
        "recent": _recent(session, viewer),
        "common": _common(session, viewer, now),
    }


def groups() -> list[Group]:
    """The categories by major category, for the plain form."""
    found = catalogue.categories(session=db.read())
    return [
        Group(label, [Choice(each.kind, each.code, pick(each.name, each.name_en)) for each in members])
        for label, members in groupby(found, key=lambda each: pick(each.major, each.major_en))
    ]


def urgencies() -> list[tuple[str, str]]:
    """(value, word) of the urgencies."""
    return [(key, pick(*pair)) for key, pair in validation.URGENCIES.items()]


def _entry(each: Category) -> dict[str, Any]:
    first = next((condition for condition in each.conditions if not condition.is_retired), None)
    return {
        "code": each.code,
        "kind": each.kind,
        "name": each.name,
        "name_en": each.name_en,
        "label": pick(each.name, each.name_en),
        "group": pick(each.major, each.major_en),
        "limit": _limit(each),
        "hint": pick(first.name, first.name_en)[:24] if first is not None else "",
        "initials": [each.initials],
        "words": [condition.name for condition in each.conditions if not condition.is_retired],
    }


def _limit(each: Category) -> str:
    """The limit, or how many there are when it depends on the condition chosen at filing."""
    limits = list(dict.fromkeys(c.limit.text(language()) for c in each.conditions if c.limit and not c.is_retired))
    if not limits:
        return ""
    if len(limits) == 1:
        return limits[0]
    return f"{limits[0]}{' 起' if is_chinese() else ' and more'}"


def _recent(session: Session, viewer: Viewer) -> list[str]:
    """What this person reported last."""
    statement = (
        select(Case.kind, Case.category_code)
        .where(Case.reporter_id == viewer.person_id)
        .order_by(Case.reported_at.desc())
        .limit(60)
    )
    return list(dict.fromkeys(f"{kind}:{code}" for kind, code in session.execute(statement)))[:RECENT]


def _common(session: Session, viewer: Viewer, now: datetime) -> list[str]:
    """What is reported most in the streets where the person works."""
    streets = {seat.unit_code[:9] for seat in viewer.seats if len(seat.unit_code) >= 9}
    statement = (
        select(Case.kind, Case.category_code)
        .where(Case.street_code.in_(streets), Case.reported_at >= now - COMMON_WITHIN)
        .group_by(Case.kind, Case.category_code)
        .order_by(func.count().desc())
        .limit(COMMON)
    )
    return [f"{kind}:{code}" for kind, code in session.execute(statement)]
