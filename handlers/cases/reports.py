"""Taking in a report: one transaction that makes the case, its first line of the timeline and its process instance.

Checking is `validation`; whatever comes after is the diagram `case_handling` and the handlers of `steps`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from bpmn import execution
from bpmn.errors import InvalidInputError
from bpmn.values import Actor, Variables
from handlers import catalogue, org
from handlers.cases import contacts, events, links, numbers, photos, states, submissions
from handlers.cases.tables import Case
from handlers.cases.validation import SOURCES, Report, check

PROCESS: Final = "case_handling"
LONGEST_CLAUSE: Final = 30
_CLAUSE_END: Final = re.compile(r"[，。；、！？,.;!?\n]")


def report(session: Session, report: Report, *, actor: Actor, now: datetime) -> Case:
    """Make a case of a report and start its process. Sent again with the same `submission_id` it is the same case.

    The number is taken after every check; other reports of the day wait for the end of this transaction.
    :raises InvalidInputError: a field cannot be taken; nothing was written.
    :raises SubmissionReusedError: the same `submission_id` came before with other content.
    """
    known = submissions.known(session, report, actor=actor)
    if known is not None:
        return known
    category, place = check(session, report, now=now)
    if report.duplicate_of is not None and session.get(Case, report.duplicate_of) is None:
        raise InvalidInputError(fields={"duplicate_of": [("找不到相似案件。", "There is no such similar case.")]})
    case = _case(numbers.take(session, now=now), report, category, place, actor=actor, now=now)
    session.add(case)
    session.flush()
    photos.attach(session, case.number, report.photo_ids, actor=actor, phase="before")
    photos.attach(session, case.number, report.photo_ids_after, actor=actor, phase="after")
    _tell(session, case, report, actor, now)
    if report.duplicate_of is not None:
        links.add(session, case.number, "case", report.duplicate_of, actor=actor, now=now, relation="duplicate")
    instance = execution.start(
        session, PROCESS, business_key=case.number, variables=variables_of(case), actor=actor, now=now
    )
    case.instance_id = instance.id
    return case


def variables_of(case: Case) -> Variables:
    """What the diagram needs to choose its way; everything else stays in the table."""
    return {
        "case_number": case.number,
        "street_code": case.street_code,
        "community_code": case.community_code or "",
        "grid_code": case.responsibility_grid or "",
        "source": case.source,
        "urgency": case.urgency,
        "self_handled": case.self_handled,
        "reporter": case.reporter_id or "",
        "lead_unit": "",
        "lead_queue": "",
        "accepted_by": "",
        "filed_by": "",
        "dispatched_by": "",
        "handled_by": "",
        "checked_by": "",
        "outcome": "",
        "return_count": 0,
        "rework_count": 0,
    }


def _case(
    number: str, report: Report, category: catalogue.Category, place: org.Located, *, actor: Actor, now: datetime
) -> Case:
    return Case(
        number=number,
        code_set=category.code_set,
        kind=category.kind,
        category_code=category.code,
        category_name=category.name,
        title=report.title.strip() or _title(category, report),
        description=report.description.strip(),
        address=report.address.strip(),
        lon=report.lon,
        lat=report.lat,
        accuracy_m=report.accuracy_m,
        responsibility_grid=place.responsibility_grid,
        administrative_grid=place.administrative_grid,
        community_code=place.community_code,
        street_code=place.street_code,
        source=report.source,
        urgency=report.urgency,
        reporter_id=actor.user_id,
        reporter_name=report.reporter_name.strip() or actor.name,
        reporter_contact=contacts.encrypt(report.reporter_contact),
        self_handled=report.self_handled,
        status=states.REPORTED,
        reported_at=now,
        occurred_at=report.occurred_at,
        handled_at=now if report.self_handled else None,
        handled_by=actor.user_id if report.self_handled else None,
        result=report.result.strip(),
        return_count=0,
        rework_count=0,
        duplicate_of=None,
        submission_id=report.submission_id,
        version=1,
    )


def _title(category: catalogue.Category, report: Report) -> str:
    """The category and what is special about it: the first clause of the description, else the place."""
    clause = _CLAUSE_END.split(report.description.strip(), maxsplit=1)[0].strip()
    special = clause if 2 <= len(clause) <= LONGEST_CLAUSE else report.address.strip()
    return f"{category.name}，{special}"[:100] if special else category.name


def _tell(session: Session, case: Case, report: Report, actor: Actor, now: datetime) -> None:
    taken = len(report.photo_ids) + len(report.photo_ids_after)
    photos_zh, photos_en = (f"，照片 {taken} 张", f", {taken} photo{'s' if taken > 1 else ''}") if taken else ("", "")
    near = f" ±{case.accuracy_m:.0f} 米" if case.accuracy_m is not None else ""
    near_en = f" ±{case.accuracy_m:.0f} m" if case.accuracy_m is not None else ""
    zh, en = SOURCES[case.source]
    if case.self_handled:
        zh, en = "上报并自行处置", "Reported and solved on the spot"
    events.record(
        session,
        case.number,
        submissions.TAG,
        f"{zh}{photos_zh}，定位{near or '已登记'}",
        f"{en}{photos_en}, position{near_en or ' registered'}",
        actor=actor,
        now=now,
        is_public=True,
        text=case.description or case.result,
        photos=[*report.photo_ids, *report.photo_ids_after],
        content=submissions.content_of(session, report),
    )
