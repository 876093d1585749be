"""Taking in reports: what is refused and how, what is kept, and numbers under concurrency."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn import transactions
from bpmn.errors import InvalidInputError
from bpmn.tables import ProcessInstance
from handlers import cases
from handlers.cases import contacts, numbers, photos
from handlers.cases.tables import Case, CaseCounter
from handlers.errors import SubmissionReusedError
from tests.integration.cases.conftest import START
from tests.integration.cases.desk import PLACE, Desk
from tests.support.databases import TestDatabase
from tests.support.towns import viewer
from tests.unit.cases import pictures

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("fields", "field", "zh", "en"),
    [
        ({"category_code": "9999"}, "category_code", "没有编码", "no category"),
        ({"category_code": "' OR 1=1 --"}, "category_code", "没有编码", "no category"),
        ({"kind": "service"}, "category_code", "没有编码", "no category"),
        ({"occurred_at": START + timedelta(hours=1)}, "occurred_at", "不能晚于现在", "future"),
        ({"occurred_at": START - timedelta(days=800)}, "occurred_at", "超过一年", "more than a year"),
        ({"occurred_at": datetime(2026, 11, 19, 8, 0)}, "occurred_at", "时区", "time zone"),  # noqa: DTZ001 - on purpose
        ({"lon": 116.4, "lat": 39.9}, "position", "不在本街道", "outside the town"),
        ({"lon": float("nan")}, "position", "不在本街道", "outside the town"),
        ({"lon": 999.0, "lat": -999.0}, "position", "不在本街道", "outside the town"),
        ({"description": "长" * 2001}, "description", "最多 2000 字", "2000 characters"),
        ({"title": "标" * 101}, "title", "最多 100 字", "100 characters"),
        ({"description": "a\x00b"}, "description", "不可显示", "cannot be shown"),
        ({"source": "press"}, "source", "来源", "source"),
        ({"urgency": "extreme"}, "urgency", "紧急程度", "urgency"),
        ({"accuracy_m": -5.0}, "accuracy_m", "精度", "accuracy"),
        ({"self_handled": True, "result": "已清"}, "photos", "处置前和处置后", "before and after"),
        ({"self_handled": True}, "result", "怎样处置", "how it was solved"),
        ({"photo_ids": ("no-such-photo",)}, "photos", "没有传到", "did not arrive"),
        ({"duplicate_of": "HZ000000000000"}, "duplicate_of", "相似案件", "similar case"),
    ],
)
def test_what_cannot_be_a_case_is_refused_at_its_field(
    desk: Desk, fields: dict[str, Any], field: str, zh: str, en: str
) -> None:
    before = desk.session.scalar(select(func.count()).select_from(ProcessInstance))
    with pytest.raises(InvalidInputError) as caught, desk.session.begin_nested():
        desk.report(**fields)
    assert any(zh in text for text in caught.value.fields("zh")[field])
    assert any(en in text for text in caught.value.fields("en")[field])
    assert desk.session.scalar(select(func.count()).select_from(ProcessInstance)) == before


def test_all_complaints_come_at_once(desk: Desk) -> None:
    with pytest.raises(InvalidInputError) as caught:
        desk.report(category_code="x", lon=0.0, lat=0.0, occurred_at=START + timedelta(days=1))
    assert set(caught.value.facts["fields"]) == {"category_code", "position", "occurred_at"}


def test_a_report_finds_its_grid_and_its_title(desk: Desk) -> None:
    case = desk.report(address="启明苑北门外")
    assert case.street_code == "441302008"
    assert case.responsibility_grid is not None
    assert case.administrative_grid == "441302008-AG01"
    assert case.community_code == "441302008001"
    assert case.title == f"{case.category_name}，启明苑北门外"
    assert desk.report(description="装修垃圾占道，约 2 立方米", address="启明苑").title.endswith("，装修垃圾占道")
    assert desk.report().title == case.category_name
    desk.number = case.number
    assert case.code_set
    assert desk.waiting_at == ["Task_Accept"]


def test_a_contact_is_stored_encrypted(desk: Desk) -> None:
    case = desk.report("acceptor01", source="hotline", reporter_name="王女士", reporter_contact="13812345678")
    assert case.reporter_contact is not None
    assert b"138" not in case.reporter_contact
    assert contacts.decrypt(case.reporter_contact) == "13812345678"


def test_a_report_sent_twice_is_one_case(desk: Desk) -> None:
    first = desk.report(submission_id="device-7/0001")
    again = desk.report(submission_id="device-7/0001")
    assert again.number == first.number
    with pytest.raises(SubmissionReusedError) as refusal:
        desk.report(submission_id="device-7/0001", description="other words")
    assert first.number in refusal.value.message("zh")
    assert desk.session.scalar(select(func.count()).where(Case.submission_id == "device-7/0001")) == 1
    with pytest.raises(InvalidInputError):
        desk.report("officer02-1", submission_id="device-7/0001")


def test_photos_go_with_the_report_of_their_uploader_only(desk: Desk) -> None:
    mine = photos.add(desk.session, pictures.jpeg(), phase="before", actor=desk.actor("officer01-1"), now=desk.now)
    with pytest.raises(InvalidInputError), desk.session.begin_nested():
        desk.report("officer02-1", photo_ids=(mine.id,))
    case = desk.report("officer01-1", photo_ids=(mine.id,))
    assert [photo.id for photo in photos.of_case(desk.session, case.number)] == [mine.id]
    assert desk.timeline[0].detail["photos"] == [mine.id]
    assert "照片 1 张" in desk.timeline[0].zh


def test_a_self_handled_case_is_reviewed_and_closed_by_the_grid(desk: Desk) -> None:
    actor = desk.actor("officer01-1")
    before = photos.add(desk.session, pictures.jpeg(), phase="before", actor=actor, now=desk.now)
    after = photos.add(desk.session, pictures.jpeg(color="green"), phase="after", actor=actor, now=desk.now)
    desk.report(self_handled=True, result="已扶正摆齐", photo_ids=(before.id,), photo_ids_after=(after.id,))
    assert desk.waiting_at == ["Task_ReviewSelfHandled"]
    desk.answer("Task_ReviewSelfHandled", "acceptor01", outcome="close")
    case = desk.case
    assert (case.status, case.closing_level, case.handled_by) == ("closed", "grid", actor.user_id)
    assert desk.clock("accept").status == "stopped"


def test_a_self_handled_case_that_is_not_solved_goes_the_usual_way(desk: Desk) -> None:
    actor = desk.actor("officer01-1")
    taken = [
        photos.add(desk.session, pictures.jpeg(color=color), phase="before", actor=actor, now=desk.now).id
        for color in ("red", "blue")
    ]
    desk.report(self_handled=True, result="已处理", photo_ids=(taken[0],), photo_ids_after=(taken[1],))
    desk.answer("Task_ReviewSelfHandled", "acceptor01", outcome="reopen", reason="照片看不出")
    assert desk.waiting_at == ["Task_Accept"]
    assert not desk.case.self_handled


def test_similar_cases_nearby_are_suggested_by_distance_category_and_time(desk: Desk) -> None:
    old = desk.report()
    desk.now += timedelta(days=15)
    near = desk.report(lat=PLACE["lat"] + 20 / 111_320)
    desk.report(lat=PLACE["lat"] + 90 / 111_320)
    desk.report(category_code="0110")
    found = cases.nearby(desk.session, PLACE["lon"], PLACE["lat"], "0136", desk.now)
    assert [item.case.number for item in found] == [near.number]
    assert found[0].distance_m == pytest.approx(20, abs=0.5)
    assert old.number not in {item.case.number for item in found}


# --- numbers --------------------------------------------------------------------------------------------------------


def test_numbers_count_by_the_local_day(session: Session) -> None:
    evening = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
    assert numbers.take(session, now=evening, prefix="QA") == "QA202611200001"
    assert numbers.take(session, now=evening, prefix="QA") == "QA202611200002"
    assert numbers.take(session, now=evening + timedelta(minutes=2), prefix="QA") == "QA202611210001"


def test_the_daily_sequence_grows_past_four_digits(session: Session, now: datetime) -> None:
    session.add(CaseCounter(prefix="QB", counted_on=now.date(), last=9999))
    session.flush()
    assert numbers.take(session, now=now, prefix="QB") == "QB2026112210000"


def test_fifty_reports_at_once_get_fifty_numbers_and_fifty_processes(case_town: TestDatabase) -> None:
    with case_town.factory() as session:
        actor = viewer(session, "officer01-1", START).actor()
    report = cases.Report(category_code="0136", **PLACE)

    def send(number: int) -> str:
        mine = replace(report, submission_id=f"burst-{number:04d}")
        return transactions.run(
            case_town.factory, lambda session: cases.report(session, mine, actor=actor, now=START).number
        )

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(send, range(50)))
    assert len(set(found)) == 50
    sequences = sorted(int(re.fullmatch(r"HZ20261120(\d{4,})", number)[1]) for number in found)  # type: ignore[index]
    assert sequences[-1] - sequences[0] == 49
    with case_town.factory() as session:
        instances = session.scalars(select(ProcessInstance.business_key).where(ProcessInstance.business_key.in_(found)))
        assert sorted(instances) == sorted(found)


def test_reports_from_two_processes_never_share_a_number(case_town: TestDatabase) -> None:
    command = [sys.executable, "-m", "tests.integration.cases.burst", case_town.url]
    running = [
        subprocess.Popen([*command, username, "25", prefix], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for username, prefix in (("officer01-1", "process-one"), ("officer01-2", "process-two"))
    ]
    found = [line for process in running for line in process.communicate(timeout=120)[0].split()]
    assert [process.returncode for process in running] == [0, 0]
    assert len(found) == 50
    assert sorted(int(number[-4:]) for number in found) == list(range(1, 51))
