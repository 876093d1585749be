"""Photos of a case as the page shows them: one before and one after side by side, all by phase in the dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from handlers.cases.duplicates import distance_m
from handlers.cases.photos import PHASES
from handlers.cases.tables import Case, Photo
from webapp.cases.names import Names
from webapp.i18n import gettext as _
from webapp.i18n import pick


@dataclass(frozen=True, slots=True)
class Picture:
    id: str
    url: str
    thumbnail: str
    width: int
    height: int
    at: datetime
    by: str
    note: str
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the two places of the panel: a photo, or the words for its absence."""

    label: str
    photo: Picture | None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    photos: list[Picture]


@dataclass(frozen=True, slots=True)
class Wall:
    shown: list[Shown]
    columns: list[Column]
    all: list[Picture]


def wall(case: Case, photos: Sequence[Photo], names: Names, *, with_people: bool) -> Wall:
    """The photos of the case; `with_people` False leaves out who took them."""
    pictures = [(photo.phase, picture(photo, case, names, with_people=with_people)) for photo in photos]
    before = [made for phase, made in pictures if phase in {"before", "verify"}]
    after = [made for phase, made in pictures if phase in {"after", "check"}]
    is_done = case.handled_at is not None
    shown = [
        Shown(_("before"), before[0] if before else None, _("No photo came with the report")),
        Shown(
            _("after"),
            after[-1] if after else None,
            _("Handled without a photo") if is_done else _("A photo comes when it is handled"),
        ),
    ]
    columns = [Column(_("before"), before), Column(_("after"), after)]
    return Wall(shown, columns, [made for _phase, made in pictures])


def picture(photo: Photo, case: Case, names: Names, *, with_people: bool = True) -> Picture:
    """One photo with its addresses, and how far from the case it was taken."""
    note = ""
    if photo.lon is not None and photo.lat is not None:
        metres = distance_m(photo.lon, photo.lat, case.lon, case.lat)
        note = _("taken %(n)s m away", n=round(metres)) if metres >= 1 else ""
    return Picture(
        id=photo.id,
        url=url_for("cases.photo", photo_id=photo.id),
        thumbnail=url_for("cases.photo", photo_id=photo.id, size="small"),
        width=photo.width,
        height=photo.height,
        at=photo.taken_at or photo.uploaded_at,
        by=names.person(photo.uploaded_by) if with_people else "",
        note=note,
        label=pick(*PHASES.get(photo.phase, (photo.phase, photo.phase))),
    )
