"""The five answers of a case page: due when, what, where, who, why it waits. Words made from rows, no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bpmn.tables import UserTask
from handlers.cases import states
from handlers.cases.tables import Case
from handlers.clocks import limits, rows
from handlers.clocks.tables import CaseClock
from webapp import clockface
from webapp.cases import words
from webapp.cases.listing import foremost, status_name
from webapp.cases.names import Names
from webapp.clock import moment_text
from webapp.i18n import gettext as _
from webapp.i18n import is_chinese, language, pick
from webapp.steps import step_name


@dataclass(frozen=True, slots=True)
class Answer:
    name: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    lines: list[list[str]]


@dataclass(frozen=True, slots=True)
class Clock:
    face: clockface.Face
    text: str


def clock(session: Session, case: Case, clocks: Mapping[str, CaseClock], now: datetime) -> Clock | None:
    """The clock that people look at, and which one it is; None when the case has ended or nothing runs."""
    found = foremost(list(clocks.values())) if states.is_open(case.status) else None
    if found is None:
        return None
    rule = limits.rule_of(found.name)
    face = clockface.of_clock(session, found, now)
    limit = rows.limit_of(found).text(language())
    text = _("%(clock)s %(due)s (%(limit)s in all)", clock=pick(rule.zh, rule.en), due=face.due, limit=limit)
    return Clock(clockface.Face(face.state, face.text, "", face.percent, face.left, face.limit, face.runs_for), text)


def what(case: Case, category: str, closing: str) -> Answer:
    """Category, description, condition of closing."""
    lines = [case.description] if case.description else []
    if closing:
        lines.append(_("to be closed: %(condition)s", condition=closing))
    elif case.result:
        lines.append(_("result: %(result)s", result=case.result))
    return Answer(f"{case.category_code} {category}", lines)


def where(case: Case, names: Names) -> Place:
    """Address, community and grid, street."""
    inner = [name for name in (names.unit(case.community_code), names.unit(case.responsibility_grid)) if name]
    return Place(case.address or names.unit(case.responsibility_grid), [inner, [names.unit(case.street_code)]])


def who(case: Case, tasks: Sequence[UserTask], groups: Mapping[int, list[str]], names: Names) -> Answer:
    """Who holds it now, and who leads."""
    lines = []
    if case.lead_unit:
        lines.append(_("lead: %(unit)s", unit=names.unit(case.lead_unit)))
    if not tasks:
        closed = names.person(case.closed_by)
        name = _("closed by %(name)s", name=closed) if closed else status_name(case.status)
        return Answer(name, lines)
    task = tasks[0]
    step = step_name(task.process_key, task.element_id, task.name)
    holder = names.person(task.assignee) or names.groups(groups.get(task.id, []), 1)
    if task.assignee is None:
        lines.append(_("not claimed yet"))
    return Answer(_("%(step)s: %(name)s", step=step, name=holder), lines)


def why(case: Case, tasks: Sequence[UserTask], groups: Mapping[int, list[str]], names: Names, next_late: str) -> Answer:
    """For whom it waits, since when, and what happens when nobody acts."""
    if not tasks:
        if states.is_open(case.status):
            return Answer(_("Waits for the system"), [])
        at = moment_text(case.closed_at) if case.closed_at else ""
        return Answer(_("Nothing: %(status)s", status=status_name(case.status)), [at] if at else [])
    task = tasks[0]
    step = step_name(task.process_key, task.element_id, task.name)
    holder = names.person(task.assignee)
    for_whom = holder or names.groups(groups.get(task.id, []), 1) or _("somebody")
    lines = [_since(task, holder)]
    if next_late:
        lines.append(next_late)
    return Answer(_("Waits for %(name)s: %(step)s", name=for_whom, step=step), lines)


def _since(task: UserTask, holder: str) -> str:
    came = _("came %(at)s", at=words.when(task.created_at))
    if holder and task.claimed_at is not None:
        return came + ("，" if is_chinese() else ", ") + _("claimed %(at)s", at=words.when(task.claimed_at)) + _(".")
    return came + ("，" if is_chinese() else ", ") + _("nobody has claimed it yet") + _(".")
