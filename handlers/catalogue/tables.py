"""The catalogue's tables. A category or condition that a new import leaves out is retired, never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bpmn.database import Base, new_id


class CatalogueCodeSet(Base):
    """A standard's list in one version; cases keep its id, because codes of two sets mean different things."""

    __tablename__ = "catalogue_code_set"
    __table_args__ = (
        Index(
            "uq_catalogue_code_set_for_new_cases",
            "is_for_new_cases",
            unique=True,
            postgresql_where=text("is_for_new_cases"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    is_for_new_cases: Mapped[bool]
    revision: Mapped[str] = mapped_column(String(36))
    """New with every import: tells the processes that their snapshot is old."""
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(Text)


class CatalogueMajor(Base):
    """A major category (大类)."""

    __tablename__ = "catalogue_major"

    code_set: Mapped[str] = mapped_column(ForeignKey("catalogue_code_set.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)


class CatalogueCategory(Base):
    """A small category (小类)."""

    __tablename__ = "catalogue_category"
    __table_args__ = (Index("uq_catalogue_category_code", "code_set", "kind", "code", unique=True),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    code_set: Mapped[str] = mapped_column(ForeignKey("catalogue_code_set.id"))
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(8))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    is_local: Mapped[bool]
    origin: Mapped[str] = mapped_column(String(16))
    retired_at: Mapped[datetime | None]


class CatalogueCondition(Base):
    """A filing condition of a category. Its limit never changes: another limit is another condition."""

    __tablename__ = "catalogue_condition"
    __table_args__ = (Index("uq_catalogue_condition_ordinal", "category_id", "ordinal", unique=True),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    category_id: Mapped[str] = mapped_column(ForeignKey("catalogue_category.id"))
    ordinal: Mapped[int] = mapped_column(SmallInteger)
    trigger_zh: Mapped[str] = mapped_column(Text)
    trigger_en: Mapped[str] = mapped_column(Text)
    limit_text: Mapped[str] = mapped_column(Text)
    limit_value: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(2))
    closing_zh: Mapped[str] = mapped_column(Text)
    closing_en: Mapped[str] = mapped_column(Text)
    retired_at: Mapped[datetime | None]


class CatalogueRoute(Base):
    """One line of the routing table: (category, condition, area) to a kind of department on a level."""

    __tablename__ = "catalogue_route"

    code_set: Mapped[str] = mapped_column(ForeignKey("catalogue_code_set.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(8))
    condition: Mapped[int | None] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(String(40))
    lead_kind: Mapped[str] = mapped_column(String(8))
    level: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(SmallInteger)


class CatalogueMapping(Base):
    """The counterpart of a code of one set in another one; NULL: there is none, a person decides."""

    __tablename__ = "catalogue_mapping"

    from_set: Mapped[str] = mapped_column(ForeignKey("catalogue_code_set.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    from_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    to_set: Mapped[str] = mapped_column(ForeignKey("catalogue_code_set.id"), primary_key=True)
    to_code: Mapped[str | None] = mapped_column(String(8))
