"""Deployments: upload files, see every finding at its element, activate and retire versions.

What may be deployed is decided by `bpmn.definitions`.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from bpmn import contents, definitions
from bpmn.errors import DefinitionError, InvalidInputError
from bpmn.findings import Finding
from bpmn.tables import Deployment, DeploymentFile, Incident, ProcessDefinition, ProcessInstance
from webapp import db
from webapp.access import actor, may, wants_json
from webapp.admin import forms
from webapp.admin.blueprint import blueprint
from webapp.cases import names
from webapp.clock import now
from webapp.i18n import gettext as _
from webapp.i18n import language

KINDS = (".bpmn", ".dmn", ".form", ".json", ".xml")
CLUTTER = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    version: int
    status: str
    deployed_at: datetime
    deployed_by: str
    files: int
    running: int
    ended: int
    incidents: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Process:
    key: str
    name: str
    versions: list[Version]


@blueprint.get("/deployments", endpoint="deployments")
@may("deployments.admin")
def index() -> str:
    """Every process with its versions, what runs on them, and the form to deploy."""
    return _page(())


@blueprint.post("/deployments")
@may("deployments.admin")
def deploy() -> Response | tuple[str, int]:
    """Deploy what was uploaded as one deployment; with anything wrong in it the whole is refused."""
    who, at = actor(), now()
    try:
        files = read(request.files.getlist("files"))
        name = request.form.get("name", "").strip() or _name_of(files)
        is_active = request.form.get("activate") == "true"
        made = db.write(lambda s: definitions.deploy(s, name, files, actor=who, now=at, activate=is_active))
    except DefinitionError as error:
        if wants_json():
            raise
        return _page(error.facts.get("findings", ()), refused=True), 422
    except InvalidInputError as error:
        if wants_json():
            raise
        return _page((), problems=error.fields(language()).get("files", [])), 422
    flash(_("Deployed: %(name)s (%(hash)s).", name=made.name, hash=made.content_hash[:8]))
    return redirect(url_for("admin.deployments"), 303)


@blueprint.post("/deployments/<definition_id>/activate")
@may("deployments.admin")
def activate(definition_id: str) -> Response | tuple[str, int]:
    """New instances start in this version from now on; running ones keep theirs."""
    who, at = actor(), now()

    def work() -> str:
        db.write(lambda s: definitions.activate_definition(s, definition_id, actor=who, now=at))
        return _("Active: new cases start in this version, open ones keep theirs.")

    return forms.done_or_shown(
        work, url_for("admin.deployments"), lambda e: _page((), problems=[e.message(language())])
    )


@blueprint.post("/deployments/<definition_id>/retire")
@may("deployments.admin")
def retire(definition_id: str) -> Response | tuple[str, int]:
    """Nothing new starts in this version; what runs in it goes on."""
    who, at = actor(), now()

    def work() -> str:
        db.write(lambda s: definitions.retire(s, definition_id, actor=who, now=at))
        return _("Retired: nothing new starts in this version, open cases go on.")

    return forms.done_or_shown(
        work, url_for("admin.deployments"), lambda e: _page((), problems=[e.message(language())])
    )


def read(uploads: Sequence[FileStorage]) -> dict[str, bytes]:
    """The files of an upload by path: single files, a folder, or one zip with both.

    Documents that lie beside the diagrams, and scenarios, stay out of the deployment.

    :raises InvalidInputError: nothing came, or an archive cannot be read.
    :raises DefinitionError: a file cannot be part of a deployment.
    """
    found: list[tuple[str, bytes]] = []
    for upload in uploads:
        if not upload.filename:
            continue
        content = upload.stream.read(contents.MOST_BYTES + 1)
        if upload.filename.lower().endswith(".zip"):
            found += _unzip(content)
        else:
            found.append((upload.filename.replace("\\", "/"), content))
    files = contents.collect((path, content) for path, content in found if not _is_clutter(path))
    files = _without_common_folder(
        {path: content for path, content in files.items() if path.lower().endswith(KINDS) and not _is_walk(path)}
    )
    if not files:
        raise _refused(
            "请选择 .bpmn、.form、.dmn 文件，或一个含有它们的 zip。",
            "Choose .bpmn, .form and .dmn files, or one zip with them.",
        )
    return files


def _unzip(content: bytes) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > contents.MOST_FILES or sum(entry.file_size for entry in entries) > contents.MOST_BYTES:
                raise _refused(
                    "压缩包太大，最多 300 个文件、共 20 MB。", "The zip is too large: at most 300 files and 20 MB."
                )
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except (NotImplementedError, RuntimeError) as error:
        raise _refused(
            "压缩包加了密，或用了不支持的压缩方式。",
            "The archive is encrypted or compressed in a way that is not supported.",
        ) from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise _refused("压缩包已损坏。", "The archive is damaged.") from error


def _is_clutter(path: str) -> bool:
    """What a system leaves in folders by itself (`.DS_Store`), at a place that is harmless."""
    parts = path.split("/")
    return contents.path_finding(path) is None and any(part.startswith(".") or part in CLUTTER for part in parts)


def _is_walk(path: str) -> bool:
    return "/scenarios/" in f"/{path}"


def _without_common_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A chosen folder names itself in every path; the deployment is what lies in it."""
    firsts = {path.split("/", 1)[0] for path in files}
    if len(firsts) == 1 and all("/" in path for path in files) and firsts != {"forms"}:
        return {path.split("/", 1)[1]: content for path, content in files.items()}
    return dict(files)


def _name_of(files: Mapping[str, bytes]) -> str:
    return next((PurePosixPath(path).stem for path in sorted(files) if path.endswith(".bpmn")), "deployment")


def _refused(zh: str, en: str) -> InvalidInputError:
    return InvalidInputError(fields={"files": [(zh, en)]})


def _page(findings: Sequence[Finding], *, refused: bool = False, problems: Sequence[str] = ()) -> str:
    return render_template(
        "admin/deployments.html",
        processes=_processes(db.read()),
        findings=findings,
        is_refused=refused,
        problems=problems,
        name=request.form.get("name", ""),
    )


def _processes(session: Session) -> list[Process]:
    rows = session.execute(
        select(ProcessDefinition, Deployment)
        .join(Deployment, Deployment.id == ProcessDefinition.deployment_id)
        .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    ).all()
    counts: dict[tuple[str, str], int] = {}
    grouped = select(ProcessInstance.definition_id, ProcessInstance.status, func.count()).group_by(
        ProcessInstance.definition_id, ProcessInstance.status
    )
    for definition_id, status, number in session.execute(grouped):
        counts[(definition_id, status)] = number
    stuck: dict[str, int] = {}
    open_incidents = (
        select(ProcessInstance.definition_id, func.count())
        .join(Incident, Incident.instance_id == ProcessInstance.id)
        .where(Incident.resolved_at.is_(None))
        .group_by(ProcessInstance.definition_id)
    )
    for definition_id, number in session.execute(open_incidents):
        stuck[definition_id] = number
    grouped_files = select(DeploymentFile.deployment_id, func.count()).group_by(DeploymentFile.deployment_id)
    files = {row[0]: row[1] for row in session.execute(grouped_files)}
    known = names.load(session, persons=[deployment.deployed_by for _definition, deployment in rows])
    found: dict[str, Process] = {}
    for definition, deployment in rows:
        process = found.setdefault(definition.key, Process(definition.key, definition.name, []))
        ended = sum(counts.get((definition.id, status), 0) for status in ("completed", "cancelled"))
        running = sum(counts.get((definition.id, status), 0) for status in ("running", "suspended"))
        process.versions.append(
            Version(
                definition.id,
                definition.version,
                definition.status,
                deployment.deployed_at,
                known.person(deployment.deployed_by) or _("the system"),
                files.get(deployment.id, 0),
                running,
                ended,
                stuck.get(definition.id, 0),
                deployment.content_hash[:8],
            )
        )
    return list(found.values())
