"""The organisation as a tree, and one unit of it: roles filled and planned, grids, acting positions, changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.cases import states
from handlers.cases.tables import Case
from handlers.org import changes, grids, units
from handlers.org.days import local_day
from handlers.org.memberships import in_force
from handlers.org.positions import GRID_ROLES, POSITIONS
from handlers.org.tables import Acting, Grid, GridPlan, Membership, OrgChange, OrgPost, OrgUnit, Person
from webapp import db
from webapp.access import may, require, viewer
from webapp.admin.blueprint import blueprint
from webapp.cases import names
from webapp.clock import day, now
from webapp.i18n import gettext as _
from webapp.i18n import pick

AXIS_WIDTH = 560
CHANGES = {
    "org:unit:create": ("新设单位", "unit created:"),
    "org:unit:rename": ("单位改名", "unit renamed:"),
    "org:unit:close": ("撤销单位", "unit closed:"),
    "org:post:plan": ("定编", "posts planned:"),
    "org:membership:begin": ("任命", "appointed:"),
    "org:membership:end": ("免去", "position ends:"),
    "org:acting:request": ("申请代理", "standing in requested:"),
    "org:acting:consent": ("同意代理", "standing in agreed:"),
    "org:acting:end": ("代理结束", "standing in ended:"),
    "org:grids:publish": ("发布网格方案", "grid plan published:"),
    "org:person:create": ("新建账号", "account made:"),
    "org:person:close": ("停用账号", "account closed:"),
    "org:person:open": ("启用账号", "account opened:"),
}
"""What people read for a tag of the log."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree."""

    code: str
    name: str
    depth: int
    people: int
    is_open: bool
    has_more: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    unit: str
    filled: int
    planned: int
    people: str

    @property
    def vacant(self) -> int:
        """Posts nobody holds."""
        return max(self.planned - self.filled, 0)


@dataclass(frozen=True, slots=True)
class GridRow:
    code: str
    name: str
    url: str
    officers: int | None
    volunteers: int | None
    """None: people are seated in the administrative grid around it."""
    open_cases: int
    cases_url: str


@dataclass(frozen=True, slots=True)
class ActingRow:
    position: str
    why: str
    by: str
    x: float
    width: float
    text: str
    is_agreed: bool


@dataclass(frozen=True, slots=True)
class Changed:
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Month:
    x: float
    text: str


@blueprint.get("/org")
@may("org.view")
def organisation() -> str:
    """The tree, and the unit chosen in it; without a choice the person's own."""
    session, at = db.read(), now()
    seats = viewer().seats
    code = request.args.get("unit") or (seats[0].unit_code if seats else "")
    root = session.scalars(select(OrgUnit).where(OrgUnit.parent_code.is_(None)).order_by(OrgUnit.code)).first()
    chosen = units.unit(session, code or (root.code if root else ""))
    require("org.view", chosen)
    chain = units.chain(session, chosen.code)
    street = next((unit for unit in chain if unit.level == "street"), None)
    plan = grids.current_plan(session, street.code, at) if street else None
    today = local_day(at)
    return render_template(
        "admin/org.html",
        unit=chosen,
        name=pick(chosen.name_zh, chosen.name_en),
        level=pick(*units.LEVELS[chosen.level]),
        chain=[(unit.code, pick(unit.name_zh, unit.name_en)) for unit in chain[:-1]],
        tree=_tree(session, chosen, [unit.code for unit in chain], today),
        departments=_departments(session, chain, today),
        roles=_roles(session, chosen, today),
        grids=_grids(session, plan, chosen, today),
        geography=url_for("cases.geography", plan_id=plan.id) if plan else "",
        acting=_acting(session, chosen, today),
        months=_months(today),
        today_x=_x(today, today),
        changes=_changes(session, chosen),
        q=request.args.get("q", ""),
        hits=_search(session, request.args.get("q", "").strip()),
    )


def _tree(session: Session, chosen: OrgUnit, open_codes: list[str], today: date) -> list[Branch]:
    """The path to the chosen unit with the siblings along it, and what is directly below it."""
    parents = [None, *open_codes]
    rows = session.scalars(
        select(OrgUnit)
        .where(OrgUnit.closed_on.is_(None), OrgUnit.level != "department")
        .where(OrgUnit.parent_code.in_([code for code in parents if code]) | OrgUnit.parent_code.is_(None))
        .order_by(OrgUnit.ordinal, OrgUnit.code)
    ).all()
    below = set(
        session.scalars(
            select(OrgUnit.parent_code).where(
                OrgUnit.parent_code.in_([row.code for row in rows]), OrgUnit.level != "department"
            )
        )
    )
    counts = _people_below(session, rows, today)
    children: dict[str | None, list[OrgUnit]] = {}
    for row in rows:
        children.setdefault(row.parent_code, []).append(row)
    found: list[Branch] = []

    def walk(parent: str | None, depth: int) -> None:
        for unit in children.get(parent, []):
            is_open = unit.code in open_codes
            found.append(
                Branch(
                    unit.code,
                    pick(unit.name_zh, unit.name_en),
                    depth,
                    counts.get(unit.code, 0),
                    is_open,
                    unit.code in below,
                    unit.code == chosen.code,
                )
            )
            if is_open:
                walk(unit.code, depth + 1)

    walk(None, 0)
    return found


def _people_below(session: Session, rows: Any, today: date) -> dict[str, int]:
    """How many people hold a position in each unit or below it."""
    seats = session.execute(
        select(OrgUnit.path, func.count(Membership.person_id.distinct()))
        .join(Membership, Membership.unit_code == OrgUnit.code)
        .where(in_force(today))
        .group_by(OrgUnit.path)
    ).all()
    return {row.code: sum(count for path, count in seats if path.startswith(row.path)) for row in rows}


def _departments(session: Session, chain: Any, today: date) -> list[Branch]:
    area = next((unit for unit in reversed(chain) if unit.level in {"street", "district", "city"}), None)
    if area is None:
        return []
    rows = units.departments(session, area.code)
    counts = _people_below(session, rows, today)
    chosen = chain[-1].code
    return [
        Branch(row.code, pick(row.name_zh, row.name_en), 0, counts.get(row.code, 0), False, False, row.code == chosen)
        for row in rows
    ]


def _roles(session: Session, chosen: OrgUnit, today: date) -> list[Role]:
    """Positions planned or held in the unit and its grids; of a community also those of the street above it."""
    scope = select(OrgUnit.code).where(OrgUnit.path.startswith(chosen.path, autoescape=True))
    above = [code for code in chosen.path.split("/") if code and code != chosen.code]
    planned: dict[str, int] = {}
    statement = select(OrgPost.position, func.sum(OrgPost.planned)).group_by(OrgPost.position)
    for position, number in session.execute(statement.where(OrgPost.unit_code.in_(scope))):
        planned[position] = int(number)
    held: dict[str, list[str]] = {}
    seats = (
        select(Membership.position, Person.name_zh, Person.name_en, Membership.unit_code)
        .join(Person, Person.id == Membership.person_id)
        .where(in_force(today))
        .order_by(Person.username)
    )
    for position, zh, en, _unit in session.execute(seats.where(Membership.unit_code.in_(scope))):
        held.setdefault(position, []).append(pick(zh, en))
    name = pick(chosen.name_zh, chosen.name_en)
    found = [
        _role(position, name, held.get(position, []), planned.get(position, 0))
        for position in POSITIONS
        if position in held or position in planned
    ]
    if chosen.level in {"community", "administrative_grid", "responsibility_grid"}:
        upper: dict[str, list[str]] = {}
        for position, zh, en, _unit in session.execute(seats.where(Membership.unit_code.in_(above))):
            if position in GRID_ROLES:
                upper.setdefault(position, []).append(pick(zh, en))
        found = [
            _role(position, _("street"), upper[position], len(upper[position]))
            for position in POSITIONS
            if position in upper
        ] + found
    return found


def _role(position: str, unit: str, people: list[str], planned: int) -> Role:
    each = POSITIONS[position]
    first = "、".join(people[:3]) + (f" +{len(people) - 3}" if len(people) > 3 else "")
    return Role(pick(each.zh, each.en), unit, len(people), planned, first)


def _grids(session: Session, plan: GridPlan | None, chosen: OrgUnit, today: date) -> list[GridRow]:
    if plan is None:
        return []
    column = {"community": Grid.community_code, "administrative_grid": Grid.administrative_code}.get(chosen.level)
    statement = select(Grid.code, OrgUnit).join(OrgUnit, OrgUnit.code == Grid.code).where(Grid.plan_id == plan.id)
    if column is not None:
        statement = statement.where(column == chosen.code, Grid.kind == "responsibility")
    elif chosen.level == "street":
        statement = statement.where(Grid.kind == "administrative")
    else:
        return []
    rows = session.execute(statement.order_by(OrgUnit.ordinal, Grid.code)).all()
    codes = [row.code for row in rows]
    field = Case.administrative_grid if chosen.level == "street" else Case.responsibility_grid
    cases = dict(
        session.execute(
            select(field, func.count()).where(field.in_(codes), Case.status.not_in(states.ENDED)).group_by(field)
        ).all()
    )
    people: dict[tuple[str, str], int] = {}
    seats = select(Membership.unit_code, Membership.position, func.count()).where(in_force(today))
    grouped = seats.where(Membership.unit_code.in_(codes)).group_by(Membership.unit_code, Membership.position)
    for unit_code, position, number in session.execute(grouped):
        people[(unit_code, position)] = number
    seated = any(people.get((code, position)) for code in codes for position in ("grid_officer", "grid_volunteer"))
    return [
        GridRow(
            code,
            pick(unit.name_zh, unit.name_en),
            url_for("admin.organisation", unit=code),
            people.get((code, "grid_officer"), 0) if seated else None,
            people.get((code, "grid_volunteer"), 0) if seated else None,
            cases.get(code, 0),
            url_for("cases.index", grid=code),
        )
        for code, unit in rows
    ]


def _acting(session: Session, chosen: OrgUnit, today: date) -> list[ActingRow]:
    below = select(OrgUnit.code).where(OrgUnit.path.startswith(chosen.path, autoescape=True))
    statement = (
        select(Acting, Person)
        .join(Person, Person.id == Acting.stand_in_id)
        .where(Acting.unit_code.in_(below), Acting.last_on >= today)
        .order_by(Acting.first_on)
    )
    found = []
    for acting, person in session.execute(statement):
        absent = session.get(Person, acting.absent_id) if acting.absent_id else None
        position = POSITIONS.get(acting.position)
        name = pick(absent.name_zh, absent.name_en) if absent else pick(position.zh, position.en) if position else ""
        x = _x(acting.first_on, today)
        width = max(_x(acting.last_on + timedelta(days=1), today) - x, 6)
        by = _("%(name)s stands in", name=pick(person.name_zh, person.name_en))
        why = acting.reason if absent else _("vacant")
        text = f"{day(acting.first_on)} – {day(acting.last_on)}"
        found.append(ActingRow(name, why, by, x, width, text, acting.consented_at is not None))
    return found


def _start(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _x(on: date, today: date) -> float:
    """Where a day lies on the axis of six months that begins with the month before this one."""
    return round(min(max((on - _start(today)).days / 183, 0), 1) * AXIS_WIDTH, 1)


def _months(today: date) -> list[Month]:
    found, month = [], _start(today)
    for _n in range(6):
        found.append(Month(_x(month, today), pick(f"{month.month}月", f"{month:%b}")))
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def _changes(session: Session, chosen: OrgUnit) -> list[Changed]:
    """The newest changes in words, with who made them."""
    rows = changes.latest(session, chosen.path, limit=8)
    people_ = [row.actor for row in rows] + [row.person_id for row in rows]
    known = names.load(session, units=[row.unit_code for row in rows], persons=people_)
    return [Changed(row.at, known.person(row.actor), _change_text(row, known)) for row in rows]


def _change_text(row: OrgChange, known: names.Names) -> str:
    position = POSITIONS.get(str(row.detail.get("position", "")))
    words = CHANGES.get(row.tag)
    parts = [
        pick(*words) if words else row.tag,
        known.unit(row.unit_code),
        pick(position.zh, position.en) if position else "",
        known.person(row.person_id),
        str(
            row.detail.get("name")
            or row.detail.get("to")
            or row.detail.get("last_on")
            or row.detail.get("first_on")
            or ""
        ),
    ]
    return " ".join(part for part in parts if part)


def _search(session: Session, q: str) -> list[tuple[str, str, str]]:
    if not q:
        return []
    statement = select(OrgUnit).where(
        OrgUnit.closed_on.is_(None),
        OrgUnit.name_zh.icontains(q, autoescape=True)
        | OrgUnit.name_en.icontains(q, autoescape=True)
        | (OrgUnit.code == q),
    )
    rows = session.scalars(statement.order_by(OrgUnit.path).limit(20))
    return [(row.code, pick(row.name_zh, row.name_en), pick(*units.LEVELS[row.level])) for row in rows]
