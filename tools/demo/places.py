"""Where demo cases happen: points inside responsibility grids, with an address of the town's map."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

from shapely import Point, Polygon
from shapely.geometry import shape

from handlers.org import seed


@dataclass(frozen=True, slots=True)
class Spot:
    """A position and how people call it."""

    lon: float
    lat: float
    address: str
    administrative_grid: str
    responsibility_grid: str


class Map:
    """The demo town's grids and named places."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.grids: list[tuple[dict[str, Any], Polygon]] = []
        for feature in seed.read("grids.geojson")["features"]:
            polygon = shape(feature["geometry"])
            assert isinstance(polygon, Polygon)
            self.grids.append((feature["properties"], polygon))
        self.named = [
            (feature["properties"]["zh"], shape(feature["geometry"]).representative_point())
            for feature in seed.read("basemap.geojson")["features"]
            if feature["properties"].get("zh") and feature["geometry"]["type"] != "Polygon"
        ]

    def somewhere(self) -> Spot:
        """A point in some grid."""
        properties, polygon = self.dice.choice(self.grids)
        west, south, east, north = polygon.bounds
        for _ in range(200):
            point = Point(self.dice.uniform(west, east), self.dice.uniform(south, north))
            if polygon.contains(point):
                break
        else:
            point = polygon.representative_point()
        return self._spot(point, properties)

    def near(self, spot: Spot, metres: float) -> Spot:
        """A point of the same grid within `metres`, or the spot itself at the grid's edge."""
        polygon = next(each for own, each in self.grids if own["code"] == spot.responsibility_grid)
        properties = next(own for own, _ in self.grids if own["code"] == spot.responsibility_grid)
        angle, length = self.dice.uniform(0, 2 * math.pi), self.dice.uniform(3, metres) / 111_320
        point = Point(
            spot.lon + length * math.cos(angle) / math.cos(math.radians(spot.lat)), spot.lat + length * math.sin(angle)
        )
        return self._spot(point, properties) if polygon.contains(point) else spot

    def _spot(self, point: Point, properties: dict[str, Any]) -> Spot:
        name, place = min(self.named, key=lambda item: item[1].distance(point))
        side = _side(point.x - place.x, point.y - place.y)
        if name.endswith(("路", "街", "巷", "道")):
            address = f"{name}{self.dice.randint(1, 168)}号门前"
        else:
            address = f"{name}{side}约 {max(10, round(place.distance(point) * 111_320 / 10) * 10)} 米"
        return Spot(
            lon=round(point.x, 6),
            lat=round(point.y, 6),
            address=address,
            administrative_grid=properties["administrative_code"],
            responsibility_grid=properties["code"],
        )


def _side(east: float, north: float) -> str:
    if abs(east) > abs(north):
        return "东侧" if east > 0 else "西侧"
    return "北侧" if north > 0 else "南侧"
