"""The case page: five answers, actions and refusals, diagram, timeline, and what it keeps from whom."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from handlers.cases import photos
from tests.support.databases import TestDatabase
from tests.support.towns import NOW
from tests.web.conftest import SignedIn
from tests.web.stage import answer, jpeg, reported, task_of, upload, viewer

JSON = {"Accept": "application/json"}


def page_of(client: FlaskClient, number: str) -> str:
    found = client.get(f"/cases/{number}")
    assert found.status_code == 200
    return found.text


def test_the_header_answers_the_five_questions(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process, description="三袋垃圾")
    page = page_of(signed_in("acceptor01"), number)
    for question in ("何时到期", "什么", "在哪", "谁", "为何在等"):
        assert question in page
    assert "剩 0:15" in page
    assert "三袋垃圾" in page
    assert "学府路 12 号前" in page
    assert "还没有人领取" in page


def test_whose_turn_it_is_gets_a_button_and_others_the_reason(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    task = task_of(case_process, number)
    assert f'href="/tasks/{task.id}"' in page_of(signed_in("acceptor01"), number)
    other = page_of(signed_in("dispatcher01"), number)
    assert f'href="/tasks/{task.id}"' not in other
    assert "不在您的队列" in other


def test_a_foreign_case_does_not_exist(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    stranger = signed_in("sj01")
    for path in ("", "/diagram.bpmn", "/diagram.json", "/map.json"):
        assert stranger.get(f"/cases/{number}{path}").status_code == 404
    assert stranger.get("/cases/HZ209901010001").status_code == 404


def test_a_visitor_is_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/cases/HZ202611220001").headers["Location"].startswith("/login")


def test_the_diagram_says_what_is_done_current_and_taken(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    answer(case_process, number, "acceptor01", {"outcome": "submit"})
    client = signed_in("shiftleader01")
    marks = client.get(f"/cases/{number}/diagram.json").json
    assert marks["states"]["Start_Reported"] == "done"
    assert marks["states"]["Task_Accept"] == "done"
    assert marks["states"]["Task_File"] == "current"
    assert "Task_Close" not in marks["states"]
    assert {"Flow_Reported", "Flow_NotSelfHandled", "Flow_Submit"} <= set(marks["flows"])
    assert "Flow_Refused" not in marks["flows"]
    assert marks["captions"]["Task_Accept"][0] == "受理员 01"
    xml = client.get(f"/cases/{number}/diagram.bpmn")
    assert xml.mimetype == "application/xml"
    assert b"BPMNShape" in xml.data


def test_the_phone_gets_the_steps_as_a_list(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    answer(case_process, number, "acceptor01", {"outcome": "submit"})
    steps = page_of(signed_in("shiftleader01"), number).split('class="gw-vsteps')[1].split("</ol>")[0]
    assert steps.index("采集上报") < steps.index("受理") < steps.index("aria-current") < steps.index("结案")


def test_what_comes_next_is_read_off_the_diagram(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    page = page_of(signed_in("acceptor01"), number)
    ahead = page.split("接下来")[1].split("</section>")[0]
    assert "不予受理" in ahead or "案件结束" in ahead
    assert "值班长" in ahead


def test_the_timeline_tells_who_did_what_and_quotes_their_words(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number = reported(case_process, description="占了半条路")
    page = page_of(signed_in("acceptor01"), number).split("data-timeline>")[1].split("</ol>")[0]
    assert "信息采集员 01" in page
    assert "<q>占了半条路</q>" in page


def test_a_volunteer_sees_progress_but_no_people(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process, "volunteer03-1")
    answer(case_process, number, "acceptor02", {"outcome": "submit"})
    page = page_of(signed_in("volunteer03-1"), number)
    main = page.split("<main")[1]
    assert "受理员 02" not in main
    assert "值班长 0" not in main
    marks = signed_in("volunteer03-1").get(f"/cases/{number}/diagram.json").json
    assert "受理员 02" not in str(marks)


def test_english_pages_are_english_but_for_names_of_the_town(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    client = signed_in("acceptor01")
    client.set_cookie("language", "en")
    page = page_of(client, number)
    assert "Why it waits" in page
    assert "0:15 left" in page
    for word in ("何时到期", "时限", "接下来", "待领取"):
        assert word not in page


def test_the_map_gives_position_grid_and_neighbours_the_person_may_see(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number, other = reported(case_process), reported(case_process)
    found = signed_in("acceptor01").get(f"/cases/{number}/map.json").json
    assert found["grid_code"].startswith("441302008-RG")
    assert found["geo_url"].endswith(".geojson")
    assert other in {each["number"] for each in found["others"]} or len(found["others"]) == 8
    volunteer = reported(case_process, "volunteer01-1")
    seen = signed_in("volunteer01-1").get(f"/cases/{volunteer}/map.json").json["others"]
    assert number not in {each["number"] for each in seen}


@pytest.fixture
def photo_id(case_process: TestDatabase) -> str:
    number = reported(case_process)
    with case_process.factory.begin() as session:
        actor = viewer(case_process, "collector01").actor()
        return photos.add(session, jpeg(), phase="before", actor=actor, now=NOW, case_number=number).id


def test_photos_are_served_to_those_who_see_the_case_and_kept_out_of_shared_caches(
    signed_in: SignedIn, photo_id: str
) -> None:
    answer = signed_in("acceptor01").get(f"/photos/{photo_id}", buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    small = signed_in("acceptor01").get(f"/photos/{photo_id}?size=small", buffered=True)
    assert len(small.data) < len(answer.data)


def test_photos_of_foreign_cases_do_not_exist(signed_in: SignedIn, client: FlaskClient, photo_id: str) -> None:
    assert signed_in("sj01").get(f"/photos/{photo_id}", buffered=True).status_code == 404
    assert signed_in("volunteer01-1").get(f"/photos/{photo_id}", buffered=True).status_code == 404
    assert client.get(f"/photos/{photo_id}", buffered=True).status_code == 303


def test_a_photo_that_waits_is_its_uploaders_alone(signed_in: SignedIn, case_process: TestDatabase) -> None:
    made = signed_in("collector01").post("/photos", data={"photo": upload(jpeg())})
    assert made.status_code == 201
    assert signed_in("collector01").get(made.json["url"], buffered=True).status_code == 200
    assert signed_in("acceptor01").get(made.json["url"], buffered=True).status_code == 404


def test_photos_are_added_only_to_cases_one_sees(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    given = {"photo": upload(jpeg()), "phase": "before"}
    assert signed_in("acceptor01").post(f"/cases/{number}/photos", data=given).status_code == 201
    given = {"photo": upload(jpeg())}
    assert signed_in("sj01").post(f"/cases/{number}/photos", data=given).status_code == 404
    given = {"photo": upload(jpeg()), "phase": "nonsense"}
    assert signed_in("acceptor01").post(f"/cases/{number}/photos", data=given, headers=JSON).status_code in {404, 422}


@pytest.mark.parametrize("phase", ["verify", "after", "check"])
def test_photos_of_a_step_come_only_with_its_task(signed_in: SignedIn, case_process: TestDatabase, phase: str) -> None:
    number = reported(case_process)
    given = {"photo": upload(jpeg()), "phase": phase}
    refused = signed_in("acceptor01").post(f"/cases/{number}/photos", data=given, headers=JSON)
    assert refused.status_code == 403
    assert "任务" in refused.json["detail"]
