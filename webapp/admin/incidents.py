"""Incidents: what is stuck, in a sentence for people and a traceback for administrators, and trying again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from bpmn import incidents
from bpmn.errors import NotFoundError
from bpmn.tables import Incident, ProcessInstance
from handlers.cases.tables import Case
from webapp import db
from webapp.access import actor, allowed, may, require
from webapp.admin import forms
from webapp.admin.blueprint import blueprint
from webapp.clock import now
from webapp.i18n import gettext as _
from webapp.i18n import language, pick

MOST = 100


@dataclass(frozen=True, slots=True)
class Row:
    incident: Incident
    sentence: str
    process: str
    title: str
    case_url: str
    traceback: str


@blueprint.get("/incidents", endpoint="incidents")
@may("incidents.view")
def index() -> str:
    """Open incidents, oldest first; with `all=1` the resolved ones of late too."""
    return _page([])


@blueprint.post("/incidents/<int:incident_id>/retry")
@may("incidents.retry")
def retry(incident_id: int) -> Response | tuple[str, int]:
    """Try the failed step again, with the same variables."""
    found = db.read().get(Incident, incident_id)
    if found is None:
        raise NotFoundError(what="incident")
    require("incidents.retry", found)
    who, at = actor(), now()

    def work() -> str:
        db.write(lambda s: incidents.retry(s, incident_id, actor=who, now=at))
        return _("Tried again. If it still fails, a new incident stands here.")

    return forms.done_or_shown(work, url_for("admin.incidents"), lambda e: _page([e.message(language())]))


def _page(problems: list[str]) -> str:
    session, with_resolved = db.read(), request.args.get("all") == "1"
    statement = select(Incident, ProcessInstance, Case).join(
        ProcessInstance, ProcessInstance.id == Incident.instance_id
    )
    statement = statement.outerjoin(Case, Case.number == Incident.business_key)
    if not with_resolved:
        statement = statement.where(Incident.resolved_at.is_(None))
    rows = session.execute(statement.order_by(Incident.resolved_at.is_not(None), Incident.created_at).limit(MOST)).all()
    may_retry = allowed("incidents.retry")
    return render_template(
        "admin/incidents.html",
        rows=[
            Row(
                incident,
                pick(incident.zh, incident.en),
                instance.process_key,
                case.title if case is not None and allowed("case.view", case) else "",
                url_for("cases.page", number=case.number) if case is not None and allowed("case.view", case) else "",
                incident.traceback if may_retry else "",
            )
            for incident, instance, case in rows
        ],
        may_retry=may_retry,
        with_resolved=with_resolved,
        problems=problems,
    )
