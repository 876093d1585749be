"""Why a task cannot be done now, and the way out: what stands beside the form instead of a bare error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from bpmn import errors
from webapp.clock import ago
from webapp.errors import problem_of, status_of
from webapp.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Way:
    """One way out: a link, or an action of its own."""

    label: str
    url: str
    method: str = "get"


@dataclass(frozen=True, slots=True)
class Refusal:
    title: str
    text: str
    icon: str = "hand-stop"
    ways: list[Way] = field(default_factory=list)
    code: str = ""


def of_error(error: errors.GridWhistleError, *, task_id: int, number: str | None) -> Refusal:
    """The refusal an error amounts to."""
    document = problem_of(error)
    ways = [Way(_("Next task"), url_for("tasklist.index"))]
    if number:
        ways.append(Way(_("Only look at the case"), url_for("cases.page", number=number)))
    code = _(
        "code %(code)s, HTTP %(status)s, record %(id)s",
        code=document["code"],
        status=document["status"],
        id=document["record"],
    )
    if isinstance(error, errors.TaskAlreadyClaimedError):
        holder, since = error.facts.get("holder", ""), error.facts.get("since")
        title = _("%(name)s claimed this %(ago)s", name=holder, ago=ago(since)) if since else document["title"]
        text = document["detail"] + " " + _("Your answer was not sent; what you wrote is below.")
        return Refusal(title, text, "user-check", ways, code)
    if isinstance(error, errors.TaskClosedError):
        text = document["detail"] + " " + _("Your answer was not sent; what you wrote is below.")
        return Refusal(_("This task is no longer open"), text, "circle-check", ways, code)
    if isinstance(error, errors.InvalidInputError):
        return Refusal(_("Not sent yet: some fields need attention"), document["detail"], "hand-stop", [], "")
    if status_of(error) == 503:
        return Refusal(
            document["title"],
            document["detail"],
            "cloud-off",
            [Way(_("Try again"), url_for("tasks.form", task_id=task_id))],
            code,
        )
    return Refusal(document["title"], document["detail"], "hand-stop", ways, code)


def outdated(*, has_photos: bool) -> Refusal:
    """The page was older than the session: what was typed stands below, a second press sends it."""
    text = _("This page was too old. What you wrote is below; press “Complete” once more.")
    if has_photos:
        text += " " + _("Please choose the photos again.")
    return Refusal(_("Not sent yet"), text, "refresh")


def problem_with_ways(error: errors.GridWhistleError, *, task_id: int, number: str | None) -> dict[str, Any]:
    """The same as a problem document for the island, which shows it beside the typed answers."""
    refusal = of_error(error, task_id=task_id, number=number)
    document = problem_of(error)
    document["title"] = refusal.title
    document["detail"] = refusal.text
    document["ways"] = [{"label": way.label, "url": way.url} for way in refusal.ways]
    return document
