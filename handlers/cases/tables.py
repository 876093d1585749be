"""The tables of cases: the case itself, its timeline, photos, links and the counter of case numbers.

`Case.status` is written by `handlers.cases.states` alone. Limits and clocks are rows of `handlers.clocks`; who
waits for whom is a user task of `bpmn`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Float, ForeignKey, Identity, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bpmn.database import Base, new_id


class Case(Base):
    """One reported problem. The number is the business key of its process instance.

    The table is called `grid_case` because `case` is a word of SQL.
    """

    __tablename__ = "grid_case"
    __table_args__ = (
        Index("ix_grid_case_reported", text("reported_at DESC"), text("number DESC")),
        Index("ix_grid_case_nearby", "category_code", "lat", "lon"),
        Index("ix_grid_case_street_reported", "street_code", text("reported_at DESC")),
        Index("ix_grid_case_community_reported", "community_code", text("reported_at DESC")),
        Index("ix_grid_case_lead_unit_status", "lead_unit", "status"),
        Index("ix_grid_case_status_reported", "status", text("reported_at DESC")),
        Index("ix_grid_case_reporter", "reporter_id", text("reported_at DESC")),
        Index("ix_grid_case_duplicate_of", "duplicate_of", postgresql_where=text("duplicate_of IS NOT NULL")),
    )

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    code_set: Mapped[str] = mapped_column(String(32))
    """Code set and version of the category: codes of two sets must never be joined (events 04 and 05 swap)."""
    kind: Mapped[str] = mapped_column(String(16))
    """event or component."""
    category_code: Mapped[str] = mapped_column(String(16))
    category_name: Mapped[str] = mapped_column(Text, default="")
    condition: Mapped[str | None] = mapped_column(String(32))
    """The filing condition that decides the handling limit; chosen at filing."""
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    responsibility_grid: Mapped[str | None] = mapped_column(String(32))
    administrative_grid: Mapped[str | None] = mapped_column(String(32))
    community_code: Mapped[str | None] = mapped_column(String(32))
    street_code: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(16))
    """collector, resident, hotline or department."""
    urgency: Mapped[str] = mapped_column(String(16), default="normal")
    """normal, blocking or danger."""
    grade: Mapped[str | None] = mapped_column(String(1))
    reporter_id: Mapped[str | None] = mapped_column(Text)
    """The person who entered it; of residents without an account nothing."""
    reporter_name: Mapped[str] = mapped_column(Text, default="")
    reporter_contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted (`handlers.cases.contacts`)."""
    self_handled: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(16))
    """See `handlers.cases.states`."""
    lead_unit: Mapped[str | None] = mapped_column(String(32))
    instance_id: Mapped[str | None] = mapped_column(String(36))
    reported_at: Mapped[datetime]
    occurred_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When it ended: closed, void or not accepted."""
    accepted_by: Mapped[str | None] = mapped_column(Text)
    filed_by: Mapped[str | None] = mapped_column(Text)
    dispatched_by: Mapped[str | None] = mapped_column(Text)
    handled_by: Mapped[str | None] = mapped_column(Text)
    checked_by: Mapped[str | None] = mapped_column(Text)
    closed_by: Mapped[str | None] = mapped_column(Text)
    closing_level: Mapped[str | None] = mapped_column(String(16))
    """Who solved it: grid, community, street, district or city."""
    closing_condition: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text, default="")
    return_count: Mapped[int] = mapped_column(Integer, default=0)
    rework_count: Mapped[int] = mapped_column(Integer, default=0)
    duplicate_of: Mapped[str | None] = mapped_column(String(32))
    submission_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The id the reporting device gave; a report sent twice becomes one case."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Counts the changes, for optimistic editing and for caches."""


class CaseEvent(Base):
    """One line of the timeline; append-only. `zh` and `en` are whole sentences made when it happened."""

    __tablename__ = "case_event"
    __table_args__ = (
        Index("ix_case_event_case", "case_number", "id"),
        Index("ix_case_event_actor", "actor_id", "case_number"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("grid_case.number"))
    at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    """As shown then: name and unit."""
    tag: Mapped[str] = mapped_column(String(32))
    """`case:file`, `case:return`, `clock:overdue` …"""
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """Quoted words of people (`reason`, `result`), photo ids, units: what a page may show or link."""
    is_public: Mapped[bool] = mapped_column(default=False)
    """True: the reporter may see it (never with the actor's name)."""


class Photo(Base):
    """A photo, re-encoded without metadata; its content lies in the store under `sha256`."""

    __tablename__ = "photo"
    __table_args__ = (
        Index("ix_photo_case", "case_number", "id"),
        Index("ix_photo_unattached", "uploaded_at", postgresql_where=text("case_number IS NULL")),
        Index("ix_photo_sha256", "sha256"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    case_number: Mapped[str | None] = mapped_column(ForeignKey("grid_case.number"))
    """NULL while the report or answer it belongs to has not been sent."""
    phase: Mapped[str] = mapped_column(String(16))
    """before, verify, after or check."""
    sha256: Mapped[str] = mapped_column(String(64))
    thumbnail_sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(32))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None]
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    uploaded_by: Mapped[str] = mapped_column(Text)
    uploaded_at: Mapped[datetime]


class CaseLink(Base):
    """A case joined to a place, component, household, person record or another case."""

    __tablename__ = "case_link"
    __table_args__ = (
        Index("uq_case_link_target", "case_number", "kind", "target", unique=True),
        Index("ix_case_link_reverse", "kind", "target"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("grid_case.number"))
    kind: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(Text)
    """Code of the place or component, number of the household or case."""
    label: Mapped[str] = mapped_column(Text, default="")
    relation: Mapped[str] = mapped_column(String(16), default="about")
    """about, involves, duplicate or related."""
    linked_by: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]


class CaseCounter(Base):
    """The last daily sequence taken for a prefix."""

    __tablename__ = "case_counter"

    prefix: Mapped[str] = mapped_column(String(8), primary_key=True)
    counted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


__all__ = ["Case", "CaseCounter", "CaseEvent", "CaseLink", "Photo"]
