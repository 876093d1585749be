"""People: search, add, close and open accounts, positions with their days. Rules and log are `handlers.org`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bpmn.errors import GridWhistleError
from handlers.org import memberships, people
from handlers.org.days import local_day
from handlers.org.positions import POSITIONS
from handlers.org.tables import Membership, OrgUnit, Person
from webapp import db
from webapp.access import actor, allowed, may, require
from webapp.admin import forms
from webapp.admin.blueprint import blueprint
from webapp.clock import now
from webapp.i18n import gettext as _
from webapp.i18n import pick

PAGE = 50


@dataclass(frozen=True, slots=True)
class Held:
    id: str
    position: str
    unit: str
    first_on: date
    last_on: date | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    person: Person
    name: str
    held: list[Held]

    @property
    def current(self) -> list[Held]:
        """The positions that count today."""
        return [held for held in self.held if held.is_current]


@blueprint.get("/people", endpoint="people")
@may("people.admin")
def index() -> str:
    """Everybody, by user name; `q` searches names, user names, positions and units."""
    return _index({}, None)


@blueprint.post("/people")
@may("people.admin")
def add_person() -> Response | tuple[str, int]:
    """Make an account without positions."""
    form, who, at = request.form, actor(), now()

    def work() -> str:
        made = db.write(
            lambda s: people.create(
                s,
                form.get("username", ""),
                name_zh=form.get("name_zh", ""),
                name_en=form.get("name_en", ""),
                password=form.get("password", ""),
                phone=form.get("phone", "").strip() or None,
                language=form.get("language", "zh"),
                actor=who,
                now=at,
            )
        )
        return _("%(name)s can sign in now. Give them a position.", name=made.username)

    target = url_for("admin.people", q=form.get("username", ""))
    return forms.done_or_shown(work, target, lambda error: _index(form.to_dict(), error))


@blueprint.get("/people/<person_id>")
@may("people.admin")
def person(person_id: str) -> str:
    """One person with all positions, past ones too."""
    return _person(person_id, {}, None)


@blueprint.post("/people/<person_id>/active")
@may("people.admin")
def set_active(person_id: str) -> Response | tuple[str, int]:
    """Close or open the account. Closing signs the person out at once; what they did stays."""
    require("people.admin", people.person(db.read(), person_id))
    is_open, who, at = request.form.get("active") == "true", actor(), now()

    def work() -> str:
        db.write(lambda s: people.set_active(s, person_id, is_open, actor=who, now=at))
        return _("The account is open.") if is_open else _("The account is closed; its sessions have ended.")

    return forms.done_or_shown(work, url_for("admin.person", person_id=person_id), lambda e: _person(person_id, {}, e))


@blueprint.post("/people/<person_id>/positions")
@may("people.admin")
def appoint(person_id: str) -> Response | tuple[str, int]:
    """Put the person into a position from a day on."""
    form, who, at = request.form, actor(), now()
    require("people.admin", people.person(db.read(), person_id))

    def work() -> str:
        first_on, last_on = forms.day("first_on", required=True), forms.day("last_on")
        assert first_on is not None
        unit = form.get("unit_code", "")
        require("people.admin", _unit(db.read(), unit))
        db.write(
            lambda s: memberships.appoint(
                s, person_id, form.get("position", ""), unit, first_on=first_on, last_on=last_on, actor=who, now=at
            )
        )
        return _("Appointed.")

    target = url_for("admin.person", person_id=person_id)
    return forms.done_or_shown(work, target, lambda error: _person(person_id, form.to_dict(), error))


@blueprint.post("/people/<person_id>/positions/<membership_id>/end")
@may("people.admin")
def end_position(person_id: str, membership_id: str) -> Response | tuple[str, int]:
    """Let a position end with a day."""
    require("people.admin", people.person(db.read(), person_id))
    who, at = actor(), now()

    def work() -> str:
        last_on = forms.day("last_on", required=True)
        assert last_on is not None
        db.write(lambda s: memberships.end(s, membership_id, last_on, actor=who, now=at))
        return _("The position ends on that day.")

    return forms.done_or_shown(work, url_for("admin.person", person_id=person_id), lambda e: _person(person_id, {}, e))


def _index(form: dict[str, str], error: GridWhistleError | None) -> str:
    session = db.read()
    q, page = request.args.get("q", "").strip()[:60], max(request.args.get("page", 1, type=int), 1)
    wanted = _wanted(q, request.args.get("closed") == "1")
    found = session.scalars(wanted.order_by(Person.username).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return render_template(
        "admin/people.html",
        q=q,
        with_closed=request.args.get("closed") == "1",
        rows=_rows(session, found[:PAGE]),
        page=page,
        has_more=len(found) > PAGE,
        form=form,
        errors=forms.messages(error),
    )


def _wanted(q: str, with_closed: bool) -> Select[Person]:
    statement = select(Person)
    if not with_closed:
        statement = statement.where(Person.is_active)
    if not q:
        return statement
    positions = [key for key, each in POSITIONS.items() if q in each.zh or q.lower() in each.en]
    seated = (
        select(Membership.person_id)
        .join(OrgUnit, OrgUnit.code == Membership.unit_code)
        .where(or_(Membership.position.in_(positions), OrgUnit.name_zh.icontains(q, autoescape=True)))
    )
    columns = (Person.username, Person.name_zh, Person.name_en)
    return statement.where(or_(*(c.icontains(q, autoescape=True) for c in columns), Person.id.in_(seated)))


def _rows(session: Session, persons: Sequence[Person]) -> list[PersonRow]:
    today = local_day(now())
    rows = session.execute(
        select(Membership, OrgUnit)
        .join(OrgUnit, OrgUnit.code == Membership.unit_code)
        .where(Membership.person_id.in_([each.id for each in persons]))
        .order_by(Membership.first_on.desc(), Membership.id.desc())
    ).all()
    held: dict[str, list[Held]] = {}
    for membership, unit in rows:
        held.setdefault(membership.person_id, []).append(_held(membership, unit, today))
    return [PersonRow(each, pick(each.name_zh, each.name_en), held.get(each.id, [])) for each in persons]


def _held(membership: Membership, unit: OrgUnit, today: date) -> Held:
    position = POSITIONS.get(membership.position)
    name = pick(position.zh, position.en) if position else membership.position
    is_current = membership.first_on <= today and (membership.last_on is None or membership.last_on >= today)
    unit_name = pick(unit.name_zh, unit.name_en)
    return Held(membership.id, name, unit_name, membership.first_on, membership.last_on, is_current)


def _person(person_id: str, form: dict[str, str], error: GridWhistleError | None) -> str:
    session = db.read()
    found = people.person(session, person_id)
    require("people.admin", found)
    units = session.scalars(select(OrgUnit).where(OrgUnit.closed_on.is_(None)).order_by(OrgUnit.path)).all()
    return render_template(
        "admin/person.html",
        row=_rows(session, [found])[0],
        today=local_day(now()),
        positions=[(key, pick(each.zh, each.en)) for key, each in POSITIONS.items()],
        units=[
            (unit.code, pick(unit.name_zh, unit.name_en), unit.path.count("/") - 2)
            for unit in units
            if allowed("org.admin", unit)
        ],
        form=form,
        errors=forms.messages(error),
    )


def _unit(session: Session, code: str) -> OrgUnit:
    from handlers.org import units

    return units.unit(session, code)
