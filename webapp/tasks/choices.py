"""The choices that a form takes from the case instead of writing them down, in the language of the page.

A form names them by `valuesKey`; what may be chosen is `handlers.cases.choices`', which the steps check again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from handlers.cases import choices
from handlers.cases.tables import Case
from handlers.org import units
from webapp.i18n import language, pick
from webapp.tasks import plain

Choice = dict[str, str]


def of_case(session: Session, case: Case, form: Mapping[str, Any] | None) -> dict[str, list[Choice]]:
    """The choices that this form asks for, by the name it asks with."""
    wanted = {component.get("valuesKey") for component in plain.fields_of(form["components"])} if form else set()
    return {name: source(session, case) for name, source in SOURCES.items() if name in wanted}


def defaults(case: Case, form: Mapping[str, Any] | None, given: Mapping[str, list[Choice]]) -> dict[str, str]:
    """What is chosen already: the condition that acceptance proposed, or the only one there is."""
    found: dict[str, str] = {}
    for component in plain.fields_of(form["components"]) if form else []:
        offered = given.get(component.get("valuesKey", ""), [])
        if len(offered) == 1:
            found[component["key"]] = offered[0]["value"]
        elif component["key"] == "condition" and case.condition:
            found["condition"] = case.condition
    return found


def _lead_units(session: Session, case: Case) -> list[Choice]:
    """The departments of the street, then those of the district above it."""
    departments = [*units.departments(session, case.street_code), *units.departments(session, case.street_code[:6])]
    return [{"value": unit.code, "label": pick(unit.name_zh, unit.name_en)} for unit in departments]


def _filing_conditions(session: Session, case: Case) -> list[Choice]:
    """The conditions under which a problem of this category is filed, each with the limit it brings."""
    found = choices.filing_conditions(session, case)
    return [
        {"value": each.code, "label": f"{pick(each.name, each.name_en)} · {each.limit.text(language())}"}
        for each in found
        if each.limit is not None
    ]


def _closing_conditions(session: Session, case: Case) -> list[Choice]:
    return [{"value": zh, "label": pick(zh, en)} for zh, en in choices.closing_conditions(session, case)]


SOURCES: Mapping[str, Callable[[Session, Case], list[Choice]]] = {
    "lead_units": _lead_units,
    "filing_conditions": _filing_conditions,
    "closing_conditions": _closing_conditions,
}
