"""People: who may administer them, adding, positions with days, closing an account."""

from __future__ import annotations

from tests.support.databases import TestDatabase
from tests.support.towns import NOW, person
from tests.web.conftest import SignedIn


def test_the_list_finds_people_by_name_position_and_unit(signed_in: SignedIn) -> None:
    admin = signed_in("admin01")
    assert "dispatcher02" in admin.get("/admin/people?q=派遣员").text
    assert "cg01" in admin.get("/admin/people?q=城管中队").text
    assert "没有符合的人员" in admin.get("/admin/people?q=无此人").text


def test_others_may_not_see_the_list(signed_in: SignedIn) -> None:
    assert signed_in("dispatcher01").get("/admin/people").status_code == 403
    assert signed_in("volunteer01-1").get("/admin/people").status_code == 403


def test_a_new_person_can_be_appointed_and_sign_in(signed_in: SignedIn, web_database: TestDatabase) -> None:
    admin = signed_in("admin01")
    form = {"username": "newcomer", "name_zh": "新来 01", "name_en": "", "password": "river-lamp-77", "language": "zh"}
    answer = admin.post("/admin/people", data=form)
    assert answer.status_code == 303
    with web_database.factory() as session:
        person_id = person(session, "newcomer").id
    page = admin.get(f"/admin/people/{person_id}").text
    assert "没有岗位" in page
    appointed = {"position": "dispatcher", "unit_code": "441302008", "first_on": NOW.date().isoformat()}
    assert admin.post(f"/admin/people/{person_id}/positions", data=appointed).status_code == 303
    assert "派遣员" in admin.get(f"/admin/people/{person_id}").text
    assert signed_in("newcomer").get("/").status_code == 200


def test_what_was_typed_stays_when_a_field_is_refused(signed_in: SignedIn) -> None:
    form = {
        "username": "No Spaces",
        "name_zh": "保留的名字",
        "name_en": "",
        "password": "river-lamp-77",
        "language": "zh",
    }
    answer = signed_in("admin01").post("/admin/people", data=form)
    assert answer.status_code == 422
    assert "保留的名字" in answer.text
    assert "小写字母" in answer.text


def test_a_taken_user_name_says_so(signed_in: SignedIn) -> None:
    form = {"username": "cg01", "name_zh": "另一个", "name_en": "", "password": "river-lamp-77", "language": "zh"}
    answer = signed_in("admin01").post("/admin/people", data=form)
    assert answer.status_code == 409
    assert "cg01" in answer.text


def test_days_the_wrong_way_round_are_refused_at_their_field(signed_in: SignedIn, web_database: TestDatabase) -> None:
    with web_database.factory() as session:
        person_id = person(session, "hw02").id
    form = {"position": "checker", "unit_code": "441302008", "first_on": "2026-12-01", "last_on": "2026-11-01"}
    answer = signed_in("admin01").post(f"/admin/people/{person_id}/positions", data=form)
    assert answer.status_code == 422
    assert "e-last_on" in answer.text


def test_closing_an_account_ends_its_sessions(signed_in: SignedIn, web_database: TestDatabase) -> None:
    leaving = signed_in("yl01")
    assert leaving.get("/").status_code == 200
    with web_database.factory() as session:
        person_id = person(session, "yl01").id
    admin = signed_in("admin01")
    assert admin.post(f"/admin/people/{person_id}/active", data={"active": "false"}).status_code == 303
    assert leaving.get("/").status_code in {303, 401}
    assert "已停用" in admin.get(f"/admin/people/{person_id}").text
    assert admin.post(f"/admin/people/{person_id}/active", data={"active": "true"}).status_code == 303


def test_a_position_ends_with_its_day(signed_in: SignedIn, web_database: TestDatabase) -> None:
    with web_database.factory() as session:
        person_id = person(session, "checker03").id
    admin = signed_in("admin01")
    page = admin.get(f"/admin/people/{person_id}").text
    membership = page.split("/positions/")[1].split("/end")[0]
    done = admin.post(f"/admin/people/{person_id}/positions/{membership}/end", data={"last_on": "2026-12-31"})
    assert done.status_code == 303
    assert "12月31日" in admin.get(f"/admin/people/{person_id}").text


def test_a_person_who_does_not_exist_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in("admin01").get("/admin/people/nobody").status_code == 404


def test_the_page_is_complete_in_english(signed_in: SignedIn) -> None:
    admin = signed_in("admin01")
    admin.set_cookie("language", "en")
    page = admin.get("/admin/people").text
    assert "Add a person" in page
    assert "添加" not in page
