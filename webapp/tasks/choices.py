"""The choices that a form takes from the case instead of writing them down: filing conditions and lead departments.

A form names them by `valuesKey`; the catalogue and the organisation own them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from handlers.cases import choices as cases
from handlers.cases.tables import Case
from handlers.org import units
from webapp.i18n import language, pick
from webapp.tasks import plain

Choice = dict[str, str]


def of_case(session: Session, case: Case, form: Mapping[str, Any] | None) -> dict[str, list[Choice]]:
    """The choices that this form asks for, by the name it asks with."""
    wanted = {component.get("valuesKey") for component in plain.fields_of(form["components"])} if form else set()
    found: dict[str, list[Choice]] = {}
    if "lead_units" in wanted:
        found["lead_units"] = _lead_units(session, case)
    if "filing_conditions" in wanted:
        found["filing_conditions"] = _filing_conditions(session, case)
    if "closing_conditions" in wanted:
        found["closing_conditions"] = [
            {"value": zh, "label": pick(zh, en)} for zh, en in cases.closing_conditions(session, case)
        ]
    return found


def _lead_units(session: Session, case: Case) -> list[Choice]:
    """The departments of the street, then those of the district above it."""
    departments = [*units.departments(session, case.street_code), *units.departments(session, case.street_code[:6])]
    return [{"value": unit.code, "label": pick(unit.name_zh, unit.name_en)} for unit in departments]


def _filing_conditions(session: Session, case: Case) -> list[Choice]:
    """The conditions under which a problem of this category is filed, each with the limit it brings."""
    found = cases.filing_conditions(session, case)
    return [
        {"value": each.code, "label": f"{each.name}（{each.limit.text(language()) if each.limit else ''}）"}
        for each in found
    ]
