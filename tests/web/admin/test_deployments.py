"""Deployments: what is refused and where it says so, versions, activation and retirement."""

from __future__ import annotations

import io
import zipfile

import pytest

from bpmn import definitions
from bpmn.scenarios.folders import files_of
from handlers import shipped
from tests.support.databases import TestDatabase
from tests.web.conftest import SignedIn
from tests.web.stage import upload

GOOD = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="D" targetNamespace="t">
  <process id="small_walk" name="Small walk" isExecutable="true">
    <startEvent id="Start"><outgoing>A</outgoing></startEvent>
    <userTask id="Task_Look" name="Look"><incoming>A</incoming><outgoing>B</outgoing></userTask>
    <endEvent id="End"><incoming>B</incoming></endEvent>
    <sequenceFlow id="A" sourceRef="Start" targetRef="Task_Look"/>
    <sequenceFlow id="B" sourceRef="Task_Look" targetRef="End"/>
  </process>
</definitions>"""
BROKEN = GOOD.replace(b"small_walk", b"broken_walk").replace(b'targetRef="End"', b'targetRef="Nowhere"')

pytestmark = pytest.mark.usefixtures("case_process")


def test_the_page_lists_versions_with_what_runs_on_them(signed_in: SignedIn) -> None:
    page = signed_in("designer01").get("/admin/deployments").text
    assert "case_handling" in page
    assert "v1" in page


def test_only_designers_and_administrators_may(signed_in: SignedIn) -> None:
    assert signed_in("dispatcher01").get("/admin/deployments").status_code == 403
    assert signed_in("cg01").post("/admin/deployments").status_code == 403


def test_a_broken_file_is_refused_with_the_element_named(signed_in: SignedIn) -> None:
    answer = signed_in("designer01").post("/admin/deployments", data={"files": upload(BROKEN, "broken_walk.bpmn")})
    assert answer.status_code == 422
    assert "broken_walk.bpmn:" in answer.text
    assert "没有任何改动" in answer.text
    assert "broken_walk" not in signed_in("designer01").get("/admin/deployments").text


def test_something_that_is_no_process_is_refused(signed_in: SignedIn) -> None:
    designer = signed_in("designer01")
    assert designer.post("/admin/deployments", data={}).status_code == 422
    answer = designer.post("/admin/deployments", data={"files": upload(b"\x00\x01 not xml", "x.bpmn")})
    assert answer.status_code == 422
    assert designer.post("/admin/deployments", data={"files": upload(b"PK broken", "x.zip")}).status_code == 422


def test_a_zip_with_a_folder_deploys_and_versions_go_up(signed_in: SignedIn) -> None:
    designer = signed_in("designer01")
    for round_ in (1, 2):
        content = GOOD.replace(b"Small walk", f"Small walk {round_}".encode())
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("small_walk/small_walk.bpmn", content)
        form = {"files": upload(archive.getvalue(), "small_walk.zip"), "activate": "true"}
        assert designer.post("/admin/deployments", data=form).status_code == 303
    page = designer.get("/admin/deployments").text
    section = page.split("small_walk", 1)[1]
    assert "v2" in section
    assert "已被取代" in section


def test_a_path_that_leads_outside_is_refused(signed_in: SignedIn) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../evil.bpmn", GOOD)
    answer = signed_in("designer01").post("/admin/deployments", data={"files": upload(archive.getvalue(), "a.zip")})
    assert answer.status_code == 422


def test_the_whole_shipped_folder_deploys_again_as_the_same(signed_in: SignedIn) -> None:
    files = files_of(shipped.path("case_handling"))
    form = {
        "files": [(io.BytesIO(content), f"case_handling/{path}") for path, content in files.items()],
        "activate": "true",
    }
    answer = signed_in("designer01").post("/admin/deployments", data=form)
    assert answer.status_code == 303
    page = signed_in("designer01").get("/admin/deployments").text
    assert page.count(">v1<") >= 1


def test_retiring_and_activating_a_version(signed_in: SignedIn, web_database: TestDatabase) -> None:
    designer = signed_in("designer01")
    content = GOOD.replace(b"small_walk", b"short_walk")
    form = {"files": upload(content, "short_walk.bpmn"), "activate": "true"}
    assert designer.post("/admin/deployments", data=form).status_code == 303
    page = designer.get("/admin/deployments").text.split("short_walk", 1)[1]
    retire = "/admin/deployments/" + page.split("/admin/deployments/")[1].split('"')[0]
    assert retire.endswith("/retire")
    assert designer.post(retire).status_code == 303
    assert designer.post(retire.replace("/retire", "/activate")).status_code == 303
    assert designer.post("/admin/deployments/nothing/retire").status_code == 404


def packed(*entries: tuple[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in entries:
            made.writestr(path, content)
    return archive.getvalue()


@pytest.mark.parametrize("path", ["../../x.py", "/etc/x.bpmn", "a/./b.bpmn", "setup.exe"])
def test_an_entry_that_cannot_be_deployed_is_named_and_refuses_the_whole(signed_in: SignedIn, path: str) -> None:
    archive = packed(("small_walk.bpmn", GOOD.replace(b"small_walk", b"never_there")), (path, b"x"))
    designer = signed_in("designer01")
    answer = designer.post("/admin/deployments", data={"files": upload(archive, "a.zip")})
    assert answer.status_code == 422
    assert path in answer.text
    assert "never_there" not in designer.get("/admin/deployments").text


def test_two_files_of_one_path_are_refused_by_name(signed_in: SignedIn) -> None:
    form = {"files": [upload(GOOD, "twice.bpmn"), upload(GOOD.replace(b"Look", b"See"), "twice.bpmn")]}
    answer = signed_in("designer01").post("/admin/deployments", data=form)
    assert answer.status_code == 422
    assert "“twice.bpmn”出现了不止一次" in answer.text


def test_documents_scenarios_and_what_systems_leave_in_a_zip_stay_out(
    signed_in: SignedIn, web_database: TestDatabase
) -> None:
    content = GOOD.replace(b"small_walk", b"lone_walk")
    beside = [("w/README.md", b"#"), ("w/.DS_Store", b"\0"), ("w/scenarios/a.json", b"{}")]
    archive = packed(("w/lone_walk.bpmn", content), *beside)
    form = {"files": upload(archive, "w.zip"), "activate": "true"}
    assert signed_in("designer01").post("/admin/deployments", data=form).status_code == 303
    with web_database.factory() as session:
        definition = definitions.active(session, "lone_walk")
        assert list(definitions.files_of(session, definition.deployment_id)) == ["lone_walk.bpmn"]


def test_a_damaged_archive_is_told_as_that(signed_in: SignedIn) -> None:
    whole = packed(("small_walk.bpmn", GOOD))
    start = whole.index(b"small_walk.bpmn") + len("small_walk.bpmn")
    broken_stream = whole[:start] + b"\xff" * 20 + whole[start + 20 :]
    for damaged in (broken_stream, whole[: len(whole) // 2], b"PK broken"):
        answer = signed_in("designer01").post("/admin/deployments", data={"files": upload(damaged, "a.zip")})
        assert answer.status_code == 422
        assert "压缩包已损坏" in answer.text
