"""Reporting over HTTP: the plain form, the phone's request with its key, bad input at its field."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from handlers.cases import additions, states
from handlers.cases.tables import Case, CaseEvent, Photo
from tests.support.databases import TestDatabase
from tests.support.towns import person
from tests.web.conftest import SignedIn
from tests.web.stage import CATEGORY, PLACE, jpeg, multipart, reported, upload

JSON = {"Accept": "application/json"}


def form(**changes: object) -> dict[str, object]:
    return {
        "category": f"event:{CATEGORY}",
        "lon": str(PLACE[0]),
        "lat": str(PLACE[1]),
        "address": "学府路 12 号前",
        "urgency": "normal",
        "description": "路边有一堆垃圾",
        **changes,
    }


def count(database: TestDatabase) -> int:
    with database.factory() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def test_a_plain_form_with_a_photo_becomes_a_case(signed_in: SignedIn, case_process: TestDatabase) -> None:
    collector = signed_in("collector01")
    answer = collector.post("/report", data=form(photos=upload(jpeg())))
    assert answer.status_code == 303
    number = answer.headers["Location"].rpartition("/")[2]
    assert re.fullmatch(r"HZ20261122\d{4,}", number)
    page = collector.get(answer.headers["Location"]).text
    assert "学府路 12 号前" in page
    assert "/photos/" in page
    assert f"已上报，案号 {number}" in page


def test_the_same_key_twice_is_one_case(signed_in: SignedIn, case_process: TestDatabase) -> None:
    collector = signed_in("collector02")
    headers = {**JSON, "Idempotency-Key": "3b0f6f62-55d5-4d0a-8a2b-000000000001"}
    first = collector.post("/report", data=form(photos=upload(jpeg("#123456"))), headers=headers)
    assert first.status_code == 201
    before = count(case_process)
    second = collector.post("/report", data=form(photos=upload(jpeg("#123456"))), headers=headers)
    assert second.status_code == 201
    assert second.json["number"] == first.json["number"]
    assert count(case_process) == before
    with case_process.factory() as session:
        kept = select(func.count()).select_from(Photo).where(Photo.case_number == first.json["number"])
        assert session.scalar(kept) == 1


def test_every_bad_field_is_told_and_nothing_is_written(signed_in: SignedIn, case_process: TestDatabase) -> None:
    collector, before = signed_in("collector01"), count(case_process)
    bad = form(category="event:9999", urgency="very", description="x" * 3000, lon="120.0", lat="30.0")
    answer = collector.post("/report", data=bad, headers=JSON)
    assert answer.status_code == 422
    assert {"category_code", "urgency", "description", "position"} <= set(answer.json["errors"])
    assert count(case_process) == before


def test_the_plain_form_comes_back_with_what_was_typed(signed_in: SignedIn, case_process: TestDatabase) -> None:
    answer = signed_in("collector01").post("/report", data=form(lon="120.0", lat="30.0", description="不能丢的话"))
    assert answer.status_code == 422
    assert "不能丢的话" in answer.text
    assert "不在本街道范围内" in answer.text


def test_a_position_that_is_no_number_is_refused_at_its_field(signed_in: SignedIn, case_process: TestDatabase) -> None:
    for text in ("abc", "nan", "inf", ""):
        answer = signed_in("collector01").post("/report", data=form(lon=text), headers=JSON)
        assert answer.status_code == 422, text
        assert {"lon", "position"} & set(answer.json["errors"]), text


def test_a_script_called_png_is_refused(signed_in: SignedIn, case_process: TestDatabase) -> None:
    before = count(case_process)
    script = upload(b"<script>alert(1)</script>", "photo.png")
    answer = signed_in("collector01").post("/report", data=form(photos=script), headers=JSON)
    assert answer.status_code == 422
    assert "不是照片" in answer.json["errors"]["photo"][0]
    assert count(case_process) == before


def test_a_photo_of_40_mb_is_refused_with_its_size(signed_in: SignedIn, case_process: TestDatabase) -> None:
    huge = upload(b"\xff\xd8\xff" + b"\x00" * (40 * 1024 * 1024))
    answer = signed_in("collector01").post("/report", **multipart(form(photos=huge)), headers=JSON)
    assert answer.status_code in {413, 422}
    assert answer.json["detail"]


def test_too_many_photos_are_refused(signed_in: SignedIn, case_process: TestDatabase) -> None:
    many = [upload(jpeg(size=(8, 8))) for _ in range(12)]
    answer = signed_in("collector01").post("/report", data=form(photos=many), headers=JSON)
    assert answer.status_code == 422
    assert "photos" in answer.json["errors"]


def test_a_problem_solved_on_the_spot_needs_both_photos(signed_in: SignedIn, case_process: TestDatabase) -> None:
    collector = signed_in("collector03")
    refused = collector.post("/report", data=form(self_handled="true", photos=upload(jpeg())), headers=JSON)
    assert refused.status_code == 422
    both = form(self_handled="true", photos=upload(jpeg()), photos_after=upload(jpeg("#eeeeee")), description="已清走")
    accepted = collector.post("/report", data=both, headers=JSON)
    assert accepted.status_code == 201
    assert "自行处置" in collector.get(accepted.json["url"]).text


def test_a_volunteer_reports_but_solves_nothing_alone(signed_in: SignedIn, case_process: TestDatabase) -> None:
    volunteer = signed_in("volunteer03-1")
    page = volunteer.get("/report").text
    assert json.loads(page.split("data-report")[1].split(">", 1)[1].split("</script>")[0])["can_self_handle"] is False
    made = volunteer.post("/report", data=form(), headers=JSON)
    assert made.status_code == 201
    with case_process.factory() as session:
        assert session.get_one(Case, made.json["number"]).source == "resident"
    alone = form(self_handled="true", photos=upload(jpeg()), photos_after=upload(jpeg("#eeeeee")))
    refused = volunteer.post("/report", data=alone, headers=JSON)
    assert refused.status_code == 422
    assert "self_handled" in refused.json["errors"]


def test_photos_join_a_case_that_was_reported_already(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process, "officer01-1", lon=PLACE[0] + 0.0001)
    before = count(case_process)
    answer = signed_in("volunteer01-1").post(
        "/report/same", data=form(number=number, photos=upload(jpeg("#00aa00"))), headers=JSON
    )
    assert answer.status_code == 201
    assert count(case_process) == before
    with case_process.factory() as session:
        tags = session.scalars(select(CaseEvent.tag).where(CaseEvent.case_number == number)).all()
    assert "case:same" in tags
    assert answer.json == {"number": number}


def same_lines(database: TestDatabase, number: str) -> list[CaseEvent]:
    with database.factory() as session:
        lines = select(CaseEvent).where(CaseEvent.case_number == number, CaseEvent.tag == "case:same")
        return list(session.scalars(lines))


@pytest.mark.parametrize("username", ["sj01", "volunteer01-1", "admin01", "head02"])
def test_saying_the_same_problem_shows_nothing_of_the_case(
    signed_in: SignedIn, case_process: TestDatabase, username: str
) -> None:
    number, client = reported(case_process), signed_in(username)
    assert client.get(f"/cases/{number}").status_code == 404
    answer = client.post("/report/same", data=form(number=number, photos=upload(jpeg())), headers=JSON)
    assert answer.status_code == 201
    assert answer.json == {"number": number}
    assert client.get(f"/cases/{number}").status_code == 404
    assert client.get(f"/cases/{number}/map.json").status_code == 404


def test_who_sees_the_case_is_led_to_it(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    answer = signed_in("acceptor01").post("/report/same", data=form(number=number), headers=JSON)
    assert answer.json["url"] == f"/cases/{number}"
    assert answer.json["title"]


def test_words_of_a_second_reporter_are_kept_and_not_shown_to_the_first(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number = reported(case_process, "volunteer03-1")
    data = form(number=number, description="又堆高了一米")
    assert signed_in("volunteer01-1").post("/report/same", data=data, headers=JSON).status_code == 201
    (line,) = same_lines(case_process, number)
    assert (line.zh, line.en, line.is_public) == ("又有人上报同一件", "Reported again", False)
    assert "又堆高了一米" not in signed_in("volunteer03-1").get(f"/cases/{number}").text
    assert "又堆高了一米" in signed_in("acceptor01").get(f"/cases/{number}").text


def test_neither_words_nor_a_photo_is_no_report(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    data = form(number=number, description="  ")
    answer = signed_in("volunteer01-1").post("/report/same", data=data, headers=JSON)
    assert answer.status_code == 422
    assert "photos" in answer.json["errors"]
    assert same_lines(case_process, number) == []


def test_the_same_words_sent_again_are_one_line_and_one_person_has_an_end(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number, client = reported(case_process), signed_in("volunteer01-1")
    for key in ("same-key-1", "same-key-1", "same-key-2"):
        data = form(number=number, photos=upload(jpeg("#010203")))
        answer = client.post("/report/same", data=data, headers={**JSON, "Idempotency-Key": key})
        assert answer.status_code == 201
    assert len(same_lines(case_process, number)) == 2
    statuses = [client.post("/report/same", data=form(number=number), headers=JSON).status_code for _ in range(5)]
    assert statuses == [201, 201, 201, 409, 409]
    assert len(same_lines(case_process, number)) == additions.MOST


@pytest.mark.parametrize("status", sorted(states.ENDED))
def test_a_case_that_has_ended_takes_nothing_more(signed_in: SignedIn, case_process: TestDatabase, status: str) -> None:
    number = reported(case_process)
    with case_process.factory.begin() as session:
        session.get_one(Case, number).status = status
    client = signed_in("acceptor01")
    answer = client.post("/report/same", data=form(number=number, photos=upload(jpeg())), headers=JSON)
    assert answer.status_code == 409
    assert "请重新上报" in answer.json["detail"]
    assert client.post(f"/cases/{number}/photos", data={"photo": upload(jpeg())}, headers=JSON).status_code == 409
    query = f"/report/nearby.json?lon={PLACE[0]}&lat={PLACE[1]}&category={CATEGORY}&kind=event"
    assert number not in {each["number"] for each in client.get(query).json["cases"]}


def test_a_far_away_case_cannot_be_joined(signed_in: SignedIn, case_process: TestDatabase) -> None:
    number = reported(case_process)
    far = form(number=number, lon=str(PLACE[0] + 0.01), photos=upload(jpeg()))
    assert signed_in("volunteer01-1").post("/report/same", data=far, headers=JSON).status_code == 404


def test_the_categories_carry_codes_limits_and_pinyin(signed_in: SignedIn, case_process: TestDatabase) -> None:
    document = signed_in("collector01").get("/report/categories.json").json
    assert len(document["categories"]) > 100
    entry = next(each for each in document["categories"] if each["code"] == CATEGORY and each["kind"] == "event")
    assert entry["initials"][0].isascii()
    assert entry["limit"]


def test_the_grid_of_a_position_is_named(signed_in: SignedIn, case_process: TestDatabase) -> None:
    inside = signed_in("collector01").get(f"/report/locate.json?lon={PLACE[0]}&lat={PLACE[1]}").json
    assert inside["ok"]
    assert "河南岸街道" in inside["area"]
    outside = signed_in("collector01").get("/report/locate.json?lon=120&lat=30").json
    assert not outside["ok"]
    assert signed_in("collector01").get("/report/locate.json?lon=x&lat=30", headers=JSON).status_code == 422


def test_similar_cases_nearby_are_suggested_without_telling_too_much(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    number = reported(case_process, "collector01", photo_ids=())
    query = f"/report/nearby.json?lon={PLACE[0]}&lat={PLACE[1]}&category={CATEGORY}&kind=event"
    seen = signed_in("collector02").get(query).json["cases"]
    assert number in {each["number"] for each in seen} or len(seen) == 3
    guest = signed_in("volunteer03-1").get(query).json["cases"]
    assert all(each["thumbnail"] is None and each["who"] == "" for each in guest)


def test_visitors_are_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/report").status_code == 303
    assert client.post("/report", data=form(), headers=JSON).status_code in {400, 401}


def test_the_reporter_is_kept_as_a_person_not_as_text(signed_in: SignedIn, case_process: TestDatabase) -> None:
    answer = signed_in("officer03-1").post("/report", data=form(), headers=JSON)
    with case_process.factory() as session:
        case = session.get_one(Case, answer.json["number"])
        assert case.reporter_id == person(session, "officer03-1").id
        assert case.source == "collector"


def test_the_worker_and_the_page_need_no_foreign_host(signed_in: SignedIn, case_process: TestDatabase) -> None:
    collector = signed_in("collector01")
    worker = collector.get("/report/worker.js", buffered=True)
    assert worker.status_code == 200
    assert worker.headers["Service-Worker-Allowed"] == "/report"
    assert "http" not in worker.text.replace("http-", "")
    assert "https://" not in collector.get("/report").text


def test_an_upload_is_read_only_as_far_as_it_may_be_long(signed_in: SignedIn, case_process: TestDatabase) -> None:
    given = multipart({"photo": upload(b"x" * (11 * 1024 * 1024))})
    answer = signed_in("collector01").post("/photos", **given, headers=JSON)
    assert answer.status_code == 422
    assert "10 MB" in answer.json["errors"]["photo"][0]


def test_a_field_that_the_form_does_not_ask_is_refused_by_name(signed_in: SignedIn, case_process: TestDatabase) -> None:
    collector, before = signed_in("collector01"), count(case_process)
    for extra in ({"source": "hotline"}, {"number": "HZ1"}, {"colour": "red"}, {"film": upload(jpeg())}):
        answer = collector.post("/report", data=form(**extra), headers=JSON)
        assert answer.status_code == 422
        assert set(answer.json["errors"]) == set(extra)
    page = collector.post("/report", data=form(colour="red", csrf_token="x"))
    assert page.status_code == 422
    assert "没有“colour”这一项" in page.text
    assert count(case_process) == before
    assert collector.post("/report", data=form(csrf_token="x")).status_code == 303


def test_a_used_key_with_other_content_is_refused_and_drops_no_words(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    collector = signed_in("collector02")
    headers = {**JSON, "Idempotency-Key": "3b0f6f62-55d5-4d0a-8a2b-000000000017"}
    data = form(photos=upload(jpeg("#171717")))
    assert collector.post("/report", data=data, headers=headers).status_code == 201
    before = count(case_process)
    for changes in ({"description": "又多了一堆"}, {"urgency": "danger"}, {"photos": upload(jpeg("#717171"))}):
        other = form(**{"photos": upload(jpeg("#171717")), **changes})
        answer = collector.post("/report", data=other, headers=headers)
        assert answer.status_code == 422, changes
        assert answer.json["code"] == "idempotency-key-reused"
        assert "submission_id" in answer.json["errors"]
    assert count(case_process) == before


def test_the_plain_form_sent_again_with_other_words_comes_back_with_them(
    signed_in: SignedIn, case_process: TestDatabase
) -> None:
    collector, key = signed_in("collector02"), "plain-form-key-17"
    assert collector.post("/report", data=form(submission_id=key)).status_code == 303
    refused = collector.post("/report", data=form(submission_id=key, description="不能丢的第二句"))
    assert refused.status_code == 422
    assert "不能丢的第二句" in refused.text
    assert "内容与这次不同" in refused.text
    assert key not in refused.text
