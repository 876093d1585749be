"""The organisation page: tree, positions held and planned, grids, who may see it."""

from __future__ import annotations

from tests.web.conftest import SignedIn


def test_a_community_shows_its_eight_roles_and_its_grids(signed_in: SignedIn) -> None:
    page = signed_in("admin01").get("/admin/org?unit=441302008003").text
    for role in ("街道网格长", "街道副网格长", "网格领导", "网格助理", "网格长", "副网格长", "网格员", "网格协管员"):
        assert role in page
    assert "空缺" in page
    assert ".geojson" in page


def test_the_tree_opens_along_the_chosen_unit(signed_in: SignedIn) -> None:
    page = signed_in("dispatcher01").get("/admin/org?unit=441302008").text.split("<aside")[1]
    assert page.index("惠州市") < page.index("惠城区") < page.index("河南岸街道")
    assert "城管中队" in page


def test_a_person_lands_in_their_own_unit(signed_in: SignedIn) -> None:
    assert "<h1>城管中队</h1>" in signed_in("cg01").get("/admin/org").text


def test_units_are_found_by_name(signed_in: SignedIn) -> None:
    assert "马庄村" in signed_in("admin01").get("/admin/org?q=马庄").text


def test_volunteers_do_not_see_the_organisation(signed_in: SignedIn) -> None:
    assert signed_in("volunteer03-1").get("/admin/org").status_code == 403


def test_a_unit_that_does_not_exist_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in("admin01").get("/admin/org?unit=999999").status_code == 404


def test_the_map_holds_the_grids_of_the_plan_and_the_streets(signed_in: SignedIn) -> None:
    admin = signed_in("admin01")
    page = admin.get("/admin/org?unit=441302008003").text
    address = page.split('data-island="orgmap" data-url="')[1].split('"')[0]
    answer = admin.get(address)
    kinds = {feature["properties"]["kind"] for feature in answer.json["features"]}
    assert {"responsibility", "administrative", "road"} <= kinds
    assert answer.headers["Cache-Control"].startswith("private")
