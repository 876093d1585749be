"""Names of units, people and candidate groups for one page, each read once. Owns words, no rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import org
from handlers.org.positions import POSITIONS
from handlers.org.tables import OrgUnit, Person
from webapp.i18n import is_chinese, pick

SYSTEM = "system:"


@dataclass(slots=True)
class Names:
    """What was loaded, by code and id. Unknown codes answer with themselves."""

    units: dict[str, OrgUnit] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)

    def unit(self, code: str | None) -> str:
        """The unit's name in the language of the page."""
        if not code:
            return ""
        found = self.units.get(code)
        return pick(found.name_zh, found.name_en) if found else code

    def person(self, person_id: str | None) -> str:
        """The person's role name; nothing for the system."""
        if not person_id or person_id.startswith(SYSTEM):
            return ""
        found = self.persons.get(person_id)
        return pick(found.name_zh, found.name_en) if found else ""

    def groups(self, keys: Iterable[str], most: int = 2) -> str:
        """Several groups in a row: those who do the work before those who lead them."""
        ordered = sorted(keys, key=lambda key: key.startswith(("department_lead@", "grid_deputy@")))
        return ("、" if is_chinese() else ", ").join(self.group(key) for key in ordered[:most])

    def group(self, key: str) -> str:
        """A candidate group as people say it: 派遣员（河南岸街道）, 城管中队."""
        position, code = org.split_group(key)
        known = POSITIONS.get(position)
        unit = self.unit(code)
        if position in {"department_staff", "department_lead"} and unit:
            return unit if position == "department_staff" else f"{unit} {pick(known.zh, known.en)}" if known else unit
        name = pick(known.zh, known.en) if known else position
        if not unit:
            return name
        return f"{name}（{unit}）" if is_chinese() else f"{name} ({unit})"


def load(session: Session, *, units: Iterable[str | None] = (), persons: Iterable[str | None] = ()) -> Names:
    """Read the names of these units and people, one statement each."""
    codes = {code for code in units if code}
    ids = {person for person in persons if person and not person.startswith(SYSTEM)}
    found = Names()
    if codes:
        found.units = {unit.code: unit for unit in session.scalars(select(OrgUnit).where(OrgUnit.code.in_(codes)))}
    if ids:
        found.persons = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return found
