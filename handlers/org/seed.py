"""Loads the demo town: units, posts, grids and accounts, from the data files in processes/town.

Everything goes through the services of `handlers.org`, as an administrator's work would; `tools.maketown` made the
files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy.orm import Session

from bpmn.values import Actor
from handlers import shipped
from handlers.org import grids, memberships, people, phones, units
from handlers.org.days import TOWN_ZONE, local_day
from handlers.org.tables import OrgUnit

SEED = Actor("system:seed", "初始数据", system=True)
SINCE = datetime(2026, 1, 1, tzinfo=TOWN_ZONE)


@dataclass(frozen=True, slots=True)
class Seeded:
    """One account that was made, for the list of demo accounts."""

    username: str
    name_zh: str
    name_en: str
    position: str


def load(session: Session, now: datetime, password_for: Callable[[str], str]) -> tuple[Seeded, ...]:
    """Make the town. A town that is there already stays as it is, and nothing is returned.

    `password_for` gets a user name. Grids and memberships count from the first day of 2026, or from a quarter before
    `now` if that is earlier. Telephone numbers are left out when no key for personal data is configured.
    """
    town = read("units.json")
    if session.get(OrgUnit, town["units"][0]["code"]) is not None:
        return ()
    _load_units(session, town, now)
    features = read("grids.geojson")["features"]
    street = next(each["code"] for each in town["units"] if each["level"] == "street")
    start = min(SINCE, now - timedelta(days=92))
    grids.publish(session, street, grids.read(features), valid_from=start, actor=SEED, now=now)
    accounts = read("people.json")["people"]
    return tuple(_load_person(session, each, password_for, since=local_day(start), now=now) for each in accounts)


def read(name: str) -> dict[str, Any]:
    """One of the town's data files: units.json, grids.geojson, people.json or basemap.geojson."""
    content: dict[str, Any] = orjson.loads(shipped.path("town", name).read_bytes())
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
    session: Session, each: Mapping[str, Any], password_for: Callable[[str], str], *, since: date, now: datetime
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
            first_on=since,
            actor=SEED,
            now=now,
        )
    return Seeded(made.username, made.name_zh, made.name_en, each["seats"][0]["position"])
