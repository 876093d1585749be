"""What may be chosen at a step of a case: lead departments, filing conditions, closing conditions.

Forms offer these (they name them by `valuesKey`), and the steps check against the same functions; the catalogue and
the organisation own the data.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError, NotFoundError
from handlers import catalogue, org
from handlers.cases.tables import Case
from handlers.org.tables import OrgUnit


def filing_conditions(session: Session, case: Case) -> Sequence[catalogue.Condition]:
    """The conditions a case may be filed under: of its category, in force, with a handling limit."""
    found = catalogue.conditions(case.category_code, case.kind, code_set=case.code_set, session=session)
    return [condition for condition in found if condition.limit is not None]


def closing_conditions(session: Session | None, case: Case) -> Sequence[tuple[str, str]]:
    """When the case may be closed, Chinese and English; the filing condition's, or all of the category.

    Without a session as this process remembers the catalogue.
    """
    found = catalogue.category(case.category_code, case.kind, code_set=case.code_set, session=session).conditions
    own = [condition for condition in found if condition.code == case.condition]
    return list(dict.fromkeys((condition.closing, condition.closing_en) for condition in own or found))


def filing_condition(session: Session, case: Case, code: str | None) -> catalogue.Condition:
    """The chosen filing condition.

    :raises InvalidInputError: it is none that this case can be filed under; the field is `condition`.
    """
    for held in (None, session):  # what this process holds answers nearly always; the database when it does not
        found = catalogue.conditions(case.category_code, case.kind, code_set=case.code_set, session=held)
        for condition in found:
            if condition.code == code and condition.limit is not None:
                return condition
    raise InvalidInputError(
        fields={"condition": [("请选择本类别的立案条件。", "Please choose a filing condition of this category.")]}
    )


def lead_unit(session: Session, code: str) -> OrgUnit:
    """The chosen lead department.

    :raises InvalidInputError: it is no open department; the field is `lead_unit`.
    """
    try:
        unit = org.unit(session, code)
    except NotFoundError:
        unit = None
    if unit is None or unit.level != "department" or unit.closed_on is not None:
        raise InvalidInputError(fields={"lead_unit": [("请选择一个主办单位。", "Please choose a lead department.")]})
    return unit


def require_closing_condition(session: Session, case: Case, chosen: str) -> None:
    """:raises InvalidInputError: not the closing condition of the case; the field is `closing_condition`."""
    if chosen not in {zh for zh, _ in closing_conditions(session, case)}:
        raise InvalidInputError(
            fields={
                "closing_condition": [("请选择本案的结案条件。", "Please choose the closing condition of this case.")]
            }
        )
