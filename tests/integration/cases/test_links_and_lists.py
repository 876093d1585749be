"""What a case is joined to, and how lists of cases are read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import true

from bpmn.errors import InvalidInputError, NotFoundError
from handlers.cases import links, queries
from handlers.cases.tables import Case
from tests.integration.cases.desk import PLACE, Desk


def test_a_case_is_joined_to_what_it_is_about_once(desk: Desk) -> None:
    number, actor = desk.report().number, desk.actor("officer01-1")
    for _ in range(2):
        links.add(desk.session, number, "household", "H-0102", actor=actor, now=desk.now, label="启明苑 3 栋 502")
    links.add(desk.session, number, "component", "4413020101000017", actor=actor, now=desk.now, relation="involves")
    assert [(link.kind, link.target) for link in links.of_case(desk.session, number)] == [
        ("household", "H-0102"),
        ("component", "4413020101000017"),
    ]
    assert links.cases_about(desk.session, "household", "H-0102") == [number]
    links.remove(desk.session, number, "household", "H-0102")
    assert links.cases_about(desk.session, "household", "H-0102") == []


@pytest.mark.parametrize(
    ("kind", "target", "relation"), [("planet", "x", "about"), ("place", " ", "about"), ("place", "x", "loves")]
)
def test_a_link_to_nothing_known_is_refused(desk: Desk, kind: str, target: str, relation: str) -> None:
    number = desk.report().number
    with pytest.raises(InvalidInputError):
        links.add(desk.session, number, kind, target, actor=desk.actor("cg01"), now=desk.now, relation=relation)


def test_a_case_is_not_joined_to_itself(desk: Desk) -> None:
    number = desk.report().number
    with pytest.raises(InvalidInputError):
        links.add(desk.session, number, "case", number, actor=desk.actor("cg01"), now=desk.now)


def test_pages_of_a_list_follow_each_other_without_gap_and_repeat(desk: Desk) -> None:
    numbers = []
    for step in range(7):
        desk.now += timedelta(seconds=step % 2)  # some in the same second
        numbers.append(desk.report(description=f"分页{step}").number)
    mine = Case.number.in_(numbers)
    seen: list[str] = []
    after = None
    while True:
        page = queries.page(desk.session, mine, limit=3, after=after)
        seen += [case.number for case in page.cases]
        if page.after is None:
            break
        after = page.after
    assert seen == sorted(numbers, reverse=True)


def test_a_search_takes_wildcards_as_they_are(desk: Desk) -> None:
    number = desk.report(address="南岸路100%门前").number
    desk.report(address="南岸路100号门前")
    found = queries.page(desk.session, true(), text="100%").cases
    assert [case.number for case in found] == [number]
    assert [case.number for case in queries.page(desk.session, true(), text=number[-6:]).cases][:1] == [number]


def test_counts_name_every_status(desk: Desk) -> None:
    numbers = [desk.report().number, desk.report(lat=PLACE["lat"] + 0.0001).number]
    counts = queries.counts(desk.session, Case.number.in_(numbers))
    assert counts["reported"] == 2
    assert counts["closed"] == 0


def test_related_cases_are_those_linked_and_those_near(desk: Desk) -> None:
    far = desk.report(lon=114.41, lat=23.075).number
    near = desk.report(category_code="0110", lat=PLACE["lat"] + 100 / 111_320).number
    case = desk.report()
    links.add(desk.session, case.number, "case", far, actor=desk.actor("cg01"), now=desk.now, relation="related")
    found = [item.case.number for item in queries.related(desk.session, case, now=desk.now)]
    assert far in found
    assert near in found
    assert case.number not in found


def test_an_unknown_number_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        queries.get(desk.session, "HZ209912310001")
