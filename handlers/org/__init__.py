"""The organisation: units on four levels, departments, grids, people, positions and who stands in for whom.

The functions that other packages call are re-exported here. Permissions are decided by `handlers.permissions`.
"""

from __future__ import annotations

from handlers.org.grids import Located, locate
from handlers.org.people import authenticate
from handlers.org.positions import Position, group_key, split_group
from handlers.org.units import unit
from handlers.org.viewers import Seat, Viewer, people_in, viewer

__all__ = [
    "Located",
    "Position",
    "Seat",
    "Viewer",
    "authenticate",
    "group_key",
    "locate",
    "people_in",
    "split_group",
    "unit",
    "viewer",
]
