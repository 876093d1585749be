"""Names of units and positions for pages. Kept per process and read again when the organisation has changed."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from handlers.org import Viewer
from handlers.org.positions import POSITIONS
from handlers.org.tables import OrgUnit
from webapp import access, db
from webapp.i18n import pick

Names = dict[str, tuple[str, str]]

_kept: dict[int, Names] = {}
"""Org version to names; one entry at most."""


def _all() -> Names:
    version = access.org_version()
    if version is None:
        return {}
    names = _kept.get(version)
    if names is None:
        rows = db.read().execute(select(OrgUnit.code, OrgUnit.name_zh, OrgUnit.name_en))
        names = {code: (zh, en) for code, zh, en in rows}
        _kept.clear()
        _kept[version] = names
    return names


def unit_name(code: str | None) -> str:
    """The unit's name in the language of the page; the code itself when nobody knows it."""
    return pick(*_all().get(code or "", (code or "", "")))


def person_name(viewer: Viewer) -> str:
    """The account's name in the language of the page."""
    return pick(viewer.name, viewer.name_en)


def workplace(viewer: Viewer) -> str:
    """Where the person works: the unit of the first seat."""
    return unit_name(viewer.seats[0].unit_code) if viewer.seats else ""


def seats_of(viewer: Viewer) -> list[str]:
    """Every seat in words: 派遣员, 河南岸街道; with a note when it is stood in for."""
    lines = []
    for seat in viewer.seats:
        position = POSITIONS[seat.position]
        acting = pick("（代）", " (acting)") if seat.acting_for else ""
        lines.append(f"{pick(position.zh, position.en)}{acting}{pick('，', ', ')}{unit_name(seat.unit_code)}")
    return lines


def init_app(app: Flask) -> None:
    """Make the names known to templates."""
    app.jinja_env.globals.update(workplace=workplace, seats_of=seats_of, person_name=person_name, unit_name=unit_name)
