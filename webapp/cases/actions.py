"""What a person can do with a case now, and why not: the buttons under the answers.

A refused action stands there with its reason; whether it would be refused is asked from the same rules that refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from bpmn.tables import UserTask
from handlers import permissions
from handlers.cases import states
from handlers.cases.tables import Case
from handlers.org import Viewer
from webapp.cases import words
from webapp.cases.instance import Reading
from webapp.cases.names import Names
from webapp.i18n import gettext as _
from webapp.steps import step_name


@dataclass(frozen=True, slots=True)
class Action:
    """A button. Without an address it is refused, and `why` says why and what to do instead."""

    label: str
    url: str = ""
    method: str = "get"
    icon: str = ""
    key: str = ""
    why: str = ""


def offered(viewer: Viewer, case: Case, reading: Reading, names: Names) -> list[Action]:
    """The actions of this person, the most likely one first; refused ones last."""
    found = [_task(viewer, task, reading, names) for task in reading.tasks]
    if not reading.tasks and states.is_open(case.status):
        why = _("The system is at work; this page changes by itself.")
        found.append(Action(_("Handle"), why=why))
    return sorted(found, key=lambda action: not action.url)


def _task(viewer: Viewer, task: UserTask, reading: Reading, names: Names) -> Action:
    step = step_name(task.process_key, task.element_id, task.name)
    url = url_for("tasks.form", task_id=task.id)
    if task.assignee == viewer.person_id:
        return Action(step, url, icon="pencil", key="e")
    if task.assignee is not None:
        holder = names.person(task.assignee) or _("somebody else")
        at = words.when(task.claimed_at) if task.claimed_at else ""
        return Action(step, why=_("%(name)s has held this since %(at)s. Ask them to return it.", name=holder, at=at))
    if viewer.person_id in task.excluded_users:
        why = _("You took an earlier step of this case, so a colleague does this one.")
        return Action(step, why=why)
    if permissions.can(viewer, "task.claim", task):
        return Action(_("Open the task: %(step)s", step=step), url, icon="user-check", key="e")
    groups = names.groups(reading.groups.get(task.id, []))
    return Action(step, why=_("Waits for %(groups)s, not for you.", groups=groups or _("somebody else")))
