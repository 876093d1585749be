"""The organisation's tables. Written by the services of `handlers.org`, read by everybody.

A unit is an identity (city, district, street, community, department, grid); the shape of a grid belongs to a
grid plan, so that an old case keeps the grids that were in force when it was filed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bpmn.database import Base, new_id


class OrgUnit(Base):
    """A place in the organisation's tree, known by its code for ever; it is closed, never deleted."""

    __tablename__ = "org_unit"
    __table_args__ = (
        Index("ix_org_unit_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
        Index("ix_org_unit_parent_code", "parent_code"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    """GB/T 2260 and GB/T 10114 digits for areas; STREET-xx for departments, STREET-AGnn and STREET-RGnnn for grids."""
    level: Mapped[str] = mapped_column(String(24))
    """city, district, street, community, department, administrative_grid or responsibility_grid (`units.LEVELS`)."""
    kind: Mapped[str | None] = mapped_column(String(8))
    """What a department does (`cg`, `hw`, …): the same letters on every level, so that routing can name the kind."""
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("org_unit.code"))
    path: Mapped[str] = mapped_column(Text)
    """The codes from the root down to this unit, each followed by a slash: a subtree is one prefix."""
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(SmallInteger, default=0)
    closed_on: Mapped[date | None]


class OrgPost(Base):
    """How many people a position is planned for in a unit (编制); filled places are memberships."""

    __tablename__ = "org_post"

    unit_code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"), primary_key=True)
    position: Mapped[str] = mapped_column(String(32), primary_key=True)
    planned: Mapped[int] = mapped_column(SmallInteger)


class GridPlan(Base):
    """One complete division of a street into grids, in force from `valid_from` up to, not including, `valid_to`."""

    __tablename__ = "grid_plan"
    __table_args__ = (
        Index("uq_grid_plan_street_version", "street_code", "version", unique=True),
        Index("uq_grid_plan_current", "street_code", unique=True, postgresql_where=text("valid_to IS NULL")),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="order"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    street_code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"))
    version: Mapped[int]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    published_by: Mapped[str] = mapped_column(Text)


class Grid(Base):
    """The shape of one grid in one plan. GeoJSON polygon, CGCS2000 longitude and latitude in degrees."""

    __tablename__ = "grid"
    __table_args__ = (Index("ix_grid_plan_administrative", "plan_id", "administrative_code"),)

    plan_id: Mapped[str] = mapped_column(ForeignKey("grid_plan.id"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """administrative (行政网格) or responsibility (责任网格)."""
    administrative_code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"))
    """The administrative grid it lies in; its own code for an administrative one."""
    community_code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"))
    national_code: Mapped[str] = mapped_column(String(20))
    """15 digits: district 6, street 3, community 3, sequence 3 (west to east, north to south in the community);
    000 as sequence for an administrative grid."""
    geometry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    area_m2: Mapped[int]


class Person(Base):
    """An account. The name is a role name such as 派遣员 02; the telephone number is stored encrypted only."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    """zh or en."""
    password_hash: Mapped[str] = mapped_column(Text)
    phone_encrypted: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Grows with a new password or a deactivation: sessions made before are no longer good."""
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class Membership(Base):
    """A person holds a position in a unit from `first_on` to `last_on`, both days included (Asia/Shanghai)."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("ix_membership_person_id", "person_id"),
        Index("ix_membership_unit_position", "unit_code", "position"),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="order"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    position: Mapped[str] = mapped_column(String(32))
    unit_code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"))
    first_on: Mapped[date]
    last_on: Mapped[date | None]


class Acting(Base):
    """Somebody stands in for a position in a unit, because it is vacant or its holder is away.

    It counts from `first_on` to `last_on` (both included) once consented; an acting position is not passed on.
    """

    __tablename__ = "acting"
    __table_args__ = (
        Index("ix_acting_stand_in_id", "stand_in_id"),
        Index("ix_acting_unit_position", "unit_code", "position"),
        CheckConstraint("last_on >= first_on", name="order"),
        CheckConstraint("absent_id IS NULL OR absent_id <> stand_in_id", name="not_oneself"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    stand_in_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    absent_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """NULL: the position is vacant."""
    position: Mapped[str] = mapped_column(String(32))
    unit_code: Mapped[str] = mapped_column(ForeignKey("org_unit.code"))
    reason: Mapped[str] = mapped_column(Text)
    first_on: Mapped[date]
    last_on: Mapped[date]
    requested_by: Mapped[str] = mapped_column(Text)
    consented_by: Mapped[str | None] = mapped_column(Text)
    consented_at: Mapped[datetime | None]


class OrgChange(Base):
    """Append-only: what was changed in the organisation, by whom, when."""

    __tablename__ = "org_change"
    __table_args__ = (
        Index("ix_org_change_unit_code", "unit_code", "id"),
        Index("ix_org_change_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    tag: Mapped[str] = mapped_column(Text)
    """`source:subject:action`, such as `org:membership:end`."""
    unit_code: Mapped[str | None] = mapped_column(String(40))
    person_id: Mapped[str | None] = mapped_column(String(36))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
