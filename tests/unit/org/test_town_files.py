"""The demo town's data files: levels, codes, a complete division into grids, an account for every position."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
import shapely
from shapely import Polygon
from shapely.geometry import shape

from handlers.org import grids, seed
from handlers.org.positions import POSITIONS
from tools import maketown


@pytest.fixture(scope="module")
def units() -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = seed.read("units.json")["units"]
    return content


@pytest.fixture(scope="module")
def cells() -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = seed.read("grids.geojson")["features"]
    return content


def test_the_town_has_four_levels_fourteen_administrative_and_seventy_three_responsibility_grids(
    units: list[dict[str, Any]],
) -> None:
    counts = Counter(each["level"] for each in units)
    assert counts == {
        "city": 1,
        "district": 1,
        "street": 1,
        "community": 14,
        "department": 15,
        "administrative_grid": 14,
        "responsibility_grid": 73,
    }


def test_grids_carry_fifteen_digits_that_begin_with_their_community(cells: list[dict[str, Any]]) -> None:
    for each in cells:
        national = each["properties"]["national_code"]
        assert len(national) == 15
        assert national.isdigit()
        assert national.startswith(each["properties"]["community_code"])
    assert len({each["properties"]["national_code"] for each in cells}) == 73


def test_sequences_run_from_north_to_south_and_in_a_row_from_west_to_east(cells: list[dict[str, Any]]) -> None:
    for one, other in pairwise(cells):
        if one["properties"]["community_code"] == other["properties"]["community_code"]:
            first, second = shape(one["geometry"]).centroid, shape(other["geometry"]).centroid
            assert (-round(first.y * 300), first.x) < (-round(second.y * 300), second.x)


def test_the_grids_meet_without_gap_or_overlap(cells: list[dict[str, Any]]) -> None:
    polygons = [shape(each["geometry"]) for each in cells]
    assert all(polygon.is_valid for polygon in polygons)
    assert shapely.coverage_is_valid(polygons)
    whole = shapely.coverage_union_all(polygons)
    assert isinstance(whole, Polygon)
    assert not whole.interiors
    assert abs(sum(polygon.area for polygon in polygons) - whole.area) < 1e-12
    assert 8_000_000 < grids.square_metres(whole) < 16_000_000


def test_the_base_map_names_roads_and_one_place_in_every_grid(cells: list[dict[str, Any]]) -> None:
    features = seed.read("basemap.geojson")["features"]
    roads = {each["properties"]["zh"] for each in features if each["properties"]["layer"] == "road"}
    assert {"学府路", "金湖一街", "金湖二街", "演达大道"} <= roads
    places = [shape(each["geometry"]) for each in features if each["properties"]["layer"] == "place"]
    assert len(places) == 73
    for cell in cells:
        assert sum(shape(cell["geometry"]).contains(place) for place in places) == 1


def test_every_position_has_an_account_and_every_administrative_grid_an_officer() -> None:
    people = seed.read("people.json")["people"]
    seats = [(seat["position"], seat["unit"]) for each in people for seat in each["seats"]]
    assert {position for position, _ in seats} == set(POSITIONS)
    assert {unit for position, unit in seats if position == "grid_officer"} == {
        f"441302008-AG{number:02}" for number in range(1, 15)
    }
    assert 60 <= len(people) <= 80
    assert len({each["username"] for each in people}) == len(people)


def test_the_tool_makes_the_stored_files_again(units: list[dict[str, Any]], cells: list[dict[str, Any]]) -> None:
    assert maketown.units() == units
    counts = [count for _, _, count in maketown.COMMUNITIES]
    made = maketown.grid_features(maketown.make_town(counts))
    assert [each["properties"] for each in made] == [each["properties"] for each in cells]
    assert [each["geometry"]["coordinates"] for each in made] == [each["geometry"]["coordinates"] for each in cells]
