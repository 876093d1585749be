"""What the template of the list draws: rows with their clock face, next action and holder, views, filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import g, url_for
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from handlers import worklist
from handlers.org import Viewer
from handlers.permissions import POLICY
from handlers.worklist import Facets, Own, Page, Row, Seen
from webapp import clockface
from webapp.cases import words
from webapp.clock import ago
from webapp.clockface import Face
from webapp.i18n import gettext as _
from webapp.i18n import pick
from webapp.navigation import here
from webapp.steps import step_name
from webapp.tasklist.query import Query
from webapp.tasklist.recent import remembered

CLAIMERS = POLICY["task.claim"].holders or frozenset()
JUST_NOW = timedelta(seconds=60)
"""For how long a row says that somebody has just taken it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row as drawn."""

    row: Row
    face: Face | None
    step: str
    holder: str
    """Empty: unclaimed."""
    is_mine: bool
    is_taken: bool
    taken_ago: str
    action: str
    """claim, handle or view."""
    href: str
    case_href: str
    claim_href: str

    @property
    def number_head(self) -> str:
        """The part of the case number that many rows share."""
        return self.row.business_key[:-4]

    @property
    def number_tail(self) -> str:
        """The part that tells cases apart."""
        return self.row.business_key[-4:]

    @property
    def title(self) -> str:
        """The case's title; empty for a task without a case."""
        name = self.row.category_name or ""
        return words.title(self.row.title or name, self.row.category_code or "", name)

    @property
    def community(self) -> str:
        """The community's name in the language of the page, short in English: the column says what it is."""
        english = (self.row.community_name_en or "").removesuffix(" Community").removesuffix(" Village")
        return pick(self.row.community_name or "", english)


def line_of(session: Session, row: Row, viewer: Viewer, now: datetime) -> Line:
    """The row as this person sees it."""
    is_mine = row.assignee == viewer.person_id
    is_taken = row.assignee is not None and not is_mine
    name = pick(row.assignee_name or "", row.assignee_name_en or "") or (row.assignee or "")
    may_claim = row.assignee is None and row.is_candidate and not row.is_excluded and viewer.holds(*CLAIMERS)
    just_now = is_taken and row.claimed_at is not None and now - row.claimed_at < JUST_NOW
    return Line(
        row=row,
        face=clockface.of_row(session, row, now),
        step=step_name(row.process_key, row.element_id, row.name),
        holder=_("%(name)s (me)", name=name) if is_mine else name,
        is_mine=is_mine,
        is_taken=just_now,
        taken_ago=ago(row.claimed_at) if just_now and row.claimed_at else "",
        action="handle" if is_mine else ("claim" if may_claim else "view"),
        href=_task_page(row.task_id) if is_mine or may_claim or row.case_number is None else _case_page(row),
        case_href=_case_page(row) if row.case_number else "",
        claim_href=f"{_task_page(row.task_id)}/claim",
    )


def row_words() -> dict[str, str]:
    """The words that every row repeats."""
    return {
        "unclaimed": _("Unclaimed"),
        "not_you": _("Not you"),
        "why_not_you": _("You took an earlier step of this case, so a colleague does this one."),
        "claim": _("Claim"),
        "handle": _("Handle"),
        "view": _("View"),
        "select": _("Select"),
        "token": generate_csrf(),
        "here": here(),
    }


def _path(endpoint: str, argument: str, value: str | int) -> str:
    """`url_for` with one argument at the end, built once a request: a page has some hundred addresses."""
    known: dict[str, str] = g.setdefault("list_paths", {})
    if endpoint not in known:
        known[endpoint] = url_for(endpoint, **cast(dict[str, Any], {argument: 0})).removesuffix("0")
    return f"{known[endpoint]}{value}"


def _task_page(task_id: int) -> str:
    return _path("tasks.form", "task_id", task_id)


def _case_page(row: Row) -> str:
    return _path("cases.page", "number", row.business_key)


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter with its choices; `clear` leads to the list without it."""

    key: str
    label: str
    value: str
    is_on: bool
    clear: str
    choices: tuple[tuple[str, str, str, bool], ...]
    """(value, text, count, chosen)."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything on the page."""

    query: Query
    page: Page
    lines: tuple[Line, ...]
    own: Own
    seen: Seen
    states: Own | Seen
    """Where over, soon and paused are read."""
    chips: tuple[Chip, ...]
    now: datetime


def screen(session: Session, query: Query, viewer: Viewer, now: datetime, limit: int) -> Screen:
    """Read and arrange the page: two statements, and two more every few seconds."""
    page = worklist.page(
        session, query.scope, viewer=viewer, now=now, filters=query.filters, after=query.after, limit=limit
    )
    own = worklist.own(session, viewer=viewer, now=now, scope=query.scope)
    who = viewer.person_id
    seen = remembered(("seen", who), now, lambda: worklist.seen(session, viewer=viewer, now=now))
    facets = remembered(
        ("facets", who, query.scope), now, lambda: worklist.facets(session, query.scope, viewer=viewer, now=now)
    )
    return Screen(
        query=query,
        page=page,
        lines=tuple(line_of(session, row, viewer, now) for row in page.rows),
        own=own,
        seen=seen,
        states=seen if query.scope == "all" else own,
        chips=chips_of(query, facets),
        now=now,
    )


def chips_of(query: Query, facets: Facets) -> tuple[Chip, ...]:
    """The filters in the order of the picture: step, community, category, holder."""
    filters = query.filters
    holders = {"free": _("Unclaimed"), "me": _("me"), "others": _("Others")}
    chosen: dict[str, tuple[str, ...]] = {
        "step": filters.steps,
        "community": filters.communities,
        "category": filters.categories,
        "holder": (filters.holder,) if filters.holder else (),
    }
    choices: dict[str, list[tuple[str, str, int | None]]] = {
        "step": [(key, step_name("case_handling", key, zh), n) for key, (zh, _en, n) in facets.steps.items()],
        "community": [(key, pick(zh, en), n) for key, (zh, en, n) in facets.communities.items()],
        "category": [(key, f"{key} {pick(zh, en)}", n) for key, (zh, en, n) in facets.categories.items()],
        "holder": [(key, text, None) for key, text in holders.items()],
    }
    labels = {"step": _("Step"), "community": _("Community"), "category": _("Category"), "holder": _("Held by")}
    return tuple(_chip(query, key, labels[key], choices[key], chosen[key]) for key in labels)


def _chip(
    query: Query, key: str, label: str, choices: list[tuple[str, str, int | None]], chosen: tuple[str, ...]
) -> Chip:
    known = {value for value, _text, _n in choices}
    offered = [*choices, *((value, value, 0) for value in chosen if value not in known)]
    texts = [text for value, text, _n in offered if value in chosen]
    value = _("All") if not chosen else " ".join(texts) if len(texts) < 4 else _("%(n)s chosen", n=len(texts))
    empty: Any = None if key == "holder" else ()
    return Chip(
        key=key,
        label=label,
        value=value,
        is_on=bool(chosen),
        clear=query.href(**{key: empty}),
        choices=tuple((value, text, "" if n is None else str(n), value in chosen) for value, text, n in offered),
    )
