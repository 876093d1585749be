"""Loads the demo town: units, posts, grids and accounts, from the data files in processes/town.

Everything goes through the services of `handlers.org`, as an administrator's work would; `tools.maketown` made the
files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers.org import grids, memberships, people, phones, units
from handlers.org.tables import OrgUnit

SEED = Actor("system:seed", "初始数据", system=True)


@dataclass(frozen=True, slots=True)
class Seeded:
    """One account that was made, for the list of demo accounts."""

    username: str
    name_zh: str
    name_en: str
    position: str


def load(session: Session, now: datetime, password_for: Callable[[str], str]) -> tuple[Seeded, ...]:
    """Make the town. A town that is there already stays as it is, and nothing is returned.

    `password_for` gets a user name. The grid plan counts from the first day of the year of `now`, memberships from
    their own day. Telephone numbers are left out when no key for personal data is configured.
    """
    town = read("units.json")
    if session.get(OrgUnit, town["units"][0]["code"]) is not None:
        return ()
    _load_units(session, town, now)
    features = read("grids.geojson")["features"]
    street = next(each["code"] for each in town["units"] if each["level"] == "street")
    start = now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    grids.publish(session, street, grids.read(features), valid_from=start, actor=SEED, now=now)
    return tuple(_load_person(session, each, now, password_for) for each in read("people.json")["people"])


def read(name: str) -> dict[str, Any]:
    """One of the town's data files: units.json, grids.geojson, people.json or basemap.geojson."""
    checkout = Path(__file__).resolve().parents[2] / "processes" / "town" / name
    if not checkout.exists():
        checkout = Path(str(resources.files("gridwhistle_processes"))) / "town" / name
    content: dict[str, Any] = orjson.loads(checkout.read_bytes())
    return content


def _load_units(session: Session, town: Mapping[str, Any], now: datetime) -> None:
    for each in town["units"]:
        units.create(
            session,
            each["code"],
            level=each["level"],
            parent_code=each["parent"],
            name_zh=each["zh"],
            name_en=each["en"],
            kind=each.get("kind"),
            ordinal=each["ordinal"],
            actor=SEED,
            now=now,
        )
    session.flush()
    for post in town["posts"]:
        units.set_post(session, post["unit"], post["position"], post["planned"], actor=SEED, now=now)


def _load_person(
    session: Session, each: Mapping[str, Any], now: datetime, password_for: Callable[[str], str]
) -> Seeded:
    made = people.create(
        session,
        each["username"],
        name_zh=each["zh"],
        name_en=each["en"],
        password=password_for(each["username"]),
        phone=each["phone"] if phones.is_configured() else None,
        actor=SEED,
        now=now,
    )
    for seat in each["seats"]:
        memberships.appoint(
            session,
            made.id,
            seat["position"],
            seat["unit"],
            first_on=date.fromisoformat(seat["first_on"]),
            actor=SEED,
            now=now,
        )
    return Seeded(made.username, made.name_zh, made.name_en, each["seats"][0]["position"])
