"""Uploading and serving photos. The rules are `handlers.permissions`, content and storage `handlers.cases.photos`."""

from __future__ import annotations

from flask import Response, jsonify, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from handlers.cases import images, photos, queries, settings
from handlers.cases.tables import Photo
from webapp import db
from webapp.access import actor, may, require
from webapp.cases.blueprint import blueprint
from webapp.clock import now


@blueprint.get("/photos/<photo_id>")
@may("case.photo")
def photo(photo_id: str) -> Response:
    """The photo, or with `?size=small` its thumbnail. Kept by the browser only, never by a shared cache."""
    found = photos.get(db.read(), photo_id)
    require("case.photo", found)
    is_small = request.args.get("size") == "small"
    path = photos.read(found, thumbnail=is_small)
    etag = found.thumbnail_sha256 if is_small else found.sha256
    response = send_file(path.absolute(), mimetype=found.mime, conditional=True, etag=etag, max_age=0)
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.post("/photos")
@may("case.photo")
def upload() -> tuple[Response, int]:
    """Take in one photo that waits for its report; only its uploader may attach it."""
    return taken_in(phase="before")


@blueprint.post("/cases/<number>/photos")
@may("case.photo")
def add_to_case(number: str) -> tuple[Response, int]:
    """Add one photo of the problem to an open case that the person may see; other photos come with their task."""
    require("case.photo", queries.get(db.read(), number))
    phase = request.form.get("phase", "before")
    return taken_in(phase=phase, case_number=number)


def taken_in(*, phase: str, case_number: str | None = None) -> tuple[Response, int]:
    """The upload of this request as a photo row, 201."""
    content = content_of(request.files.get("photo"))
    who, at = actor(), now()

    def work(session: Session) -> Photo:
        if case_number is None:
            return photos.add(session, content, phase=phase, actor=who, now=at)
        return photos.add_to_case(session, content, phase=phase, actor=who, now=at, case_number=case_number)

    made = db.write(work)
    body = {
        "id": made.id,
        "url": url_for("cases.photo", photo_id=made.id),
        "thumbnail": url_for("cases.photo", photo_id=made.id, size="small"),
        "width": made.width,
        "height": made.height,
    }
    return jsonify(body), 201


def content_of(file: FileStorage | None) -> bytes:
    """The bytes of an upload, read only as far as a photo may be long.

    :raises InvalidInputError: it is longer.
    """
    if file is None:
        return b""
    most = settings.current().photo_bytes
    content = file.stream.read(most + 1)
    if len(content) > most:
        file.stream.seek(0, 2)
        raise images.too_large(max(file.stream.tell(), len(content)), most)
    return content
