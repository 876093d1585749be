"""The case list: views, filters and rows. What may be seen is `permissions.case_filter`; reading is `cases.queries`."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import url_for
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from bpmn.errors import InvalidInputError
from handlers.cases import queries, states
from handlers.cases.tables import Case
from handlers.clocks.rows import clocks_of_cases
from handlers.clocks.tables import CaseClock
from handlers.org import Viewer
from handlers.org.tables import OrgUnit
from handlers.permissions import case_filter
from webapp import clockface
from webapp.cases import names, words
from webapp.cases.names import Names
from webapp.clock import moment_text
from webapp.i18n import gettext as _
from webapp.i18n import pick

ENDED = tuple(states.ENDED)
OPEN = tuple(status for status in states.NAMES if status not in states.ENDED)
CLOCK_ORDER = ("handling", "check", "close", "dispatch", "verify", "accept")


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    label: str
    value: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    url: str
    code: str
    title: str
    place: str
    status: str
    lead: str
    reported_at: datetime
    face: clockface.Face | None
    ended: str


@dataclass(frozen=True, slots=True)
class List:
    view: str
    q: str
    tabs: list[Tab]
    filters: list[Filter]
    is_filtered: bool
    rows: list[Row]
    newer: str | None
    older: str | None


def build(session: Session, viewer: Viewer, args: MultiDict[str, str], now: datetime) -> List:
    """The list that the address asks for.

    :raises InvalidInputError: the page position was tampered with.
    """
    view = args.get("view", "open")
    view = view if view in {"open", "ended", "mine"} else "open"
    q = args.get("q", "").strip()[:60]
    status, community, lead = args.get("status", ""), args.get("community", ""), args.get("lead", "")
    statuses = (status,) if status in states.NAMES else OPEN if view == "open" else ENDED if view == "ended" else ()
    grid = args.get("grid", "")[:40]
    after = _decode(args["after"]) if args.get("after") else None
    page = queries.page(
        session,
        visible(viewer, grid),
        statuses=statuses,
        text=q,
        community_code=community or None,
        lead_unit=lead or None,
        reporter_id=viewer.person_id if view == "mine" else None,
        after=after,
    )
    kept = {
        "view": view,
        "q": q or None,
        "status": status or None,
        "community": community or None,
        "lead": lead or None,
        "grid": grid or None,
    }
    tabs = (("open", _("Open")), ("mine", _("Reported by me")), ("ended", _("Ended")))
    return List(
        view=view,
        q=q,
        tabs=[Tab(label, url_for("cases.index", view=key), key == view) for key, label in tabs],
        filters=_filters(session, viewer, view, {"status": status, "community": community, "lead": lead}),
        is_filtered=bool(q or status or community or lead or grid),
        rows=_rows(session, page.cases, now),
        newer=url_for("cases.index", **cast(dict[str, Any], kept)) if after else None,
        older=url_for("cases.index", **cast(dict[str, Any], kept), after=_encode(*page.after)) if page.after else None,
    )


def visible(viewer: Viewer, grid: str = "") -> ColumnElement[bool]:
    """The condition on what this person may see, within one grid if asked."""
    if not grid:
        return and_(case_filter(viewer))
    return and_(case_filter(viewer), or_(Case.responsibility_grid == grid, Case.administrative_grid == grid))


def _rows(session: Session, cases: Sequence[Case], now: datetime) -> list[Row]:
    clocks = clocks_of_cases(session, [case.number for case in cases if states.is_open(case.status)])
    known = names.load(session, units=[code for case in cases for code in (case.community_code, case.lead_unit)])
    return [_row(session, case, clocks_of(case, clocks), known, now) for case in cases]


def _row(session: Session, case: Case, clocks: list[CaseClock], known: Names, now: datetime) -> Row:
    clock = foremost(clocks)
    place = [known.unit(case.community_code), case.address]
    return Row(
        number=case.number,
        url=url_for("cases.page", number=case.number),
        code=case.category_code,
        title=words.title_of(case),
        place=" ".join(part for part in place if part),
        status=status_name(case.status),
        lead=known.unit(case.lead_unit),
        reported_at=case.reported_at,
        face=clockface.of_clock(session, clock, now) if clock is not None else None,
        ended=moment_text(case.closed_at) if case.closed_at else "",
    )


def clocks_of(case: Case, clocks: Mapping[tuple[str, str], CaseClock]) -> list[CaseClock]:
    """The clocks of one case out of those of many."""
    return [clock for (number, _name), clock in clocks.items() if number == case.number]


def foremost(clocks: list[CaseClock]) -> CaseClock | None:
    """The clock that people look at: the running one that is due first, else a paused one; None when all stand."""
    running = sorted((clock for clock in clocks if clock.status == "running"), key=lambda clock: clock.due_at)
    paused = [clock for clock in clocks if clock.status == "paused"]
    return next(iter(running or paused), None)


def status_name(status: str) -> str:
    """待派遣, Filed."""
    return pick(*states.NAMES.get(status, (status, status)))


def _filters(session: Session, viewer: Viewer, view: str, chosen: Mapping[str, str]) -> list[Filter]:
    shown = OPEN if view == "open" else ENDED if view == "ended" else tuple(states.NAMES)
    streets = {seat.unit_code[:9] for seat in viewer.seats if len(seat.unit_code) >= 9}
    units = select(OrgUnit).where(OrgUnit.closed_on.is_(None)).order_by(OrgUnit.ordinal, OrgUnit.code)
    if streets:
        units = units.where(OrgUnit.parent_code.in_(streets))
    found = session.scalars(units.where(OrgUnit.level.in_(("community", "department")))).all()
    by_level = {
        level: [Option(unit.code, pick(unit.name_zh, unit.name_en)) for unit in found if unit.level == level]
        for level in ("community", "department")
    }
    filters = [Filter("status", _("Status"), chosen["status"], [Option(key, status_name(key)) for key in shown])]
    if not viewer.is_volunteer:
        filters.append(Filter("community", _("Community"), chosen["community"], by_level["community"]))
        filters.append(Filter("lead", _("Lead"), chosen["lead"], by_level["department"]))
    return filters


def _encode(at: datetime, number: str) -> str:
    return urlsafe_b64encode(f"{at.isoformat()}|{number}".encode()).decode().rstrip("=")


def _decode(text: str) -> tuple[datetime, str]:
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        at, number = plain.split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no zone")
    except ValueError as error:
        sentences = ("翻页位置无效，请从第一页开始。", "The page position is not valid; start from the first page.")
        raise InvalidInputError(fields={"after": [sentences]}) from error
    return moment, number
