"""Reads catalogue files: code_sets.json and, per code set, categories.csv, conditions.csv, routes.csv, mappings.csv.

Spreadsheets of cities merge cells: an empty kind, code or name inherits from the row above. What is wrong is told
row by row; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from handlers import shipped
from handlers.catalogue import limittext
from handlers.catalogue.initials import initials
from handlers.catalogue.values import KINDS, RouteRule
from handlers.clocks.limits import Limit

_CODE = re.compile(r"\d{4,5}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell about a row. `is_error`: the whole import is refused."""

    file: str
    row: int
    is_error: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A filing condition as the file gives it."""

    trigger_zh: str
    trigger_en: str
    limit_text: str
    limit: Limit | None
    closing_zh: str
    closing_en: str


@dataclass(slots=True)
class CategoryRow:
    """A category as the file gives it, with its conditions in order."""

    kind: str
    code: str
    name_zh: str
    name_en: str
    initials: str
    is_local: bool
    origin: str
    conditions: list[ConditionRow] = field(default_factory=list)


@dataclass(slots=True)
class SetFile:
    """One code set, read."""

    id: str
    name: str
    version: str
    source: str
    is_for_new_cases: bool
    majors: Mapping[str, Mapping[str, Sequence[str]]]
    categories: dict[tuple[str, str], CategoryRow]
    routes: list[RouteRule]
    mappings: list[tuple[str, str, str, str | None]]
    """(kind, code, other set, code there)."""
    findings: list[Finding] = field(default_factory=list)


@cache
def folder() -> Path:
    """The folder of the catalogue's data files."""
    return shipped.path("catalogue")


def read_all(root: Path | None = None) -> list[SetFile]:
    """Every code set that code_sets.json names."""
    root = root or folder()
    sets: list[dict[str, Any]] = orjson.loads((root / "code_sets.json").read_bytes())["sets"]
    routes, mappings = _read(root / "routes.csv"), _read(root / "mappings.csv")
    return [read_set(each, root, routes, mappings) for each in sets]


def read_set(
    about: Mapping[str, Any], root: Path, routes: Sequence[dict[str, str]], mappings: Sequence[dict[str, str]]
) -> SetFile:
    """One code set from its folder `root/ID`."""
    made = SetFile(
        id=about["id"],
        name=about["name"],
        version=about["version"],
        source=about["source"],
        is_for_new_cases=about["is_for_new_cases"],
        majors=about["majors"],
        categories={},
        routes=parse_routes(row for row in routes if row["code_set"] == about["id"]),
        mappings=[
            (row["kind"], row["from_code"], row["to_set"], row["to_code"] or None)
            for row in mappings
            if row["from_set"] == about["id"]
        ],
    )
    parse_categories(made, _read(root / about["id"] / "categories.csv"))
    parse_conditions(made, _read(root / about["id"] / "conditions.csv"))
    return made


def parse_categories(made: SetFile, rows: Iterable[Mapping[str, str]]) -> None:
    """Add the categories; a code that is no code, of no major category or there twice is an error."""
    kind = ""
    for number, row in enumerate(rows, 2):
        kind = row["kind"].strip() or kind
        code, name = row["code"].strip(), row["name_zh"].strip()
        complaint = _complaint(made, kind, code, name)
        if complaint is not None:
            made.findings.append(Finding("categories.csv", number, True, *complaint))
            continue
        made.categories[kind, code] = CategoryRow(
            kind,
            code,
            name,
            row["name_en"].strip() or name,
            row["initials"].strip() or initials(name),
            row["is_local"].strip() in ("1", "是", "true"),
            row["origin"].strip() or "city",
        )


def parse_conditions(made: SetFile, rows: Iterable[Mapping[str, str]]) -> None:
    """Add the conditions to their categories; a missing limit or a differing stored type is told, not refused."""
    kind = code = ""
    for number, row in enumerate(rows, 2):
        kind, code = row["kind"].strip() or kind, row["code"].strip() or code
        category = made.categories.get((kind, code))
        trigger = row["trigger_zh"].strip()
        if category is None:
            made.findings.append(
                Finding("conditions.csv", number, True, f"没有类别 {code}", f"there is no category {code}")
            )
            continue
        if not trigger or any(each.trigger_zh == trigger for each in category.conditions):
            made.findings.append(
                Finding("conditions.csv", number, True, "立案条件为空或重复", "the condition is empty or there twice")
            )
            continue
        limit = _limit(made, number, row)
        category.conditions.append(
            ConditionRow(
                trigger,
                row["trigger_en"].strip() or trigger,
                row["limit_text"].strip(),
                limit,
                row["closing_zh"].strip(),
                row["closing_en"].strip(),
            )
        )


def parse_routes(rows: Iterable[Mapping[str, str]]) -> list[RouteRule]:
    """The lines of the routing table in their order."""
    return [
        RouteRule(
            code_set=row["code_set"],
            kind=row["kind"],
            category=row["category"].strip(),
            condition=int(row["condition"]) if row["condition"].strip() else None,
            area=row["area"].strip(),
            lead_kind=row["lead_kind"].strip(),
            level=row["level"].strip(),
            priority=int(row["priority"] or "50"),
            line=line,
        )
        for line, row in enumerate(rows, 1)
    ]


def _complaint(made: SetFile, kind: str, code: str, name: str) -> tuple[str, str] | None:
    if kind not in KINDS:
        return f"类型“{kind}”不是事件或部件", f"{kind!r} is neither event nor component"
    if not _CODE.fullmatch(code) or code[:2] not in made.majors[kind]:
        return f"编码“{code}”不属于任何大类", f"the code {code!r} belongs to no major category"
    if not name:
        return f"编码 {code} 没有名称", f"the code {code} has no name"
    if (kind, code) in made.categories:
        return f"编码 {code} 重复", f"the code {code} is there twice"
    return None


def _limit(made: SetFile, number: int, row: Mapping[str, str]) -> Limit | None:
    text = row["limit_text"].strip()
    said, stored = limittext.read(text), limittext.stored(row["limit_value"], row["limit_unit"])
    if said is None and stored is None:
        made.findings.append(Finding("conditions.csv", number, False, "没有处置时限", "there is no limit"))
    elif said is not None and stored is not None and said != stored:
        made.findings.append(
            Finding(
                "conditions.csv",
                number,
                False,
                f"文字写“{text}”，存储为 {stored}，以文字为准",
                f"the text says {text}, stored is {stored}; the text counts",
            )
        )
    return said or stored


def _read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
