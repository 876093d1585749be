"""The photo store: content-addressed, complete or absent, bounded per case, forgotten when nobody sent the report."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bpmn.errors import InvalidInputError, NotFoundError
from handlers.cases import photos, settings
from handlers.cases.tables import Photo
from tests.integration.cases.desk import Desk
from tests.unit.cases import pictures


def test_a_photo_lies_under_the_hash_of_its_content(desk: Desk, uploads: Path) -> None:
    photo = photos.add(desk.session, pictures.jpeg(), phase="before", actor=desk.actor("officer01-1"), now=desk.now)
    path = photos.read(photo)
    assert path.is_relative_to(uploads)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == photo.sha256 == path.stem
    assert photos.read(photo, thumbnail=True).stat().st_size < path.stat().st_size
    assert [file for file in uploads.rglob("*") if file.name.startswith(".incoming")] == []


def test_the_same_photo_twice_is_one_photo(desk: Desk, uploads: Path) -> None:
    actor = desk.actor("officer01-1")
    once = photos.add(desk.session, pictures.jpeg(), phase="before", actor=actor, now=desk.now)
    again = photos.add(desk.session, pictures.jpeg(), phase="before", actor=actor, now=desk.now)
    assert once.id == again.id
    assert len(list(uploads.rglob("*.jpg"))) == 2


def test_a_position_in_the_photo_is_kept_beside_it(desk: Desk) -> None:
    content = pictures.jpeg(exif=pictures.phone_exif())
    photo = photos.add(desk.session, content, phase="before", actor=desk.actor("officer01-1"), now=desk.now)
    assert photo.lat == pytest.approx(23.075)
    assert photo.taken_at is None, "the camera claims a moment after now"
    later = photos.add(
        desk.session,
        content,
        phase="after",
        actor=desk.actor("officer01-1"),
        now=desk.now + timedelta(hours=3),
    )
    assert later.taken_at is not None


def test_the_photos_of_a_case_have_a_limit_together(desk: Desk, uploads: Path) -> None:
    settings.configure(settings.Settings(uploads=uploads, secret="s", case_photo_bytes=12_000))
    number, actor = desk.report().number, desk.actor("officer01-1")

    def send(color: str) -> None:
        content = pictures.jpeg(color=color)
        photos.add(desk.session, content, phase="before", actor=actor, now=desk.now, case_number=number)

    send("red")
    with pytest.raises(InvalidInputError) as caught:
        [send(color) for color in ("green", "blue", "yellow", "white")]
    assert "合计最多" in caught.value.fields("zh")["photo"][0]


def test_photos_of_an_answer_join_the_case_with_their_phase(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    actor = desk.actor("cg01")
    taken = photos.add(desk.session, pictures.jpeg(), phase="after", actor=actor, now=desk.now)
    desk.answer("Task_Handle", "cg01", outcome="done", result="已清运", photos=[taken.id])
    assert [(photo.id, photo.phase) for photo in photos.of_case(desk.session, desk.number)] == [(taken.id, "after")]
    assert "附照片 1 张" in desk.timeline[-1].zh


def test_somebody_elses_photo_is_refused_at_the_field_and_the_task_stays_open(desk: Desk) -> None:
    desk.report()
    desk.to_dispatch()
    desk.to_handling()
    foreign = photos.add(desk.session, pictures.jpeg(), phase="after", actor=desk.actor("hw01"), now=desk.now)
    with pytest.raises(InvalidInputError) as caught:
        desk.answer("Task_Handle", "cg01", outcome="done", result="已清运", photos=[foreign.id])
    assert "photos" in caught.value.facts["fields"]
    assert desk.waiting_at == ["Task_Handle"]


def test_photos_whose_report_never_came_are_forgotten_with_their_files(desk: Desk, uploads: Path) -> None:
    actor = desk.actor("officer01-1")
    kept = photos.add(desk.session, pictures.jpeg(color="blue"), phase="before", actor=actor, now=desk.now)
    desk.report(photo_ids=(kept.id,))
    lost = [
        photos.add(desk.session, pictures.jpeg(color="green"), phase="before", actor=actor, now=desk.now).id,
        photos.add(desk.session, pictures.jpeg(color="blue"), phase="after", actor=actor, now=desk.now).id,
    ]
    assert photos.forget_unattached(desk.session, now=desk.now + timedelta(days=6)) == 0
    assert photos.forget_unattached(desk.session, now=desk.now + timedelta(days=8)) == 2
    assert desk.session.scalars(select(Photo.id).where(Photo.id.in_([kept.id, *lost]))).all() == [kept.id]
    assert photos.read(kept).is_file()
    assert len(list(uploads.rglob("*.jpg"))) == 2


def test_a_photo_whose_file_is_gone_is_not_found(desk: Desk) -> None:
    photo = photos.add(desk.session, pictures.jpeg(), phase="before", actor=desk.actor("officer01-1"), now=desk.now)
    photos.read(photo).unlink()
    with pytest.raises(NotFoundError):
        photos.read(photo)
