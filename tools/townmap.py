"""Draws the demo street: communities cut into responsibility grids without gaps, and a base map of lines and points.

Pure geometry with a fixed seed: metres around an origin while it is made, degrees at the end. Grid borders follow
the roads, as they do in a real street. Names and codes are `tools.maketown`.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import shapely
from shapely import LineString, MultiPoint, Point, Polygon
from shapely.affinity import scale
from shapely.geometry import mapping
from shapely.ops import linemerge, polygonize

ORIGIN = (114.402, 23.081)
METRES = 111_320.0
ROUGHNESS = 0.05
"""How far a border strays from the straight line, as a share of its length."""

Node = tuple[float, float]

ROADS = (
    ("演达大道", "Yanda Avenue", "arterial", (-1.0, 0.35), (1.0, 0.1)),
    ("湖滨路", "Hubin Road", "arterial", (-0.25, 1.0), (0.1, -1.0)),
    ("学府路", "Xuefu Road", "main", (-1.0, -0.35), (1.0, -0.45)),
    ("南岸路", "Nan'an Road", "main", (0.55, 1.0), (0.6, -1.0)),
    ("马庄路", "Mazhuang Road", "main", (-0.65, 1.0), (-0.6, -1.0)),
    ("高布路", "Gaobu Road", "main", (-1.0, 0.0), (0.2, -0.9)),
    ("长湖路", "Changhu Road", "main", (0.0, 0.9), (1.0, -0.15)),
)
"""Name, English name, class, and the directions in which the road leaves the street at both ends."""

LANES = {
    0: ("学府一巷", "学府二巷"),
    1: ("马庄新街", "马庄祠堂巷"),
    2: ("金湖一街", "金湖二街"),
    3: ("石湖一街", "石湖二街"),
    5: ("演达一路", "演达二路"),
    8: ("冷水坑路", "冷水坑新巷"),
    10: ("湖滨一街", "湖滨二街"),
    12: ("河南岸直街", "河南岸横街"),
}
"""Community to the names of its inner streets."""

PLACES = (
    ("学府花园", "学府小学", "启智书城", "学府市场", "学府公交站", "学府东门", "学府西苑"),
    ("马庄祠堂", "马庄市场", "马庄牌坊", "马庄新村", "马庄卫生站", "马庄球场"),
    ("金湖广场", "启明苑", "金湖市场", "金湖公园"),
    ("石湖苑", "石湖小学", "石湖市场", "石湖公园", "石湖南区"),
    ("长湖苑", "长湖幼儿园", "长湖公交站", "长湖市场", "长湖北区"),
    ("演达广场", "演达花园", "演达中学", "演达车站", "演达市场", "演达东苑"),
    ("张屋山", "张屋山小学", "张屋山市场", "张屋山公园", "张屋新居"),
    ("斑樟湖公园", "斑樟湖花园", "斑樟湖市场", "斑樟湖东", "斑樟湖西"),
    ("冷水坑村委会", "冷水坑市场", "冷水坑小学", "冷水坑工业园", "冷水坑新屋"),
    ("新村花园", "新村市场", "新村幼儿园", "新村北", "新村南"),
    ("湖滨花园", "湖滨小学", "湖滨广场", "湖滨市场", "湖滨码头"),
    ("高布村委会", "高布老围", "高布市场", "高布小学", "高布工业区"),
    ("河南岸街道办", "河南岸市场", "河南岸公园", "河南岸医院", "河南岸旧街"),
    ("南岸新城", "南岸公园", "南岸学校", "南岸广场", "南岸车站"),
)
"""One place name per responsibility grid."""


@dataclass(slots=True)
class Town:
    """The polygons by community, and the features of the base map; all in degrees."""

    communities: list[list[Polygon]]
    base_map: list[dict[str, Any]] = field(default_factory=list)


def make_town(counts: Sequence[int]) -> Town:
    """The same town at every call: `counts` grids in each community.

    :raises RuntimeError: no seed gave a division that hangs together.
    """
    for seed in range(2026, 2126):
        dice = random.Random(seed)
        outline = _outline(dice)
        areas = _divide(outline, len(counts), dice)
        if areas is None:
            continue
        areas = _ordered_by_size(areas, counts)
        cut = [_divide(area, count, dice) for area, count in zip(areas, counts, strict=True)]
        if any(cells is None for cells in cut):
            continue
        lines = _roughen(_noded([cell for cells in cut if cells for cell in cells]), dice)
        faces = [_degrees(face) for face in polygonize(lines)]
        town = _assembled(faces, [cells for cells in cut if cells])
        if town is not None and shapely.coverage_is_valid(faces):
            town.base_map = _base_map(town, lines, outline)
            return town
    raise RuntimeError("no seed gave a division that hangs together")


def _outline(dice: random.Random) -> Polygon:
    phases = [dice.uniform(0, math.tau) for _ in range(5)]
    points = []
    for step in range(72):
        angle = math.tau * step / 72
        wave = sum(math.sin((k + 2) * angle + phase) / (k + 2) for k, phase in enumerate(phases))
        radius = 1900 * (1 + 0.16 * wave + dice.uniform(-0.012, 0.012))
        points.append((1.12 * radius * math.cos(angle), 0.92 * radius * math.sin(angle)))
    return Polygon(points)


def _divide(area: Polygon, count: int, dice: random.Random) -> list[Polygon] | None:
    """`count` cells of about the same size (Lloyd's relaxation); None when a cell falls apart."""
    seeds: list[Point] = []
    west, south, east, north = area.bounds
    while len(seeds) < count:
        point = Point(dice.uniform(west, east), dice.uniform(south, north))
        if area.contains(point):
            seeds.append(point)
    cells: list[Polygon] = []
    for _ in range(12):
        cells = []
        for cell in shapely.voronoi_polygons(MultiPoint(seeds), extend_to=area.buffer(500)).geoms:
            inside = cell.intersection(area)
            if not isinstance(inside, Polygon):
                return None
            cells.append(inside)
        seeds = [cell.centroid for cell in cells]
    return sorted(cells, key=lambda cell: (cell.centroid.x, cell.centroid.y))


def _ordered_by_size(areas: list[Polygon], counts: Sequence[int]) -> list[Polygon]:
    """The largest community gets the most grids."""
    by_size = sorted(areas, key=lambda area: -area.area)
    order = sorted(range(len(counts)), key=lambda index: -counts[index])
    placed = dict(zip(order, by_size, strict=True))
    return [placed[index] for index in range(len(counts))]


def _noded(cells: list[Polygon]) -> list[LineString]:
    """The borders of all cells as edges between corners; a raster of two metres joins what nearly meets."""
    network = shapely.unary_union([cell.exterior for cell in cells], grid_size=2.0)
    merged = linemerge(network)
    return [merged] if isinstance(merged, LineString) else list(merged.geoms)


def _roughen(edges: list[LineString], dice: random.Random) -> list[LineString]:
    """Every edge bent a little; the corners stay where they are."""
    return [LineString(_bent(list(edge.coords), dice)) for edge in sorted(edges, key=lambda edge: edge.wkt)]


def _bent(corners: list[tuple[float, ...]], dice: random.Random) -> list[Node]:
    points: list[Node] = [(corners[0][0], corners[0][1])]
    for (x0, y0, *_), (x1, y1, *_) in pairwise(corners):
        length = math.hypot(x1 - x0, y1 - y0)
        if length > 120:
            for share in (0.34, 0.67):
                stray = dice.uniform(-ROUGHNESS, ROUGHNESS)
                points.append((x0 + share * (x1 - x0) - stray * (y1 - y0), y0 + share * (y1 - y0) + stray * (x1 - x0)))
        points.append((x1, y1))
    return points


def _shared(cell: Polygon, face: Polygon) -> float:
    """How much of a face lies in a cell."""
    return float(face.intersection(cell).area)


def _assembled(faces: list[Polygon], cut: list[list[Polygon]]) -> Town | None:
    """The faces sorted into communities, north to south in rows and west to east within a row."""
    if len(faces) != sum(len(cells) for cells in cut):
        return None
    communities: list[list[Polygon]] = []
    for cells in cut:
        wanted = [_degrees(cell) for cell in cells]
        found = [max(faces, key=partial(_shared, cell)) for cell in wanted]
        if len({id(face) for face in found}) < len(found):
            return None
        if not isinstance(shapely.coverage_union_all(found), Polygon):
            return None
        communities.append(sorted(found, key=lambda face: (-round(face.centroid.y * 300), face.centroid.x)))
    return Town(communities)


def _base_map(town: Town, lines: list[LineString], outline: Polygon) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    graph = _graph(lines)
    used: set[frozenset[Node]] = set()
    for zh, en, rank, start, end in ROADS:
        path = _path(graph, _towards(graph, outline, start), _towards(graph, outline, end), used)
        used.update(frozenset(pair) for pair in pairwise(path))
        line = [_degree(point) for point in path]
        features.append(_feature("road", LineString(line), zh=zh, en=en, rank=rank))
    for index, lanes in LANES.items():
        features += _lanes(town.communities[index], lanes)
    features += _waters(town)
    for cells, names in zip(town.communities, PLACES, strict=True):
        for cell, name in zip(cells, names, strict=True):
            features.append(_feature("place", _rounded(cell.representative_point()), zh=name))
    return features


def _graph(lines: list[LineString]) -> dict[Node, dict[Node, float]]:
    graph: dict[Node, dict[Node, float]] = defaultdict(dict)
    for line in lines:
        points = [(x, y) for x, y, *_ in line.coords]
        for one, other in pairwise(points):
            length = math.hypot(one[0] - other[0], one[1] - other[1])
            graph[one][other] = graph[other][one] = length
    return graph


def _towards(graph: dict[Node, dict[Node, float]], outline: Polygon, direction: tuple[float, float]) -> Node:
    west, south, east, north = outline.bounds
    goal = ((west + east + direction[0] * (east - west)) / 2, (south + north + direction[1] * (north - south)) / 2)
    return min(graph, key=lambda node: (math.dist(node, goal), node))


def _path(graph: dict[Node, dict[Node, float]], start: Node, end: Node, used: set[frozenset[Node]]) -> list[Node]:
    """The shortest way along borders (Dijkstra); a stretch that is a road already costs four times its length."""
    best: dict[Node, float] = {start: 0.0}
    came: dict[Node, Node] = {}
    queue = [(0.0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == end:
            break
        for other, length in graph[node].items():
            reached = cost + length * (4 if frozenset((node, other)) in used else 1)
            if reached < best.get(other, math.inf):
                best[other], came[other] = reached, node
                heapq.heappush(queue, (reached, other))
    path = [end]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path[::-1]


def _lanes(cells: list[Polygon], names: Sequence[str]) -> list[dict[str, Any]]:
    """Inner streets: from the middle of one grid to the middle of the next, bent at the border between them."""
    features = []
    for name, one, other in zip(names, cells, cells[1:], strict=False):
        border = one.intersection(other)
        bend = border.representative_point() if not border.is_empty else one.union(other).representative_point()
        points = [one.representative_point(), bend, other.representative_point()]
        line = LineString([(round(point.x, 6), round(point.y, 6)) for point in points])
        features.append(_feature("road", line, zh=name, rank="lane"))
    return features


def _waters(town: Town) -> list[dict[str, Any]]:
    """Two lakes, each inside a grid of the community that has its name."""
    features = []
    for index, which, zh, size in ((2, -1, "金湖", 0.45), (7, 0, "斑樟湖", 0.55)):
        cell = town.communities[index][which]
        lake = scale(cell.buffer(-0.0006).simplify(0.0001), size, size).buffer(0.0003)
        lake = shapely.set_precision(lake.intersection(cell).simplify(0.00003), 1e-6)
        features.append(_feature("water", lake, zh=zh))
    return features


def _feature(layer: str, shape: Any, **properties: str) -> dict[str, Any]:
    geometry = mapping(shape)
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": _plain(geometry)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _degree(point: tuple[float, ...]) -> Node:
    lon = ORIGIN[0] + point[0] / (METRES * math.cos(math.radians(ORIGIN[1])))
    return round(lon, 6), round(ORIGIN[1] + point[1] / METRES, 6)


def _degrees(polygon: Polygon) -> Polygon:
    return Polygon([_degree(point) for point in polygon.exterior.coords])


def _rounded(point: Point) -> Point:
    return Point(round(point.x, 6), round(point.y, 6))
