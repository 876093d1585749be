"""Every position in the town lies in one grid of the plan in force; outside it lies in none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon
from shapely.affinity import translate
from shapely.geometry import shape
from sqlalchemy.orm import Session, sessionmaker

from bpmn.errors import ConflictError, InvalidInputError
from handlers import org
from handlers.org import grids, seed
from handlers.org.seed import SEED
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, STREET, statements_of

FEATURES: Sequence[dict[str, Any]] = seed.read("grids.geojson")["features"]
CELLS = {each["properties"]["code"]: shape(each["geometry"]) for each in FEATURES}
TOWN: Polygon = shapely.coverage_union_all(list(CELLS.values()))
WEST, SOUTH, EAST, NORTH = TOWN.bounds
BORDER_POINTS = sorted({point for cell in CELLS.values() for point in cell.exterior.coords})

longitudes = st.floats(WEST - 0.01, EAST + 0.01)
latitudes = st.floats(SOUTH - 0.01, NORTH + 0.01)


@pytest.fixture(scope="module")
def town_factory(town_database: TestDatabase) -> sessionmaker[Session]:
    return town_database.factory


@settings(max_examples=300)
@given(lon=longitudes, lat=latitudes)
def test_a_position_lies_in_the_grid_that_contains_it_and_outside_in_none(
    town_factory: sessionmaker[Session], lon: float, lat: float
) -> None:
    point = Point(lon, lat)
    with town_factory() as session:
        found = org.locate(session, lon, lat, NOW)
    holding = {code for code, cell in CELLS.items() if cell.intersects(point)}
    if found is None:
        assert not holding
        assert not TOWN.contains(point)
    else:
        assert found.responsibility_grid in holding
        assert found.responsibility_grid == min(holding)


@settings(max_examples=200)
@given(start=st.sampled_from(BORDER_POINTS), share=st.floats(0, 1), data=st.data())
def test_a_position_on_a_border_lies_in_exactly_one_grid_and_always_the_same(
    town_factory: sessionmaker[Session], start: tuple[float, float], share: float, data: st.DataObject
) -> None:
    cell = data.draw(st.sampled_from([each for each in CELLS.values() if start in each.exterior.coords]))
    ring = list(cell.exterior.coords)
    position = ring.index(start)
    end = ring[position + 1] if position + 1 < len(ring) else ring[1]
    lon, lat = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
    inner = any(code_cell.contains(Point(lon, lat)) for code_cell in CELLS.values())
    with town_factory() as session:
        found = org.locate(session, lon, lat, NOW)
        again = org.locate(session, lon, lat, NOW)
    assert found == again
    assert found is not None or not inner
    assert found is not None or TOWN.exterior.distance(Point(lon, lat)) < 1e-9


def test_the_levels_of_a_position_agree_with_the_tree(town: Session) -> None:
    for feature in FEATURES:
        middle = shape(feature["geometry"]).representative_point()
        found = org.locate(town, middle.x, middle.y, NOW)
        assert found is not None
        assert found.responsibility_grid == feature["properties"]["code"]
        assert found.administrative_grid == feature["properties"]["administrative_code"]
        assert found.community_code == feature["properties"]["community_code"]
        assert found.street_code == STREET
        chain = f"/{STREET}/{found.community_code}/{found.administrative_grid}/{found.responsibility_grid}/"
        assert org.unit(town, found.responsibility_grid).path.endswith(chain)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(0, 0), (116.4, 39.9), (23.08, 114.4), (float("nan"), 23.08), (114.4, float("inf")), (1e308, -1e308)],
)
def test_positions_that_are_none_or_far_away_lie_nowhere(town: Session, lon: float, lat: float) -> None:
    assert org.locate(town, lon, lat, NOW) is None


def test_locating_costs_one_statement_once_the_tree_is_built(town_database: TestDatabase, town: Session) -> None:
    org.locate(town, 114.40, 23.08, NOW)
    with statements_of(town_database.engine) as statements:
        assert org.locate(town, 114.40, 23.08, NOW) is not None
    assert len(statements) == 1


def test_administrative_grids_are_the_union_of_those_inside(town: Session) -> None:
    plan = grids.current_plan(town, STREET, NOW)
    assert plan is not None
    assert len(grids.shapes(town, plan.id, kind="administrative")) == 14
    rows = grids.shapes(town, plan.id)
    assert len(rows) == 87
    for whole in (row for row in rows if row.kind == "administrative"):
        inside = [row for row in rows if row.administrative_code == whole.code and row.kind == "responsibility"]
        assert abs(sum(row.area_m2 for row in inside) - whole.area_m2) <= len(inside)
        assert whole.national_code == f"{whole.community_code}000"


def test_a_new_plan_takes_over_at_its_moment_and_old_cases_keep_the_old_one(town: Session) -> None:
    later = NOW + timedelta(days=30)
    codes = list(CELLS)
    swapped = dict(zip(codes, [*codes[1:2], codes[0], *codes[2:]], strict=True))
    inside = CELLS[codes[0]].representative_point()
    new = [
        grids.NewGrid(code, feature["properties"]["national_code"], CELLS[swapped[code]])
        for code, feature in zip(codes, FEATURES, strict=True)
    ]
    plan = grids.publish(town, STREET, new, valid_from=later, actor=SEED, now=NOW)
    assert plan.version == 2
    for moment, code in ((NOW, codes[0]), (later - timedelta(seconds=1), codes[0]), (later, codes[1])):
        found = org.locate(town, inside.x, inside.y, moment)
        assert found is not None
        assert found.responsibility_grid == code
    before_all_plans = org.locate(town, inside.x, inside.y, NOW - timedelta(days=4000))
    assert before_all_plans is None
    with pytest.raises(ConflictError):
        grids.publish(town, STREET, new, valid_from=later, actor=SEED, now=NOW)


def _plan(**changed: Polygon) -> list[grids.NewGrid]:
    return [
        grids.NewGrid(
            feature["properties"]["code"],
            feature["properties"]["national_code"],
            changed.get(feature["properties"]["code"][-5:], CELLS[feature["properties"]["code"]]),
        )
        for feature in FEATURES
    ]


@pytest.mark.parametrize(
    "broken",
    [
        _plan(RG014=translate(CELLS[f"{STREET}-RG014"], 0.0001, 0)),
        _plan(RG014=CELLS[f"{STREET}-RG014"].buffer(-0.0001)),
        _plan(RG014=Polygon([(114.4, 23.08), (114.41, 23.09), (114.41, 23.08), (114.4, 23.09)])),
        _plan()[1:],
        [*_plan(), _plan()[0]],
        [],
    ],
    ids=["overlap", "gap", "crossing itself", "one missing", "one twice", "none"],
)
def test_a_plan_that_leaves_gaps_or_overlaps_is_refused(town: Session, broken: list[grids.NewGrid]) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        grids.publish(town, STREET, broken, valid_from=NOW, actor=SEED, now=NOW)
    assert refusal.value.fields("zh")["grids"]
