"""The log of who read whose personal data, for which purpose (PIPL articles 51 and 54). Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bpmn.database import Base


class AccessLog(Base):
    """One reading, or one refused attempt. Holds names of fields, never their contents."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_subject", "subject_kind", "subject_key", "id"),
        Index("ix_access_log_person_id", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[str] = mapped_column(String(36))
    seats: Mapped[list[str]] = mapped_column(JSONB)
    """The candidate groups the person had then: why they could read it."""
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_key: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]] = mapped_column(JSONB)
    purpose: Mapped[str] = mapped_column(Text)
    granted: Mapped[bool]
