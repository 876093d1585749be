"""Puts one case page together from rows. Every part that has no data yet is absent, none is invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from handlers import permissions
from handlers.cases import effects, events, links, photos, queries, states
from handlers.cases.tables import Case, CaseEvent, CaseLink
from handlers.clocks import rows
from handlers.org import Viewer
from webapp.cases import actions, answers, diagram, english, instance, names, past, pictures, tracks, words
from webapp.cases.names import Names
from webapp.clock import moment_text
from webapp.i18n import gettext as _
from webapp.i18n import is_chinese, pick


@dataclass(frozen=True, slots=True)
class Tag:
    text: str
    icon: str = ""
    on_phone: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Diagram:
    name: str
    version: int
    xml_url: str
    marks_url: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Map:
    url: str
    text: str
    caption: str


@dataclass(frozen=True, slots=True)
class Related:
    number: str
    url: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Linked:
    kind: str
    target: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class PersonRow:
    role: str
    name: str
    note: str = ""
    what: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    sentence: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Seen:
    text: str
    at: datetime


@dataclass(slots=True)
class Page:
    number: str
    title: str
    status: str
    is_open: bool
    now: datetime
    back: Link
    tags: list[Tag]
    clock: answers.Clock | None
    ended: str
    what: answers.Answer
    where: answers.Place
    who: answers.Answer
    why: answers.Answer
    actions: list[actions.Action]
    no_action: str
    incidents: list[Stuck]
    process: Diagram
    steps: list[diagram.Step]
    photos: pictures.Wall
    map: Map
    tracks: tracks.Tracks | None
    timeline: past.Timeline
    following: list[diagram.Next]
    people: list[PersonRow]
    related: list[Related] = field(default_factory=list)
    links: list[Linked] = field(default_factory=list)
    seen: Seen | None = None


def build(session: Session, case: Case, viewer: Viewer, now: datetime) -> Page:
    """The page of one case for one person. The caller has checked that they may see it."""
    reading = instance.read(session, case)
    clocks, moved = rows.clocks_of(session, case.number), rows.events_of(session, case.number)
    timeline = events.timeline(session, case, public_only=viewer.is_volunteer)
    pictures_ = photos.of_case(session, case.number)
    joined = links.of_case(session, case.number)
    known = names.load(
        session,
        units=_units(case, reading),
        persons=_persons(
            case, reading, [*(photo.uploaded_by for photo in pictures_), *(event.actor_id for event in timeline)]
        ),
    )
    tasks, groups, progress = reading.tasks, reading.groups, reading.progress
    late = diagram.late_sentence(progress, tasks[0], now) if tasks else ""
    is_open = states.is_open(case.status)
    steps = diagram.steps(progress, known, tasks, is_open=is_open)
    if viewer.is_volunteer:
        steps = [replace(step, who="") for step in steps]
    return Page(
        number=case.number,
        title=words.title_of(case),
        status=words.status(case.status),
        is_open=is_open,
        now=now,
        back=Link(_("All cases"), url_for("cases.index")),
        tags=_tags(case, clocks),
        clock=answers.clock(session, case, clocks, now),
        ended=moment_text(case.closed_at) if case.closed_at else "",
        what=answers.what(case, words.category(case), case.closing_condition or ""),
        where=answers.where(case, known),
        who=answers.who(case, tasks, groups, known),
        why=answers.why(case, tasks, groups, known, late),
        actions=actions.offered(viewer, case, reading, known),
        no_action=_("There is nothing for you to do here at this moment."),
        incidents=_stuck(reading, viewer),
        process=_diagram(case, reading, steps),
        steps=steps,
        photos=pictures.wall(case, pictures_, known, with_people=not viewer.is_volunteer),
        map=_map(case, known),
        tracks=tracks.build(session, list(clocks.values()), moved, now),
        timeline=past.timeline(
            timeline, known, effects.of_timeline(timeline, moved, clocks), with_people=not viewer.is_volunteer
        ),
        following=diagram.following(progress, tasks),
        people=_people(case, reading, known, viewer),
        related=_related(session, case, viewer, now),
        links=_links(joined, permissions.may_see_personal(viewer, case)),
        seen=_seen(timeline),
    )


def _units(case: Case, reading: instance.Reading) -> set[str | None]:
    found = {case.community_code, case.street_code, case.responsibility_grid, case.administrative_grid, case.lead_unit}
    return found | {key.partition("@")[2] for keys in reading.groups.values() for key in keys}


def _persons(case: Case, reading: instance.Reading, others: Sequence[str]) -> set[str | None]:
    parts = [case.reporter_id, case.accepted_by, case.filed_by, case.dispatched_by, case.handled_by]
    parts += [case.checked_by, case.closed_by, *(task.assignee for task in reading.tasks), *others]
    return {*parts, *(visit.actor for visit in reading.progress.done)}


def _tags(case: Case, clocks: Any) -> list[Tag]:
    tags = [Tag(words.status(case.status), on_phone=True)]
    if case.urgency != "normal":
        tags.append(Tag(words.urgency(case.urgency), "urgent"))
    handling = clocks.get("handling")
    if handling is not None and handling.extensions:
        tags.append(Tag(_("extended %(n)s", n=handling.extensions), "alarm"))
    if case.return_count:
        tags.append(Tag(_("returned %(n)s", n=case.return_count), "arrow-back-up"))
    if case.rework_count:
        tags.append(Tag(_("rework %(n)s", n=case.rework_count), "rotate"))
    if case.self_handled:
        tags.append(Tag(_("solved on the spot"), "tool"))
    tags.append(Tag(words.source(case.source), on_phone=False))
    return tags


def _stuck(reading: instance.Reading, viewer: Viewer) -> list[Stuck]:
    may_open = permissions.can(viewer, "incidents.view")
    url = url_for("admin.incidents") if may_open else ""
    return [Stuck(pick(each.zh, each.en), each.created_at, url) for each in reading.incidents]


def _diagram(case: Case, reading: instance.Reading, steps: Sequence[diagram.Step]) -> Diagram:
    definition = reading.definition
    spoken = {"done": _("done"), "current": _("current"), "coming": _("to come")}
    return Diagram(
        name=english.label(definition.name) if definition else _("Case handling"),
        version=definition.version if definition else 0,
        xml_url=url_for("cases.diagram", number=case.number),
        marks_url=url_for("cases.marks", number=case.number),
        spoken="; ".join(f"{spoken[step.state]} {step.name}" for step in steps),
    )


def _map(case: Case, known: Names) -> Map:
    grid = known.unit(case.responsibility_grid)
    accuracy = (
        ("，" if is_chinese() else ", ") + _("position ±%(n)s m", n=round(case.accuracy_m)) if case.accuracy_m else ""
    )
    return Map(
        url=url_for("cases.case_map", number=case.number),
        text=f"{case.lon:.5f}, {case.lat:.5f}",
        caption=f"{grid}{accuracy}",
    )


def _people(case: Case, reading: instance.Reading, known: Names, viewer: Viewer) -> list[PersonRow]:
    if viewer.is_volunteer:
        lead = known.unit(case.lead_unit)
        return [PersonRow(_("lead"), lead)] if lead else []
    found = []
    for task in reading.tasks:
        holder = known.person(task.assignee)
        since = _("claimed %(at)s", at=words.when(task.claimed_at)) if holder and task.claimed_at else ""
        name = holder or known.groups(reading.groups.get(task.id, []))
        found.append(PersonRow(_("now"), name, what=since or _("not claimed yet"), is_current=True))
    if case.lead_unit:
        handler = known.person(case.handled_by)
        note = _("handled %(at)s", at=words.when(case.handled_at)) if case.handled_at else ""
        what = _("by %(name)s", name=handler) if handler else ""
        found.append(PersonRow(_("lead"), known.unit(case.lead_unit), note, what))
    parts = (
        (_("report"), case.reporter_id, case.reported_at),
        (_("acceptance"), case.accepted_by, case.accepted_at),
        (_("filing"), case.filed_by, case.filed_at),
        (_("dispatch"), case.dispatched_by, case.dispatched_at),
        (_("check"), case.checked_by, case.checked_at),
        (_("closing"), case.closed_by, case.closed_at),
    )
    for role, person, at in parts:
        name = known.person(person)
        if name:
            mine = _(" (me)") if person == viewer.person_id else ""
            found.append(PersonRow(role, name + mine, words.when(at) if at else ""))
    return found


def _related(session: Session, case: Case, viewer: Viewer, now: datetime) -> list[Related]:
    found = []
    for item in queries.related(session, case, now=now):
        if not permissions.can(viewer, "case.view", item.case):
            continue
        distance = _("%(n)s m", n=round(item.distance_m)) if item.distance_m else _("linked")
        same = _("same category") if item.case.category_code == case.category_code else words.category(item.case)
        comma = "，" if is_chinese() else ", "
        text = comma.join((distance, same, _("reported %(at)s", at=words.when(item.case.reported_at))))
        url = url_for("cases.page", number=item.case.number)
        found.append(Related(item.case.number, url, words.status(item.case.status), text))
    return found


def _links(joined: Sequence[CaseLink], may_see_personal: bool) -> list[Linked]:
    shown = [
        link
        for link in joined
        if link.kind != "case" and (may_see_personal or link.kind not in permissions.PERSONAL_LINKS)
    ]
    return [
        Linked(pick(*links.KINDS[link.kind]), link.target, link.label) for link in shown if link.kind in links.KINDS
    ]


def _seen(timeline: Sequence[CaseEvent]) -> Seen | None:
    public = [event for event in timeline if event.is_public]
    return Seen(pick(public[-1].zh, public[-1].en), public[-1].at) if public else None
