"""The platform's tables. Rows that mirror an open wait exist exactly as long as the wait is open.

The engine's state is one opaque value per instance; everything that a list, a page or the ticker reads is a row
here. What has ended lives in `history` only. Written by the services of `bpmn`, read through `bpmn.queries`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bpmn.database import Base, new_id

FAR_FUTURE = "9999-12-31 00:00:00+00"


class Deployment(Base):
    """A set of files deployed together, immutable, known by the SHA-256 of its contents."""

    __tablename__ = "deployment"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str] = mapped_column(Text)


class DeploymentFile(Base):
    __tablename__ = "deployment_file"

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProcessDefinition(Base):
    """One version of one process. New instances start in the one active version of a key."""

    __tablename__ = "process_definition"
    __table_args__ = (
        Index("uq_process_definition_key_version", "key", "version", unique=True),
        Index("uq_process_definition_active", "key", unique=True, postgresql_where=text("status = 'active'")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    """draft, active, superseded or retired (`bpmn.states`)."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(Text)


class ProcessInstance(Base):
    """A running or ended instance. `state` is the engine's and NULL once ended; `revision` counts the steps."""

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_business_key", "business_key"),
        Index("ix_process_instance_definition_status", "definition_id", "status"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    process_key: Mapped[str] = mapped_column(Text)
    business_key: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    """running, suspended, completed or cancelled (`bpmn.states`)."""
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    waits: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    """The open waits by key, as `bpmn.mirror` writes them: what a step compares with, without a query per kind."""
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    end_element: Mapped[str | None] = mapped_column(Text)


class UserTask(Base):
    """An open user task. Closed ones are history rows (`task:complete`, `task:cancel`) with the same task id."""

    __tablename__ = "user_task"
    __table_args__ = (
        Index("uq_user_task_instance_wait", "instance_id", "wait_key", unique=True),
        Index("ix_user_task_assignee_sort", "assignee", "sort_at", "id", postgresql_where=text("assignee IS NOT NULL")),
        Index("ix_user_task_sort", "sort_at", "id"),
        Index("ix_user_task_business_key", "business_key"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    wait_key: Mapped[str] = mapped_column(Text)
    process_key: Mapped[str] = mapped_column(Text)
    business_key: Mapped[str] = mapped_column(Text)
    element_id: Mapped[str] = mapped_column(Text)
    scope_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    """open, claimed or delegated (`bpmn.states`)."""
    assignee: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    """Who delegated it and gets it back when it is resolved."""
    claimed_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(SmallInteger, default=50)
    due_at: Mapped[datetime | None]
    due_ref: Mapped[str | None] = mapped_column(Text)
    """The expression `due_at` was computed from; `clock:NAME` rows follow the clock."""
    follow_up_at: Mapped[datetime | None]
    sort_at: Mapped[datetime] = mapped_column(server_default=text(f"'{FAR_FUTURE}'"))
    """`due_at`, or the far future: what lists are ordered by."""
    excluded_users: Mapped[list[str]] = mapped_column(JSONB, default=list)
    form: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime]


class TaskCandidate(Base):
    """Who may claim an open task: `g:GROUP` or `u:USER`. `sort_at` and `is_free` repeat the task's for the index."""

    __tablename__ = "task_candidate"
    __table_args__ = (Index("ix_task_candidate_list", "candidate", "sort_at", "task_id"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)
    candidate: Mapped[str] = mapped_column(Text, primary_key=True)
    sort_at: Mapped[datetime]


class TaskDraft(Base):
    """What a person typed into a form and has not sent yet."""

    __tablename__ = "task_draft"

    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]


class Timer(Base):
    """A waiting timer event, or (instance_id NULL) the timer start event of an active definition.

    `due_at` NULL: its clock is paused. `queued_at`: a job that fires it is on its way.
    """

    __tablename__ = "timer"
    __table_args__ = (
        Index("uq_timer_instance_wait", "instance_id", "wait_key", unique=True),
        Index("ix_timer_due", "due_at", postgresql_where=text("queued_at IS NULL AND due_at IS NOT NULL")),
        Index("ix_timer_queued", "queued_at", postgresql_where=text("queued_at IS NOT NULL")),
        Index("ix_timer_definition", "definition_id", postgresql_where=text("definition_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("process_instance.id"))
    definition_id: Mapped[str | None] = mapped_column(ForeignKey("process_definition.id"))
    wait_key: Mapped[str] = mapped_column(Text)
    element_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    occurrence: Mapped[int] = mapped_column(default=1)
    catch_up: Mapped[str] = mapped_column(String(8), default="once")
    due_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Subscription(Base):
    """An open wait for a message or signal, or (instance_id NULL) a message or signal start event."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_name_business_key", "kind", "name", "business_key"),
        Index("ix_subscription_instance_wait", "instance_id", "wait_key"),
        Index("ix_subscription_definition", "definition_id", postgresql_where=text("definition_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(Text)
    business_key: Mapped[str | None] = mapped_column(Text)
    correlation: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("process_instance.id"))
    definition_id: Mapped[str | None] = mapped_column(ForeignKey("process_definition.id"))
    wait_key: Mapped[str | None] = mapped_column(Text)
    element_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Message(Base):
    """A received message: buffered until it correlates or expires; kept so that a repeated id is answered."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_buffered", "name", "business_key", postgresql_where=text("status = 'buffered'")),
        Index("ix_message_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    business_key: Mapped[str | None] = mapped_column(Text)
    correlation: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[str] = mapped_column(String(16))
    """buffered, correlated or expired (`bpmn.states`)."""
    sender: Mapped[str | None] = mapped_column(String(36))
    """The instance whose diagram threw it; it does not hear itself."""
    instance_id: Mapped[str | None] = mapped_column(String(36))
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Job(Base):
    """A service task that waits for its answer: `background` (our worker) or `external` (fetch and lock)."""

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_instance_wait", "instance_id", "wait_key", unique=True),
        Index("ix_job_fetch", "topic", "available_at", "id", postgresql_where=text("kind = 'external'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    wait_key: Mapped[str] = mapped_column(Text)
    element_id: Mapped[str] = mapped_column(Text)
    business_key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[str] = mapped_column(String(16))
    """waiting, locked or failed (`bpmn.states`)."""
    retries: Mapped[int] = mapped_column(SmallInteger, default=3)
    backoff: Mapped[str] = mapped_column(Text, default="PT10S")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    available_at: Mapped[datetime]
    worker_id: Mapped[str | None] = mapped_column(Text)
    locked_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(BigInteger, default=0)
    """Grows with every lock; an answer with an older one is refused."""
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class Incident(Base):
    """A failure that waits for a person. The sentences are for people, the traceback for administrators."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_open", "created_at", postgresql_where=text("resolved_at IS NULL")),
        Index("ix_incident_instance", "instance_id", "wait_key"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    wait_key: Mapped[str] = mapped_column(Text)
    element_id: Mapped[str] = mapped_column(Text)
    business_key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    traceback: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(Text)


class History(Base):
    """Append-only. `tag` is `source:subject` or `source:action` such as `task:complete`, `case:file`."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_instance", "instance_id", "id"),
        Index("ix_history_task", "task_id", postgresql_where=text("task_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    instance_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    tag: Mapped[str] = mapped_column(Text)
    element_id: Mapped[str | None] = mapped_column(Text)
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ServiceHeartbeat(Base):
    """A sign of life of one process of a service (`bpmn.heartbeat`)."""

    __tablename__ = "service_heartbeat"

    service: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class DecisionVersion(Base):
    """One immutable version of a decision model (a DMN file), in force from `valid_from` until `valid_to`."""

    __tablename__ = "decision_version"
    __table_args__ = (
        Index("uq_decision_version_key_version", "key", "version", unique=True),
        Index("ix_decision_version_decisions", "decisions", postgresql_using="gin"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(Text)
    """The model's key: the name of its file without the ending."""
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    decisions: Mapped[list[str]] = mapped_column(JSONB)
    """Ids and names of what can be asked for."""
    status: Mapped[str] = mapped_column(String(16))
    """draft, published or withdrawn (`bpmn.states`)."""
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(Text)


class DecisionRecord(Base):
    """One evaluation: what went in, which rules of which version were hit, what came out."""

    __tablename__ = "decision_record"
    __table_args__ = (
        Index("ix_decision_record_business_key", "business_key", "id"),
        Index("ix_decision_record_version_at", "version_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    version_id: Mapped[str] = mapped_column(ForeignKey("decision_version.id"))
    decision: Mapped[str] = mapped_column(Text)
    instance_id: Mapped[str | None] = mapped_column(String(36))
    business_key: Mapped[str | None] = mapped_column(Text)
    element_id: Mapped[str | None] = mapped_column(Text)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    hits: Mapped[list[Any]] = mapped_column(JSONB)
    """[[decision name, [rules from 1]], …]"""
    result: Mapped[Any] = mapped_column(JSONB)


__all__ = [
    "DecisionRecord",
    "DecisionVersion",
    "Deployment",
    "DeploymentFile",
    "History",
    "Incident",
    "Job",
    "Message",
    "ProcessDefinition",
    "ProcessInstance",
    "ServiceHeartbeat",
    "Subscription",
    "TaskCandidate",
    "TaskDraft",
    "Timer",
    "UserTask",
]
