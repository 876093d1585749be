"""Incidents: a sentence for people, a traceback for administrators, and trying again."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import definitions, execution, transactions
from bpmn.registry import HandlerContext, handler
from bpmn.tables import Incident
from bpmn.values import Variables
from handlers.org.seed import SEED
from tests.support.databases import TestDatabase
from tests.support.towns import NOW
from tests.web.conftest import SignedIn

FAILING = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="D" targetNamespace="t" xmlns:gw="http://gridwhistle.org/schema/bpmn/1.0">
  <process id="divides" name="Divides" isExecutable="true">
    <startEvent id="Start"><outgoing>A</outgoing></startEvent>
    <serviceTask id="Task_Divide" name="Divide" gw:topic="test.divide"><incoming>A</incoming><outgoing>B</outgoing>
    </serviceTask>
    <endEvent id="End"><incoming>B</incoming></endEvent>
    <sequenceFlow id="A" sourceRef="Start" targetRef="Task_Divide"/>
    <sequenceFlow id="B" sourceRef="Task_Divide" targetRef="End"/>
  </process>
</definitions>"""


@handler("test.divide")
def divide(parts: int, *, context: HandlerContext) -> Variables:
    """Fails when there is nothing to divide by."""
    return {"share": 1 / parts}


@pytest.fixture
def incident(case_process: TestDatabase, request: pytest.FixtureRequest) -> Incident:
    """An instance that cannot go on, because nothing can be divided by zero."""
    key = f"X-{request.node.name}"

    def work(session: Session) -> None:
        definitions.deploy(session, "divides", {"divides.bpmn": FAILING.encode()}, actor=SEED, now=NOW)
        execution.start(session, "divides", business_key=key, variables={"parts": 0}, actor=SEED, now=NOW)

    transactions.run(case_process.factory, work)
    with case_process.factory() as session:
        return session.scalars(select(Incident).where(Incident.business_key == key)).one()


def test_designers_read_the_sentence_and_the_traceback(signed_in: SignedIn, incident: Incident) -> None:
    page = signed_in("designer01").get("/admin/incidents").text
    assert incident.business_key in page
    assert incident.zh in page
    assert incident.traceback
    assert "ZeroDivisionError" in page.split("gw-trace")[1]


def test_a_supervisor_reads_the_sentence_but_no_traceback(signed_in: SignedIn, incident: Incident) -> None:
    page = signed_in("supervisor01").get("/admin/incidents").text
    assert incident.business_key in page
    assert "gw-trace" not in page
    assert "重试" not in page.split("<main")[1]
    refused = signed_in("supervisor01").post(f"/admin/incidents/{incident.id}/retry")
    assert refused.status_code == 403


def test_others_do_not_see_incidents(signed_in: SignedIn, incident: Incident) -> None:
    assert signed_in("cg01").get("/admin/incidents").status_code == 403


def test_trying_again_resolves_it_or_opens_a_new_one(signed_in: SignedIn, incident: Incident) -> None:
    designer = signed_in("designer01")
    assert designer.post(f"/admin/incidents/{incident.id}/retry").status_code == 303
    page = designer.get("/admin/incidents").text
    assert incident.business_key in page, "it failed again and stands there as a new incident"
    again = designer.post(f"/admin/incidents/{incident.id}/retry")
    assert again.status_code == 409
    assert designer.post("/admin/incidents/999999/retry").status_code == 404
    assert "已处理" in designer.get("/admin/incidents?all=1").text
