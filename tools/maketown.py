"""Makes the demo town's data files once, always the same ones: `python -m tools.maketown`.

Writes processes/town/: units.json, grids.geojson, people.json and basemap.geojson. The street and its division are
invented; names of city, district and street are real, those of people are roles. Nothing is read from outside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.townmap import Town, make_town
from tools.townpeople import make_people, make_posts

FOLDER = Path(__file__).resolve().parents[1] / "processes" / "town"
CITY, DISTRICT, STREET = "441300", "441302", "441302008"

COMMUNITIES = (
    ("学府社区", "Xuefu", 7),
    ("马庄村", "Mazhuang Village", 6),
    ("金湖社区", "Jinhu", 4),
    ("石湖苑社区", "Shihuyuan", 5),
    ("长湖苑社区", "Changhuyuan", 5),
    ("演达社区", "Yanda", 6),
    ("张屋山社区", "Zhangwushan", 5),
    ("斑樟湖社区", "Banzhanghu", 5),
    ("冷水坑村", "Lengshuikeng Village", 5),
    ("新村社区", "Xincun", 5),
    ("湖滨社区", "Hubin", 5),
    ("高布村", "Gaobu Village", 5),
    ("河南岸社区", "Henan'an", 5),
    ("南岸新区社区", "Nan'an New Area", 5),
)
"""Name, English name and number of responsibility grids; 14 communities, 73 grids."""

STREET_DEPARTMENTS = (
    ("cg", "城管中队", "urban management squad"),
    ("hw", "环卫所", "sanitation office"),
    ("yl", "园林所", "parks office"),
    ("sz", "市政所", "municipal works office"),
    ("ga", "河南岸派出所", "police station"),
    ("aj", "应急管理办", "emergency management office"),
    ("sj", "市场监管所", "market supervision office"),
    ("sh", "社会事务办", "social affairs office"),
)
DISTRICT_DEPARTMENTS = (
    ("cg", "惠城区城管执法局", "district urban management bureau"),
    ("sz", "惠城区市政中心", "district municipal works centre"),
    ("zj", "惠城区住建局", "district housing and construction bureau"),
    ("sw", "惠城区水利局", "district water bureau"),
    ("st", "生态环境惠城分局", "district ecology and environment bureau"),
    ("gy", "惠城区公用事业中心", "district public utilities centre"),
    ("jt", "惠城区交警大队", "district traffic police"),
)


def main() -> None:
    """Write the four files."""
    town = make_town([count for _, _, count in COMMUNITIES])
    FOLDER.mkdir(parents=True, exist_ok=True)
    _write("units.json", {"units": units(), "posts": make_posts(STREET, _community_codes())})
    _write("grids.geojson", {"type": "FeatureCollection", "features": grid_features(town)}, one_a_line=True)
    _write(
        "people.json",
        {"people": make_people(STREET, DISTRICT, _community_codes(), STREET_DEPARTMENTS, DISTRICT_DEPARTMENTS)},
    )
    _write("basemap.geojson", {"type": "FeatureCollection", "features": town.base_map}, one_a_line=True)


def units() -> list[dict[str, Any]]:
    """Every unit, parents before children."""
    made = [
        _unit(CITY, "city", None, "惠州市", "Huizhou"),
        _unit(DISTRICT, "district", CITY, "惠城区", "Huicheng District"),
        _unit(STREET, "street", DISTRICT, "河南岸街道", "Henan'an Street"),
    ]
    for ordinal, (kind, zh, en) in enumerate(STREET_DEPARTMENTS, 1):
        made.append(_unit(f"{STREET}-{kind}", "department", STREET, zh, f"Henan'an {en}", kind=kind, ordinal=ordinal))
    for ordinal, (kind, zh, en) in enumerate(DISTRICT_DEPARTMENTS, 1):
        name = en[0].upper() + en[1:]
        made.append(_unit(f"{DISTRICT}-{kind}", "department", DISTRICT, zh, name, kind=kind, ordinal=ordinal))
    number = 0
    for index, (zh, en, count) in enumerate(COMMUNITIES, 1):
        community, administrative = f"{STREET}{index:03}", f"{STREET}-AG{index:02}"
        full = en if en.endswith("Village") else f"{en} Community"
        made.append(_unit(community, "community", STREET, zh, full, ordinal=index))
        made.append(
            _unit(administrative, "administrative_grid", community, f"{zh}行政网格", f"{en} grid", ordinal=index)
        )
        for sequence in range(1, count + 1):
            number += 1
            code = f"{STREET}-RG{number:03}"
            names = (f"{zh}网格 {sequence:02}", f"{en} grid {sequence:02}")
            made.append(_unit(code, "responsibility_grid", administrative, *names, ordinal=sequence))
    return made


def grid_features(town: Town) -> list[dict[str, Any]]:
    """One polygon per responsibility grid, in the order of the units."""
    features = []
    number = 0
    for index, cells in enumerate(town.communities, 1):
        for sequence, polygon in enumerate(cells, 1):
            number += 1
            properties = {
                "code": f"{STREET}-RG{number:03}",
                "national_code": f"{STREET}{index:03}{sequence:03}",
                "administrative_code": f"{STREET}-AG{index:02}",
                "community_code": f"{STREET}{index:03}",
            }
            coordinates = [[list(point) for point in polygon.exterior.coords]]
            features.append(
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": {"type": "Polygon", "coordinates": coordinates},
                }
            )
    return features


def _community_codes() -> list[str]:
    return [f"{STREET}{index:03}" for index in range(1, len(COMMUNITIES) + 1)]


def _unit(
    code: str, level: str, parent: str | None, zh: str, en: str, *, kind: str | None = None, ordinal: int = 0
) -> dict[str, Any]:
    made: dict[str, Any] = {"code": code, "level": level, "parent": parent, "zh": zh, "en": en, "ordinal": ordinal}
    if kind is not None:
        made["kind"] = kind
    return made


def _write(name: str, content: Mapping[str, Any], *, one_a_line: bool = False) -> None:
    parts = []
    for key, value in content.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in value)
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    (FOLDER / name).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
