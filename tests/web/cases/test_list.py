"""The case list: only what a person may see, search, filters, paging, empty."""

from __future__ import annotations

from datetime import timedelta

from tests.support.databases import TestDatabase
from tests.support.towns import NOW
from tests.web.conftest import SignedIn
from tests.web.stage import reported


def test_people_of_the_street_see_its_cases_and_find_them(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process, address="唯一的地方 77 号")
    page = signed_in("dispatcher01").get("/cases?q=唯一的地方").text
    assert f"/cases/{number}" in page
    assert number[-4:] in page


def test_the_end_of_a_number_finds_the_case(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    assert f"/cases/{number}" in signed_in("dispatcher01").get(f"/cases?q={number[-6:]}").text


def test_a_volunteer_sees_only_what_they_reported(signed_in: SignedIn, case_process: TestDatabase) -> None:
    foreign = reported(case_process, "collector01")
    own = reported(case_process, "volunteer01-1")
    page = signed_in("volunteer01-1").get("/cases").text
    assert own in page
    assert foreign not in page


def test_another_department_sees_nothing_of_it(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    assert number not in signed_in("sj01").get("/cases").text


def test_filters_narrow_and_can_be_cleared(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    client = signed_in("acceptor01")
    assert number in client.get("/cases?status=reported").text
    page = client.get("/cases?status=dispatched&q=nothing-like-this").text
    assert "没有符合条件的案件" in page
    assert "看全部" in page


def test_long_lists_are_paged_and_a_tampered_position_is_refused(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    for minute in range(52):
        reported(case_process, "officer07-1", now=NOW - timedelta(minutes=minute), address="翻页路")
    client = signed_in("acceptor02")
    first = client.get("/cases?q=翻页路").text
    older = first.split('href="')[
        [("after=" in part.split('"')[0]) for part in first.split('href="')].index(True)
    ].split('"')[0]
    second = client.get(older.replace("&amp;", "&")).text
    assert "翻页路" in second
    assert "回到最新" in second
    assert client.get("/cases?after=zzz", headers={"Accept": "application/json"}).status_code == 422


def test_wildcards_mean_themselves(signed_in: SignedIn, case_process: TestDatabase) -> None:
    reported(case_process)
    assert "没有符合条件的案件" in signed_in("acceptor01").get("/cases?q=%25%25%25").text


def test_the_list_is_complete_in_english(signed_in: SignedIn, case_process: TestDatabase) -> None:
    reported(case_process)
    client = signed_in("acceptor01")
    client.set_cookie("language", "en")
    page = client.get("/cases").text
    assert "Reported by me" in page
    assert "待受理" not in page
