"""Cases for tests of pages: reported through the services, walked on by the people whose turn it is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import handlers
from bpmn import definitions, tasks, transactions
from bpmn.scenarios.folders import files_of
from bpmn.tables import UserTask
from handlers import org, shipped
from handlers.cases import reports, settings
from handlers.cases.validation import Report
from handlers.org.seed import SEED
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, person

CATEGORY = "0101"
PLACE = (114.4107, 23.0808)


@pytest.fixture(scope="session")
def case_process(web_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> TestDatabase:
    """The database of the web tests with `case_handling` deployed and a photo store of its own."""
    handlers.load()
    settings.configure(settings.Settings(uploads=tmp_path_factory.mktemp("uploads"), secret="s" * 48))
    with web_database.factory.begin() as session:
        definitions.deploy(session, "case_handling", files_of(shipped.path("case_handling")), actor=SEED, now=NOW)
    return web_database


def viewer(database: TestDatabase, username: str, now: datetime = NOW) -> org.Viewer:
    with database.factory() as session:
        return org.viewer(session, person(session, username).id, now)


def reported(database: TestDatabase, by: str = "collector01", *, now: datetime = NOW, **changes: Any) -> str:
    """The number of a new case."""
    actor = viewer(database, by, now).actor()
    report = Report(
        **{"category_code": CATEGORY, "lon": PLACE[0], "lat": PLACE[1], "address": "学府路 12 号前", **changes}
    )
    return transactions.run(
        database.factory, lambda session: reports.report(session, report, actor=actor, now=now).number
    )


def task_of(database: TestDatabase, number: str) -> UserTask:
    """The one open task of a case."""
    with database.factory() as session:
        return session.scalars(select(UserTask).where(UserTask.business_key == number)).one()


def answer(database: TestDatabase, number: str, by: str, values: Mapping[str, Any], *, now: datetime = NOW) -> None:
    """`by` completes the open task of the case."""
    actor, task = viewer(database, by, now).actor(), task_of(database, number)
    transactions.run(database.factory, lambda s: tasks.complete(s, task.id, dict(values), actor=actor, now=now))


def jpeg(colour: str = "#8a6d4b", size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo as a camera sends it."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def multipart(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A large form as one body: the test client would leave a temporary file open."""
    files = {name: FileStorage(*value) for name, value in fields.items() if isinstance(value, tuple)}
    boundary, body = encode_multipart({**fields, **files})
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def upload(content: bytes, name: str = "photo.jpg") -> tuple[io.BytesIO, str]:
    """A file for the test client."""
    return io.BytesIO(content), Path(name).name
