"""A report sent again: the same content under the same id is the same case, other content is refused and not dropped.

The content is remembered as a hash on the first line of the timeline, because steps change the case's own words.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers.cases.tables import Case, CaseEvent, Photo
from handlers.cases.validation import Report
from handlers.errors import SubmissionReusedError, refused

TAG: Final = "case:report"
FIELDS: Final = (
    "category_code",
    "kind",
    "lon",
    "lat",
    "accuracy_m",
    "title",
    "description",
    "address",
    "urgency",
    "occurred_at",
    "self_handled",
    "result",
    "reporter_name",
    "reporter_contact",
    "duplicate_of",
)
"""What a reporter says; the source follows from the reporter, photos count by their content."""


def known(session: Session, report: Report, *, actor: Actor) -> Case | None:
    """The case that this report became before, if it was sent before.

    :raises InvalidInputError: somebody else sent it.
    :raises SubmissionReusedError: it said something else then.
    """
    if report.submission_id is None:
        return None
    case = session.scalars(select(Case).where(Case.submission_id == report.submission_id)).first()
    if case is None:
        return None
    if case.reporter_id != actor.user_id:
        raise refused("submission_id", "上报编号已被使用。", "The id of the submission is already used.")
    line = select(CaseEvent.detail["content"].astext).where(CaseEvent.case_number == case.number, CaseEvent.tag == TAG)
    content = session.scalar(line.order_by(CaseEvent.id).limit(1))
    if content is not None and content != content_of(session, report):
        raise SubmissionReusedError(case.number)
    return case


def content_of(session: Session, report: Report) -> str | None:
    """A hash of what the report says and shows; None for a report without an id, which nobody compares."""
    if report.submission_id is None:
        return None
    said = [_plain(getattr(report, name)) for name in FIELDS]
    shown = [_photos(session, ids) for ids in (report.photo_ids, report.photo_ids_after)]
    return hashlib.sha256(json.dumps([said, shown], default=str).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _photos(session: Session, ids: tuple[str, ...]) -> list[str]:
    return sorted(set(session.scalars(select(Photo.sha256).where(Photo.id.in_(ids))))) if ids else []
