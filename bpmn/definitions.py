"""Definitions: deployed files as immutable versions, which of them is active, and the compiled bundle of each.

Owns deployments, versions and the start subscriptions of active versions. Compiling and its findings belong to
`bpmn.engine`, the content of forms to `bpmn.forms`, running instances to `bpmn.execution`.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bpmn import contents, forms, registry, rules, starts, states
from bpmn.engine import Bundle, compile_files
from bpmn.errors import NotFoundError
from bpmn.findings import Finding
from bpmn.tables import Deployment, DeploymentFile, ProcessDefinition
from bpmn.values import Actor

_LOCK = 4_771_202
_CACHE_SIZE = 64
_bundles: OrderedDict[str, Bundle] = OrderedDict()
_deployments: dict[str, str] = {}
_files: OrderedDict[tuple[str, str], Any] = OrderedDict()
_guard = threading.RLock()


def deploy(
    session: Session,
    name: str,
    files: Mapping[str, bytes],
    *,
    actor: Actor,
    now: datetime,
    activate: bool = True,
) -> Deployment:
    """Store `files` as one deployment, a new version of every executable process in it.

    The same contents again are the same deployment (activated again when asked). One deployment at a time.

    :raises DefinitionError: anything is wrong with anything in it; nothing was stored.
    """
    content_hash = hash_of(files)
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    known = session.scalars(select(Deployment).where(Deployment.content_hash == content_hash)).first()
    if known is None:
        bundle = check(files)
        known = _store(session, name, files, content_hash, bundle, actor=actor, now=now)
    if activate:
        for definition in definitions_of(session, known.id):
            if definition.status != "active":
                activate_definition(session, definition.id, actor=actor, now=now)
    return known


def check(files: Mapping[str, bytes]) -> Bundle:
    """Compile `files` and check what the engine cannot: paths and kinds, forms and registered topics.

    :raises DefinitionError: with every finding.
    """
    contents.check(files)
    bundle = compile_files(files)
    contents.refuse([*bundle.warnings, *_findings(bundle, files)])
    return bundle


def hash_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over paths and contents, in the order of the paths."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{len(path)}:{path}:{len(files[path])}:".encode(errors="surrogatepass"))
        digest.update(files[path])
    return digest.hexdigest()


def activate_definition(session: Session, definition_id: str, *, actor: Actor, now: datetime) -> ProcessDefinition:
    """New instances of its key start in this version from now on; the version before is superseded.

    :raises ConflictError: it is active already.
    """
    definition = get(session, definition_id, lock=True)
    before = session.scalars(
        select(ProcessDefinition)
        .where(ProcessDefinition.key == definition.key, ProcessDefinition.status == "active")
        .with_for_update()
    ).first()
    if before is not None and before.id != definition.id:
        _change(session, before, "superseded", actor=actor, now=now)
    _change(session, definition, "active", actor=actor, now=now)
    starts.subscribe(session, definition, bundle_for(session, definition.id), now=now)
    return definition


def retire(session: Session, definition_id: str, *, actor: Actor, now: datetime) -> ProcessDefinition:
    """No new instances of this version; those that run go on.

    :raises ConflictError: it is retired already.
    """
    definition = get(session, definition_id, lock=True)
    _change(session, definition, "retired", actor=actor, now=now)
    return definition


def get(session: Session, definition_id: str, *, lock: bool = False) -> ProcessDefinition:
    """:raises NotFoundError: there is none."""
    query = select(ProcessDefinition).where(ProcessDefinition.id == definition_id)
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFoundError(what="process definition", definition_id=definition_id)
    return found


def active(session: Session, key: str) -> ProcessDefinition:
    """The version of `key` that new instances start in.

    :raises NotFoundError: the key is unknown or has no active version.
    """
    found = session.scalars(
        select(ProcessDefinition).where(ProcessDefinition.key == key, ProcessDefinition.status == "active")
    ).first()
    if found is None:
        raise NotFoundError(what=f"active process {key}", key=key)
    return found


def definitions_of(session: Session, deployment_id: str) -> list[ProcessDefinition]:
    """The versions that a deployment made, by key."""
    query = select(ProcessDefinition).where(ProcessDefinition.deployment_id == deployment_id)
    return list(session.scalars(query.order_by(ProcessDefinition.key)))


def versions(session: Session, key: str) -> list[ProcessDefinition]:
    """All versions of a key, newest first."""
    query = select(ProcessDefinition).where(ProcessDefinition.key == key)
    return list(session.scalars(query.order_by(ProcessDefinition.version.desc())))


def bundle_for(session: Session, definition_id: str) -> Bundle:
    """The compiled bundle of a version; compiled once per process (the most recently used are kept)."""
    with _guard:
        deployment_id = _deployments.get(definition_id)
        bundle = None if deployment_id is None else _bundles.get(deployment_id)
        if bundle is not None and deployment_id is not None:
            _bundles.move_to_end(deployment_id)
            return bundle
        deployment_id = get(session, definition_id).deployment_id
        return _keep(definition_id, deployment_id, compile_files(files_of(session, deployment_id)))


def files_of(session: Session, deployment_id: str) -> dict[str, bytes]:
    """All files of a deployment by path."""
    rows = session.execute(
        select(DeploymentFile.path, DeploymentFile.content).where(DeploymentFile.deployment_id == deployment_id)
    )
    return {row.path: row.content for row in rows}


def file(session: Session, definition_id: str, path: str) -> bytes:
    """One file of the version's deployment.

    :raises NotFoundError: it has none of this path.
    """
    content = session.scalar(
        select(DeploymentFile.content)
        .join(ProcessDefinition, ProcessDefinition.deployment_id == DeploymentFile.deployment_id)
        .where(ProcessDefinition.id == definition_id, DeploymentFile.path == path)
    )
    if content is None:
        raise NotFoundError(what=f"file {path}", path=path)
    return content


def form(session: Session, definition_id: str, form_key: str) -> dict[str, Any]:
    """The form JSON of a user task's `gw:formKey`; read once per process, do not change it.

    :raises NotFoundError: there is no such file.
    """
    with _guard:
        found = _files.get((definition_id, form_key))
    if found is None:
        found = orjson.loads(file(session, definition_id, form_key))
        with _guard:
            _files[definition_id, form_key] = found
            if len(_files) > _CACHE_SIZE * 8:
                _files.popitem(last=False)
    return dict(found)


def forget_cached() -> None:
    """Empty the process-wide caches (tests that make a database anew)."""
    with _guard:
        _bundles.clear()
        _deployments.clear()
        _files.clear()


def _store(
    session: Session,
    name: str,
    files: Mapping[str, bytes],
    content_hash: str,
    bundle: Bundle,
    *,
    actor: Actor,
    now: datetime,
) -> Deployment:
    deployment = Deployment(content_hash=content_hash, name=name, deployed_at=now, deployed_by=actor.user_id)
    session.add(deployment)
    session.flush()
    session.add_all(
        DeploymentFile(deployment_id=deployment.id, path=path, content=content) for path, content in files.items()
    )
    newest: dict[str, int] = {
        row.key: row.version
        for row in session.execute(
            select(ProcessDefinition.key, func.max(ProcessDefinition.version).label("version"))
            .where(ProcessDefinition.key.in_(bundle.processes))
            .group_by(ProcessDefinition.key)
        )
    }
    for process in bundle.processes.values():
        if process.is_executable:
            definition = ProcessDefinition(
                key=process.id,
                version=newest.get(process.id, 0) + 1,
                name=process.name or process.id,
                deployment_id=deployment.id,
                status="draft",
                changed_at=now,
                changed_by=actor.user_id,
            )
            session.add(definition)
    session.flush()
    _publish_rules(session, files, actor=actor, now=now)
    return deployment


def _publish_rules(session: Session, files: Mapping[str, bytes], *, actor: Actor, now: datetime) -> None:
    """The decision models among the files come into force with them; a deployment is its own approval."""
    for path, content in files.items():
        if path.lower().endswith(".dmn"):
            version = rules.draft(session, path, content, actor=actor, now=now)
            if version.status == "draft":
                rules.publish(session, version.id, actor=actor, now=now, four_eyes=False)


def _change(session: Session, definition: ProcessDefinition, status: str, *, actor: Actor, now: datetime) -> None:
    was_active = definition.status == "active"
    definition.status = states.DEFINITION.check(definition.status, status)
    definition.changed_at = now
    definition.changed_by = actor.user_id
    session.flush()
    if was_active:
        starts.unsubscribe(session, definition)


def _keep(definition_id: str, deployment_id: str, bundle: Bundle) -> Bundle:
    _bundles[deployment_id] = bundle
    _deployments[definition_id] = deployment_id
    if len(_bundles) > _CACHE_SIZE:
        dropped, _ = _bundles.popitem(last=False)
        for known in [known for known, owner in _deployments.items() if owner == dropped]:
            del _deployments[known]
    return bundle


def _findings(bundle: Bundle, files: Mapping[str, bytes]) -> list[Finding]:
    findings: list[Finding] = []
    is_useful = any(process.is_executable for process in bundle.processes.values())
    if not is_useful and not any(path.lower().endswith(".dmn") for path in files):
        findings.append(contents.nothing_to_run(files))
    for path, content in files.items():
        if path.endswith(".form"):
            findings.extend(forms.read(path, content)[1])
    for process in bundle.processes.values():
        for topic in sorted(process.listener_topics):
            if registry.find_listener(topic) is None:
                findings.append(
                    Finding(
                        process.file,
                        0,
                        process.id,
                        "error",
                        "listener.unknown_topic",
                        f"监听器主题“{topic}”没有对应的程序",
                        f"no function is registered for the listener topic {topic!r}",
                    )
                )
    return findings
