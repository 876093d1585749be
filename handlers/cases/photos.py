"""Photos of cases: taken in, kept content-addressed below the uploads folder, attached to a case, read back.

Decoding and re-encoding is `handlers.cases.images`; who may see a photo is decided by `handlers.permissions`
before `read` is called. The file's place follows from its content, so it cannot be guessed from a case.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError, NotAllowedError, NotFoundError
from bpmn.values import Actor
from handlers.cases import images, settings, states
from handlers.cases.tables import Case, Photo

PHASES: Final[dict[str, tuple[str, str]]] = {
    "before": ("处置前", "Before"),
    "verify": ("核实", "Verification"),
    "after": ("处置后", "After"),
    "check": ("核查", "Inspection"),
}
UNATTACHED_FOR: Final = timedelta(days=7)


def add(
    session: Session, content: bytes, *, phase: str, actor: Actor, now: datetime, case_number: str | None = None
) -> Photo:
    """Take in a photo; without a case it waits for its report or answer and only its uploader may attach it.

    The same content in the same phase of the same case is kept once. The file is written before the row, so a
    crash leaves at most a file nobody names.
    :raises InvalidInputError: no photo, too large, or the case's 50 MB are used up; the field is `photo`.
    """
    if phase not in PHASES:
        raise NotFoundError(what="photo phase")
    known = settings.current()
    prepared = images.prepare(content, most_bytes=known.photo_bytes)
    if case_number is not None:
        _require_room(session, case_number, len(prepared.content))
    sha256, thumbnail_sha256 = _keep(prepared.content), _keep(prepared.thumbnail)
    twin = session.scalars(
        select(Photo).where(
            Photo.sha256 == sha256,
            Photo.phase == phase,
            Photo.case_number.is_not_distinct_from(case_number),
            Photo.uploaded_by == actor.user_id,
        )
    ).first()
    if twin is not None:
        return twin
    photo = Photo(
        case_number=case_number,
        phase=phase,
        sha256=sha256,
        thumbnail_sha256=thumbnail_sha256,
        mime=prepared.mime,
        size=len(prepared.content),
        width=prepared.width,
        height=prepared.height,
        taken_at=prepared.taken_at if images.is_plausible(prepared.taken_at, now) else None,
        lon=prepared.lon,
        lat=prepared.lat,
        uploaded_by=actor.user_id,
        uploaded_at=now,
    )
    session.add(photo)
    session.flush()
    return photo


def add_to_case(
    session: Session, content: bytes, *, phase: str, actor: Actor, now: datetime, case_number: str
) -> Photo:
    """Take in one more photo of the problem, beside the tasks of an open case. Locks the case.

    :raises NotAllowedError: the photos of a step (verified, handled, inspected) come only with the answer of its task.
    :raises ConflictError: the case has ended.
    """
    if phase in PHASES and phase != "before":
        raise NotAllowedError(
            why_zh=f"“{PHASES[phase][0]}”照片只能在该环节的任务里提交。",
            why_en=f"photos of “{PHASES[phase][1]}” are sent with the task of that step only.",
        )
    case = session.get(Case, case_number, with_for_update=True)
    if case is None:
        raise NotFoundError(what="case")
    states.require_open(case)
    return add(session, content, phase=phase, actor=actor, now=now, case_number=case_number)


def attach(session: Session, case_number: str, photo_ids: Sequence[str], *, actor: Actor, phase: str) -> int:
    """Join waiting photos of `actor` to the case in one statement; those already there stay. Returns how many came.

    :raises InvalidInputError: an id is unknown, somebody else's, or belongs to another case; or no room is left.
    """
    wanted = set(photo_ids)
    if not wanted:
        return 0
    rows = session.execute(
        select(Photo.id, Photo.case_number, Photo.uploaded_by, Photo.size).where(Photo.id.in_(wanted))
    ).all()
    usable = {
        row.id
        for row in rows
        if row.case_number == case_number or (row.case_number is None and row.uploaded_by == actor.user_id)
    }
    if usable != wanted:
        raise InvalidInputError(
            fields={"photos": [("有照片没有传到，请重新上传。", "A photo did not arrive; please upload it again.")]}
        )
    new = [row for row in rows if row.case_number is None]
    if not new:
        return 0
    _require_room(session, case_number, sum(row.size for row in new))
    session.execute(
        update(Photo).where(Photo.id.in_([row.id for row in new])).values(case_number=case_number, phase=phase)
    )
    return len(new)


def of_case(session: Session, case_number: str) -> list[Photo]:
    """All photos of a case in the order they came."""
    return list(session.scalars(select(Photo).where(Photo.case_number == case_number).order_by(Photo.id)))


def get(session: Session, photo_id: str) -> Photo:
    """:raises NotFoundError: there is no such photo."""
    photo = session.get(Photo, photo_id)
    if photo is None:
        raise NotFoundError(what="photo")
    return photo


def read(photo: Photo, *, thumbnail: bool = False) -> Path:
    """Where the content lies. Call only after the permission to see its case was checked.

    :raises NotFoundError: the file is not in the store (a restored database without its uploads).
    """
    path = _path(photo.thumbnail_sha256 if thumbnail else photo.sha256)
    if not path.is_file():
        raise NotFoundError(what="photo")
    return path


def forget_unattached(session: Session, *, now: datetime) -> int:
    """Delete rows of photos whose report never came; files that no other row names go with them."""
    rows = session.execute(
        delete(Photo)
        .where(Photo.case_number.is_(None), Photo.uploaded_at < now - UNATTACHED_FOR)
        .returning(Photo.sha256, Photo.thumbnail_sha256)
    ).all()
    names = {name for row in rows for name in row}
    if names:
        used = set(session.scalars(select(Photo.sha256).where(Photo.sha256.in_(names))))
        used |= set(session.scalars(select(Photo.thumbnail_sha256).where(Photo.thumbnail_sha256.in_(names))))
        _remove(names - used)
    return len(rows)


def _require_room(session: Session, case_number: str, size: int) -> None:
    most = settings.current().case_photo_bytes
    used = session.scalar(select(func.coalesce(func.sum(Photo.size), 0)).where(Photo.case_number == case_number)) or 0
    if used + size > most:
        raise InvalidInputError(
            fields={
                "photo": [
                    (
                        f"本案照片已用 {used / 1048576:.1f} MB，合计最多 {most // 1048576} MB，放不下这张。",
                        f"This case's photos use {used / 1048576:.1f} MB of {most // 1048576} MB; no room for this.",
                    )
                ]
            }
        )


def _path(sha256: str) -> Path:
    return settings.current().uploads / sha256[:2] / sha256[2:4] / f"{sha256}.jpg"


def _keep(content: bytes) -> str:
    """Write `content` under its hash, whole or not at all; the same content is written once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256)
    if path.is_file():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:  # whatever it was, no half-written file stays
        Path(name).unlink(missing_ok=True)
        raise
    return sha256


def _remove(names: Iterable[str]) -> None:
    for name in names:
        _path(name).unlink(missing_ok=True)
