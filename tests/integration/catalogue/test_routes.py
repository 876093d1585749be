"""The routing table finds a department of the town for every case that can be filed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers import catalogue, org
from handlers.catalogue.tables import CatalogueCodeSet, CatalogueRoute
from handlers.errors import NoRouteError
from handlers.org import units
from handlers.org.tables import OrgUnit
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, STREET, statements_of

CURRENT = "gbt30428.2-yc2026"


def filings() -> Iterator[tuple[catalogue.Category, str | None]]:
    for category in catalogue.categories():
        yield category, None
        for condition in category.conditions:
            yield category, condition.code


def test_every_filing_has_a_lead_department_with_somebody_in_it(town: Session) -> None:
    departments = set(town.scalars(select(OrgUnit.code).where(OrgUnit.level == "department")))
    leads = set()
    for category, condition in filings():
        found = catalogue.route(town, category.code, category.kind, condition, STREET)
        assert found.lead_unit in departments
        leads.add(found.lead_unit)
    assert leads == departments
    for lead in leads:
        assert org.people_in(town, f"department_staff@{lead}", NOW), lead


@pytest.mark.parametrize(
    ("kind", "code", "condition", "lead"),
    [
        ("event", "0110", "E0110-1", f"{STREET}-hw"),
        ("event", "0405", None, f"{STREET}-cg"),
        ("event", "0101", "E0101-1", f"{STREET}-cg"),
        ("event", "0101", "E0101-2", "441302-cg"),
        ("event", "0502", "E0502-1", "441302-gy"),
        ("event", "0502", "E0502-2", f"{STREET}-sz"),
        ("component", "0137", None, f"{STREET}-sz"),
        ("component", "0402", None, f"{STREET}-yl"),
        ("component", "0507", None, "441302-sw"),
    ],
)
def test_cases_go_where_the_town_expects_them(
    town: Session, kind: str, code: str, condition: str | None, lead: str
) -> None:
    assert catalogue.route(town, code, kind, condition, f"{STREET}-RG014").lead_unit == lead


def test_a_line_for_an_area_wins_inside_it_only(town: Session) -> None:
    add(town, category="0110", area=f"{STREET}003", lead_kind="cg")
    assert catalogue.route(town, "0110", "event", None, f"{STREET}-RG014").lead_unit == f"{STREET}-cg"
    assert catalogue.route(town, "0110", "event", None, f"{STREET}-RG001").lead_unit == f"{STREET}-hw"


def test_a_level_without_such_a_department_hands_over_to_the_next(town: Session) -> None:
    add(town, category="0110", area=f"{STREET}003", lead_kind="sw")
    found = catalogue.route(town, "0110", "event", None, f"{STREET}-RG014")
    assert (found.lead_unit, found.level) == ("441302-sw", "district")
    units.close(town, f"{STREET}-hw", NOW.date(), actor=Actor("boss"), now=NOW)
    town.flush()
    assert catalogue.route(town, "0110", "event", None, f"{STREET}-RG001").lead_unit == f"{STREET}-cg"


def test_a_case_in_no_known_place_or_of_no_known_set_has_no_route(town: Session) -> None:
    for kind, area in (("event", "nowhere"), ("service", STREET)):
        with pytest.raises(NoRouteError) as refusal:
            catalogue.route(town, "0110", kind, None, area)
        assert refusal.value.message("zh") != refusal.value.message("en")


def test_routing_costs_two_statements(town_database: TestDatabase, town: Session) -> None:
    catalogue.route(town, "0110", "event", None, STREET)
    with statements_of(town_database.engine) as statements:
        catalogue.route(town, "0110", "event", None, STREET)
    assert len(statements) == 2


def add(session: Session, *, category: str, area: str, lead_kind: str) -> None:
    session.add(
        CatalogueRoute(
            code_set=CURRENT,
            line=9000,
            kind="event",
            category=category,
            condition=None,
            area=area,
            lead_kind=lead_kind,
            level="street",
            priority=50,
        )
    )
    session.get_one(CatalogueCodeSet, CURRENT).revision = f"with a line for {lead_kind}"
    session.flush()
