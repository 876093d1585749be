"""Decisions bound late: versions of decision models, which one is in force, and the record of every evaluation.

A diagram names a decision; the version that answers is the one in force at that moment, or the one pinned by the
diagram (`routing@3`). `bpmn.decisions` evaluates, this module chooses and remembers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bpmn import states
from bpmn.decisions import DecisionError, DecisionModel, load_files
from bpmn.decisions.plain import from_json, to_json
from bpmn.errors import DefinitionError, InvalidInputError, NotAllowedError, NotFoundError
from bpmn.findings import Finding
from bpmn.tables import DecisionRecord, DecisionVersion
from bpmn.values import JSON, Actor

_KEPT = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an evaluation comes from; all parts may be unknown (a trial)."""

    instance_id: str | None = None
    business_key: str | None = None
    element_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decision said: JSON value, the version that said it, and the rules (from 1) that were hit."""

    value: JSON
    version_id: str
    version: int
    hits: tuple[tuple[str, tuple[int, ...]], ...]


def check(path: str, content: bytes) -> list[Finding]:
    """Everything that keeps a DMN file from being evaluated, by line and place."""
    try:
        problems = load_files({path: content}, path).problems
    except DecisionError as error:
        problems = [error]
    return [
        Finding(
            path,
            problem.place.line or 0,
            problem.place.decision or "",
            "error",
            f"dmn.{problem.error_code}",
            problem.message("zh"),
            problem.message("en"),
        )
        for problem in problems
    ]


def draft(
    session: Session, path: str, content: bytes, *, actor: Actor, now: datetime, note: str = ""
) -> DecisionVersion:
    """Store a DMN file as the next version of its model. The same content as the newest version gives that one.

    :raises DefinitionError: the file cannot be evaluated; nothing is stored.
    """
    findings = check(path, content)
    if findings:
        raise DefinitionError(
            findings=tuple(findings), count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en
        )
    model = load_files({path: content}, path)
    key, digest = PurePosixPath(path).stem, hashlib.sha256(content).hexdigest()
    newest = session.scalar(
        select(DecisionVersion).where(DecisionVersion.key == key).order_by(DecisionVersion.version.desc()).limit(1)
    )
    if newest is not None and newest.content_hash == digest and newest.status != "withdrawn":
        return newest
    row = DecisionVersion(
        key=key,
        version=(newest.version if newest else 0) + 1,
        name=model.main.name,
        content=content,
        content_hash=digest,
        decisions=_names(model),
        status="draft",
        note=note,
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row


def _names(model: DecisionModel) -> list[str]:
    nodes = [*model.elements("decision"), *model.elements("decisionService")]
    return sorted({name for node in nodes for name in (node.id, node.name)})


def publish(
    session: Session,
    version_id: str,
    *,
    actor: Actor,
    now: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    four_eyes: bool = True,
) -> DecisionVersion:
    """Put a draft in force from `valid_from` (now) until `valid_to` (for good); versions in force before end there.

    :raises NotAllowedError: the author publishes their own draft under four eyes.
    :raises InvalidInputError: the span is empty or begins in the past.
    :raises ConflictError: it is no draft.
    """
    row = _locked(session, version_id)
    states.DECISION.check(row.status, "published")
    if four_eyes and not actor.system and row.created_by == actor.user_id:
        raise NotAllowedError(why_zh="起草人不能批准自己的规则，请由另一人发布", why_en="the author cannot approve it")
    begins = valid_from or now
    if begins < now or (valid_to is not None and valid_to <= begins):
        raise InvalidInputError(
            fields={
                "valid_from": [
                    ("生效时间须不早于现在且早于失效时间。", "It must begin now or later and before it ends.")
                ]
            }
        )
    row.status = states.DECISION.check(row.status, "published")
    row.valid_from, row.valid_to = begins, valid_to
    row.published_at, row.published_by = now, actor.user_id
    session.flush()
    return row


def rollback(
    session: Session, key: str, version: int, *, actor: Actor, now: datetime, note: str = ""
) -> DecisionVersion:
    """Put an older version's content in force again, as a new version; one act, since its content was approved before.

    :raises NotFoundError: there is no such published version.
    """
    older = session.scalar(
        select(DecisionVersion).where(
            DecisionVersion.key == key, DecisionVersion.version == version, DecisionVersion.status == "published"
        )
    )
    if older is None:
        raise NotFoundError(what=f"{key}@{version}")
    newest = session.scalar(select(func.max(DecisionVersion.version)).where(DecisionVersion.key == key)) or 0
    row = DecisionVersion(
        key=key,
        version=newest + 1,
        name=older.name,
        content=older.content,
        content_hash=older.content_hash,
        decisions=older.decisions,
        status="published",
        note=note,
        valid_from=now,
        created_at=now,
        created_by=actor.user_id,
        published_at=now,
        published_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row


def withdraw(session: Session, version_id: str, *, actor: Actor, now: datetime) -> DecisionVersion:
    """Take a draft or a version out of force; what was in force before it is so again."""
    row = _locked(session, version_id)
    row.status = states.DECISION.check(row.status, "withdrawn")
    session.flush()
    return row


def _locked(session: Session, version_id: str) -> DecisionVersion:
    row = session.get(DecisionVersion, version_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what="DecisionVersion")
    return row


def in_force(session: Session, reference: str, at: datetime) -> DecisionVersion:
    """The version that answers `reference` at a moment: the published one whose validity began last.

    `reference` is the id or name of a decision, or a model's key with a pinned version, `routing@3`, or
    `routing@3#limit` for one decision of it.

    :raises NotFoundError: none is in force.
    """
    query = select(DecisionVersion).where(DecisionVersion.status == "published")
    key, pinned, _ = _parts(reference)
    if pinned is not None:
        query = query.where(DecisionVersion.key == key, DecisionVersion.version == pinned)
    else:
        query = query.where(
            or_(DecisionVersion.decisions.contains([reference]), DecisionVersion.key == reference),
            DecisionVersion.valid_from <= at,
            or_(DecisionVersion.valid_to.is_(None), DecisionVersion.valid_to > at),
        )
    found = session.scalar(query.order_by(DecisionVersion.valid_from.desc(), DecisionVersion.version.desc()).limit(1))
    if found is None:
        raise NotFoundError(what=reference)
    return found


def _parts(reference: str) -> tuple[str, int | None, str | None]:
    """(key, pinned version, decision) of a reference."""
    key, at_sign, rest = reference.partition("@")
    number, _, decision = rest.partition("#")
    return (key, int(number), decision or None) if at_sign and number.isdigit() else (reference, None, None)


@lru_cache(maxsize=256)
def _compiled(version_id: str, path: str, content: bytes) -> DecisionModel:
    return load_files({path: content}, path)


def model_of(version: DecisionVersion) -> DecisionModel:
    """The compiled model of a version; compiled once in each process."""
    return _compiled(version.id, f"{version.key}.dmn", version.content)


def decide(
    session: Session, reference: str, inputs: Mapping[str, Any], *, now: datetime, origin: Origin | None = None
) -> Answer:
    """Evaluate the decision by the version in force at `now` and leave a record. Two statements.

    :raises NotFoundError: no version is in force.
    :raises DecisionError: the evaluation breaks a rule of the table, at its place.
    """
    version = in_force(session, reference, now)
    answer = evaluate(version, reference, inputs, now=now)
    origin = origin or Origin()
    session.add(
        DecisionRecord(
            at=now,
            version_id=version.id,
            decision=_decision_name(version, reference),
            instance_id=origin.instance_id,
            business_key=origin.business_key,
            element_id=origin.element_id,
            inputs=to_json(from_json(dict(inputs))),
            hits=[[decision, list(rules)] for decision, rules in answer.hits],
            result=answer.value,
        )
    )
    return answer


def evaluate(version: DecisionVersion, reference: str, inputs: Mapping[str, Any], *, now: datetime) -> Answer:
    """The answer of one version, without a record (trials, previews)."""
    model = model_of(version)
    outcome = model.explain(_decision_name(version, reference), from_json(dict(inputs)), now=now)
    hits = tuple((hit.decision, hit.rules) for hit in outcome.hits[:_KEPT])
    return Answer(to_json(outcome.value), version.id, version.version, hits)


def _decision_name(version: DecisionVersion, reference: str) -> str:
    """The decision asked for; a model's key alone means its final decision."""
    key, pinned, decision = _parts(reference)
    if decision is not None:
        return decision
    if pinned is None and reference in version.decisions:
        return reference
    nodes = model_of(version).elements("decision")
    required = {target for node in nodes for target in node.requires}
    final = [node for node in nodes if node.key not in required] or nodes
    return next((node.id for node in final if key in (node.id, node.name)), final[-1].id if final else key)


def records_of(session: Session, business_key: str) -> Sequence[tuple[DecisionRecord, DecisionVersion]]:
    """Every evaluation for a case with the version as it read then, oldest first."""
    rows = session.execute(
        select(DecisionRecord, DecisionVersion)
        .join(DecisionVersion, DecisionVersion.id == DecisionRecord.version_id)
        .where(DecisionRecord.business_key == business_key)
        .order_by(DecisionRecord.id)
    )
    return [(record, version) for record, version in rows]


def versions_of(session: Session, key: str) -> Sequence[DecisionVersion]:
    """All versions of a model, newest first."""
    return session.scalars(
        select(DecisionVersion).where(DecisionVersion.key == key).order_by(DecisionVersion.version.desc())
    ).all()
