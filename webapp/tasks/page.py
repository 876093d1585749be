"""Puts the page of one task together: form, answers so far, what the case is about, what can be done and what not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import tasks
from bpmn.tables import TaskCandidate, TaskDraft, UserTask
from handlers import permissions
from handlers.cases import events, photos
from handlers.cases.tables import Case, Photo
from handlers.clocks import limits, rows
from handlers.clocks.tables import CaseClock
from handlers.org import Viewer
from webapp import clockface
from webapp.cases import names, past, pictures, words
from webapp.cases.answers import Clock
from webapp.cases.names import Names
from webapp.clock import moment_text
from webapp.i18n import gettext as _
from webapp.i18n import language, pick
from webapp.steps import step_name
from webapp.tasks import choices, english, plain
from webapp.tasks.refusals import Refusal, Way

LATEST = 6


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """An action beside the form: claim, give back."""

    label: str
    url: str
    icon: str = ""
    is_primary: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    url: str
    title: str
    facts: list[Fact]
    photos: list[pictures.Picture]
    latest: list[past.Line]
    events: int


@dataclass(slots=True)
class Page:
    id: int
    name: str
    business_key: str
    back: str
    tags: list[str]
    holder: str
    instruction: str
    can_complete: bool
    complete_url: str
    draft_url: str
    photos_url: str
    form: Mapping[str, Any] | None
    values: dict[str, Any]
    draft_at: datetime | None
    draft_photos: dict[str, list[pictures.Picture]]
    clock: Clock | None
    case: CaseFacts | None
    moves: list[Move]
    refusal: Refusal | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)


def build(
    session: Session, task: UserTask, viewer: Viewer, now: datetime, *, typed: dict[str, Any] | None = None
) -> Page:
    """The page of a task that the person may see. `typed`: what they have just sent and what was refused."""
    case = session.get(Case, task.business_key)
    form = form_of(session, task)
    draft = session.get(TaskDraft, (task.id, viewer.person_id))
    given = choices.of_case(session, case, form) if case is not None else {}
    preset = choices.defaults(case, form, given) if case is not None else {}
    answers = typed if typed is not None else draft.values if draft is not None else {}
    groups = [
        key[2:]
        for key in session.scalars(select(TaskCandidate.candidate).where(TaskCandidate.task_id == task.id))
        if key.startswith("g:")
    ]
    known = names.load(
        session,
        units=[key.partition("@")[2] for key in groups]
        + ([case.community_code, case.responsibility_grid, case.lead_unit] if case else []),
        persons=[task.assignee, *([case.reporter_id] if case else [])],
    )
    can_complete = _can_complete(task, viewer)
    return Page(
        id=task.id,
        name=step_name(task.process_key, task.element_id, task.name),
        business_key=task.business_key,
        back=url_for("tasklist.index"),
        tags=[words.urgency(case.urgency)] if case is not None and case.urgency != "normal" else [],
        holder=_holder(task, viewer, known),
        instruction="",
        can_complete=can_complete,
        complete_url=url_for("tasks.complete", task_id=task.id),
        draft_url=url_for("tasks.draft", task_id=task.id),
        photos_url=url_for("tasks.photo", task_id=task.id),
        form=english.in_language(form) if form is not None else None,
        values={**_shown_data(task, form), **preset, **given, **_without_photos(answers, form)},
        draft_at=draft.saved_at if draft is not None and typed is None else None,
        draft_photos=_draft_photos(session, answers, form, case, known),
        clock=_clock(session, task, now),
        case=_case(session, case, viewer, known) if case is not None else None,
        moves=_moves(task, viewer, can_complete=can_complete),
        refusal=None if can_complete else _why_not(task, viewer, groups, known),
    )


def options_of(session: Session, task: UserTask) -> dict[str, list[str]]:
    """The values that may be chosen in the form of this task now, by the name the form asks with."""
    case = session.get(Case, task.business_key)
    offered = choices.of_case(session, case, form_of(session, task)) if case is not None else {}
    return {name: [choice["value"] for choice in given] for name, given in offered.items()}


def form_of(session: Session, task: UserTask) -> dict[str, Any] | None:
    """The form of the task as deployed; None when it has none."""
    return tasks.form_of(session, task.id) if task.form else None


def photo_keys_of(session: Session, task: UserTask) -> list[str]:
    """The fields of the task's form that take photos."""
    form = form_of(session, task)
    return plain.photo_keys(form["components"]) if form else []


def _can_complete(task: UserTask, viewer: Viewer) -> bool:
    if task.assignee is not None:
        return task.assignee == viewer.person_id
    return viewer.person_id not in task.excluded_users and permissions.can(viewer, "task.complete", task)


def _why_not(task: UserTask, viewer: Viewer, groups: list[str], known: Names) -> Refusal:
    """Why the form is closed for this person, and what to do instead."""
    look = Way(_("Look at the case"), url_for("cases.page", number=task.business_key))
    back = Way(_("Next task"), url_for("tasklist.index"))
    if task.assignee is not None:
        name = known.person(task.assignee) or _("somebody else")
        since = moment_text(task.claimed_at) if task.claimed_at else ""
        title = _("%(name)s works on this", name=name)
        text = _("%(name)s has held it since %(at)s. Ask them to return it if you are to do it.", name=name, at=since)
        return Refusal(title, text, "user-check", [back, look])
    if viewer.person_id in task.excluded_users:
        text = _("You took an earlier step of this case. A second pair of eyes does this one; it stays in the queue.")
        return Refusal(_("A colleague has to do this step"), text, "users", [back, look])
    wait = known.groups(groups, 3)
    return Refusal(_("This is not in your queues"), _("It waits for: %(groups)s.", groups=wait), "lock", [back, look])


def _holder(task: UserTask, viewer: Viewer, known: Names) -> str:
    if task.assignee is None:
        return _("not claimed yet")
    at = words.when(task.claimed_at) if task.claimed_at else ""
    if task.assignee == viewer.person_id:
        return _("claimed by you %(at)s", at=at)
    return _("claimed by %(name)s %(at)s", name=known.person(task.assignee), at=at)


def _moves(task: UserTask, viewer: Viewer, *, can_complete: bool) -> list[Move]:
    if task.assignee == viewer.person_id:
        url = url_for("tasklist.unclaim", task_id=task.id, next=url_for("tasklist.index"))
        return [Move(_("Return to the queue"), url, "arrow-back-up", title=_("What you wrote is kept as your draft."))]
    if task.assignee is None and can_complete:
        url = url_for("tasklist.claim", task_id=task.id, next=url_for("tasks.form", task_id=task.id))
        title = _("Nobody else can take it while you work on it.")
        return [Move(_("Claim first"), url, "user-check", title=title)]
    return []


def _clock(session: Session, task: UserTask, now: datetime) -> Clock | None:
    if task.due_ref and task.due_ref.startswith("clock:"):
        name = task.due_ref.removeprefix("clock:")
        found = session.scalar(
            select(CaseClock).where(CaseClock.case_number == task.business_key, CaseClock.name == name)
        )
        if found is not None and found.status != "stopped":
            rule = limits.rule_of(found.name)
            limit = rows.limit_of(found).text(language())
            return Clock(clockface.of_clock(session, found, now), f"{pick(rule.zh, rule.en)} {limit}")
    face = clockface.of_due(task.due_at, task.created_at, now)
    return Clock(face, "") if face is not None else None


def _case(session: Session, case: Case, viewer: Viewer, known: Names) -> CaseFacts:
    timeline = events.timeline(session, case)
    known.persons |= names.load(session, persons=[event.actor_id for event in timeline]).persons
    taken = photos.of_case(session, case.number)
    place = [known.unit(case.community_code), known.unit(case.responsibility_grid)]
    facts = [
        Fact(_("Category"), f"{case.category_code} {words.category(case)}"),
        Fact(_("Description"), case.description),
        Fact(_("Place"), " ".join(part for part in (case.address, *place) if part)),
        Fact(_("Reported"), f"{moment_text(case.reported_at)} {known.person(case.reporter_id)}".strip()),
        Fact(_("Lead"), known.unit(case.lead_unit)),
        Fact(_("Result"), case.result),
    ]
    return CaseFacts(
        url=url_for("cases.page", number=case.number),
        title=words.title_of(case),
        facts=[fact for fact in facts if fact.text],
        photos=[
            pictures.picture(photo, case, known) for photo in (taken[:1] + taken[-1:] if len(taken) > 1 else taken)
        ],
        latest=[past.line_of(event, known) for event in reversed(timeline[-LATEST:])],
        events=len(timeline),
    )


def _shown_data(task: UserTask, form: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the diagram suggests for fields of the form; the answer of an earlier step (`outcome`) is no suggestion."""
    keys = {field["key"] for field in plain.fields_of(form["components"])} if form else set()
    return {
        key: value for key, value in task.data.items() if key in keys and key != "outcome" and value not in ("", None)
    }


def _without_photos(answers: Mapping[str, Any], form: Mapping[str, Any] | None) -> dict[str, Any]:
    keys = plain.photo_keys(form["components"]) if form else []
    return {key: value for key, value in answers.items() if key not in keys}


def _draft_photos(
    session: Session, answers: Mapping[str, Any], form: Mapping[str, Any] | None, case: Case | None, known: Names
) -> dict[str, list[pictures.Picture]]:
    """The photos that the draft names and that are still there, by field."""
    found: dict[str, list[pictures.Picture]] = {}
    for key in plain.photo_keys(form["components"]) if form and case is not None else []:
        ids = answers.get(key)
        if isinstance(ids, list) and ids:
            kept = session.scalars(select(Photo).where(Photo.id.in_([str(each) for each in ids]))).all()
            assert case is not None
            found[key] = [pictures.picture(photo, case, known) for photo in kept]
    return found
