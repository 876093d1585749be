"""What a browser sends as a report, turned into `cases.Report`: strings into numbers, files into waiting photos."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from bpmn.errors import InvalidInputError
from bpmn.values import Actor
from handlers.cases import photos, sources
from handlers.cases.validation import Report
from handlers.org import Viewer
from webapp import formfields
from webapp.cases.photo_views import content_of

MOST_PHOTOS = 9
FIELDS = frozenset(
    {
        "category",
        "kind",
        "category_code",
        "lon",
        "lat",
        "accuracy_m",
        "address",
        "description",
        "urgency",
        "self_handled",
        "submission_id",
    }
)
FILES = frozenset({"photos", "photos_after"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A report without its photos, and the photos' contents."""

    report: Report
    before: list[bytes]
    after: list[bytes]


def read(
    form: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    viewer: Viewer,
    *,
    key: str | None,
    more: Collection[str] = (),
) -> Incoming:
    """The report of a request. `key`: the Idempotency-Key, which makes a repeat the same report. `more`: other fields.

    :raises InvalidInputError: a field nobody asked for, no position, too many photos, a photo too large.
    """
    formfields.refuse_unknown({*FIELDS, *more}, FILES, form, files)
    kind, code = _category(form)
    lon, lat = _number(form, "lon"), _number(form, "lat")
    if lon is None or lat is None:
        sentence = (
            "请在地图上选定位置，或填写经纬度。",
            "Please choose a place on the map, or enter longitude and latitude.",
        )
        raise InvalidInputError(fields={"position": [sentence]})
    self_handled = form.get("self_handled") == "true"
    text = form.get("description", "")
    return Incoming(
        Report(
            category_code=code,
            kind=kind,
            lon=lon,
            lat=lat,
            accuracy_m=_number(form, "accuracy_m"),
            address=form.get("address", ""),
            description="" if self_handled else text,
            result=text if self_handled else "",
            urgency=form.get("urgency") or "normal",
            source=sources.of(viewer),
            self_handled=self_handled,
            submission_id=key or form.get("submission_id") or None,
        ),
        _contents(files, "photos"),
        _contents(files, "photos_after"),
    )


def keep(
    session: Session, incoming: Incoming, *, actor: Actor, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take in the photos; they wait for their case in the same transaction."""

    def taken(contents: list[bytes], phase: str) -> tuple[str, ...]:
        return tuple(photos.add(session, content, phase=phase, actor=actor, now=now).id for content in contents)

    return taken(incoming.before, "before"), taken(incoming.after, "after")


def _category(form: MultiDict[str, str]) -> tuple[str, str]:
    """(kind, code), from the plain form's one field or the island's two."""
    kind, _, code = form.get("category", "").partition(":")
    return (kind, code) if code else (form.get("kind") or "event", form.get("category_code", ""))


def _number(form: MultiDict[str, str], name: str) -> float | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidInputError(fields={name: [("请填写数字。", "Please enter a number.")]})
    return value


def _contents(files: MultiDict[str, FileStorage], name: str) -> list[bytes]:
    given = [file for file in files.getlist(name) if file.filename]
    if len(given) > MOST_PHOTOS:
        sentence = (f"一次最多 {MOST_PHOTOS} 张照片。", f"At most {MOST_PHOTOS} photos at once.")
        raise InvalidInputError(fields={name: [sentence]})
    return [content_of(file) for file in given]
