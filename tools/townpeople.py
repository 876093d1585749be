"""The demo town's accounts: every position at least once, people named by their role. No invented personal names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def make_people(
    street: str,
    district: str,
    communities: Sequence[str],
    departments: Sequence[tuple[str, str, str]],
    above: Sequence[tuple[str, str, str]],
) -> list[dict[str, Any]]:
    """About seventy accounts with their seats; `above` are the departments of the district."""
    people = _centre(street, district)
    people += _street_roles(street)
    people += _community_roles(street, communities)
    for kind, zh, en in departments:
        unit = f"{street}-{kind}"
        staff = 2 if kind in {"cg", "hw", "sz"} else 1
        name = _short(en)
        for n in range(1, staff + 1):
            people.append(_person(f"{kind}{n:02}", f"{zh} {n:02}", f"{name} {n:02}", "department_staff", unit))
        people.append(_person(f"{kind}-lead", f"{zh}负责人", f"{name} lead", "department_lead", unit))
    for kind, zh, en in above:
        name = en[0].upper() + en[1:]
        people.append(_person(f"d{kind}01", f"{zh} 01", f"{name} 01", "department_staff", f"{district}-{kind}"))
    for number, person in enumerate(people, 1):
        person["phone"] = f"1380000{number:04}"
    return people


def make_posts(street: str, communities: Sequence[str]) -> list[dict[str, Any]]:
    """The planned strength (编制) of the eight grid roles."""
    posts = [
        _post(street, "street_grid_leader", 1),
        _post(street, "street_grid_deputy", 4),
        _post(street, "grid_leader_liaison", 14),
        _post(street, "grid_assistant", 5),
    ]
    for number, community in enumerate(communities, 1):
        administrative = f"{street}-AG{number:02}"
        posts += [
            _post(community, "grid_head", 1),
            _post(community, "grid_deputy", 5),
            _post(administrative, "grid_officer", 2),
            _post(administrative, "grid_volunteer", 6),
        ]
    return posts


def _centre(street: str, district: str) -> list[dict[str, Any]]:
    """The supervision and command centre of the street, and those above it."""
    roles = (
        ("acceptor", "受理员", "Acceptor", 4),
        ("shiftleader", "值班长", "Shift leader", 2),
        ("dispatcher", "派遣员", "Dispatcher", 3),
        ("checker", "核查员", "Checker", 3),
        ("collector", "信息采集员", "Collector", 3),
    )
    keys = {"shiftleader": "shift_leader"}
    people = [
        _person(f"{name}{n:02}", f"{zh} {n:02}", f"{en} {n:02}", keys.get(name, name), street)
        for name, zh, en, count in roles
        for n in range(1, count + 1)
    ]
    people += [
        _person("supervisor01", "督查员 01", "Supervisor 01", "supervisor", street),
        _person("evaluator01", "考评员 01", "Evaluator 01", "evaluator", street),
        _person("leader01", "区领导 01", "District leader 01", "leader", district),
        _person("designer01", "流程设计员 01", "Process designer 01", "process_designer", district),
        _person("admin01", "系统管理员 01", "Administrator 01", "administrator", district),
    ]
    return people


def _street_roles(street: str) -> list[dict[str, Any]]:
    return [
        _person("gridleader01", "街道网格长 01", "Street grid leader 01", "street_grid_leader", street),
        _person("griddeputy01", "街道副网格长 01", "Deputy street grid leader 01", "street_grid_deputy", street),
        _person("liaison01", "网格领导 01", "Linked street official 01", "grid_leader_liaison", street),
        _person("assistant01", "网格助理 01", "Grid assistant 01", "grid_assistant", street),
    ]


def _community_roles(street: str, communities: Sequence[str]) -> list[dict[str, Any]]:
    """A grid officer in every administrative grid, heads in four communities, the full set in grid 03."""
    people = []
    for number, community in enumerate(communities, 1):
        grid = f"{street}-AG{number:02}"
        if number <= 4:
            people.append(
                _person(f"head{number:02}", f"网格长 {number:02}", f"Grid head {number:02}", "grid_head", community)
            )
        for which in range(1, 3 if number <= 3 else 2):
            label = f"{number:02}-{which}"
            people.append(_person(f"officer{label}", f"网格员 {label}", f"Grid officer {label}", "grid_officer", grid))
    for number in (1, 3):
        community, grid = communities[number - 1], f"{street}-AG{number:02}"
        people.append(
            _person(
                f"deputy{number:02}", f"副网格长 {number:02}", f"Deputy grid head {number:02}", "grid_deputy", community
            )
        )
        label = f"{number:02}-1"
        people.append(
            _person(f"volunteer{label}", f"网格协管员 {label}", f"Grid volunteer {label}", "grid_volunteer", grid)
        )
    return people


def _person(username: str, zh: str, en: str, position: str, unit: str) -> dict[str, Any]:
    seats = [{"position": position, "unit": unit}]
    return {"username": username, "zh": zh, "en": en, "seats": seats}


def _post(unit: str, position: str, planned: int) -> dict[str, Any]:
    return {"unit": unit, "position": position, "planned": planned}


def _short(en: str) -> str:
    name = en.removesuffix(" office").removesuffix(" squad").removesuffix(" station")
    return name[0].upper() + name[1:]
