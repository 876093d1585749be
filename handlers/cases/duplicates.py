"""Cases that may be the same problem: same category, near in place and time. A suggestion, never a decision.

The candidates come from a bounding box on the index (category, lat, lon); the exact distance is the haversine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.cases import states
from handlers.cases.tables import Case

RADIUS_M: Final = 50.0
WITHIN: Final = timedelta(days=14)
EARTH_RADIUS_M: Final = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Nearby:
    case: Case
    distance_m: float


def nearby(
    session: Session,
    lon: float,
    lat: float,
    category_code: str | None,
    now: datetime,
    *,
    kind: str | None = None,
    radius_m: float = RADIUS_M,
    within: timedelta = WITHIN,
    except_number: str | None = None,
    open_only: bool = False,
    limit: int = 5,
) -> list[Nearby]:
    """Cases of the category reported within `radius_m` and `within`, nearest first; void ones are left out.

    `category_code` None asks for every category (related cases of a case page);
    `open_only` leaves out closed ones too.
    """
    lat_span = math.degrees(radius_m / EARTH_RADIUS_M)
    lon_span = lat_span / max(math.cos(math.radians(lat)), 0.01)
    query = select(Case).where(
        Case.lat.between(lat - lat_span, lat + lat_span),
        Case.lon.between(lon - lon_span, lon + lon_span),
        Case.reported_at >= now - within,
        Case.status.not_in(states.ENDED if open_only else (states.VOID, states.NOT_ACCEPTED)),
    )
    if category_code is not None:
        query = query.where(Case.category_code == category_code)
    if kind is not None:
        query = query.where(Case.kind == kind)
    if except_number is not None:
        query = query.where(Case.number != except_number)
    found = [Nearby(case, distance_m(lon, lat, case.lon, case.lat)) for case in session.scalars(query.limit(200))]
    found = [item for item in found if item.distance_m <= radius_m]
    return sorted(found, key=lambda item: (item.distance_m, item.case.number))[:limit]


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres along the great circle (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))
