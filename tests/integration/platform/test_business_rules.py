"""A business rule task is answered by the decision version in force at that moment, and leaves its record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bpmn import definitions, execution, rules
from bpmn.values import Actor

DEPLOYER, OTHER = Actor("system:test", system=True), Actor("2")
BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:gw="http://gridwhistle.org/schema/bpmn/1.0"
    targetNamespace="t" id="d">
  <process id="ruled" isExecutable="true">
    <startEvent id="Start"/>
    <sequenceFlow id="f1" sourceRef="Start" targetRef="Task_Decide"/>
    <businessRuleTask id="Task_Decide" name="定时限" gw:decision="limit"/>
    <sequenceFlow id="f2" sourceRef="Task_Decide" targetRef="End"/>
    <endEvent id="End"/>
  </process>
</definitions>"""


def _dmn(hours: int) -> bytes:
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="n" name="时限">'
        '<decision id="limit" name="处置时限"><decisionTable><input><inputExpression><text>grade</text>'
        "</inputExpression></input><output name='o'/><rule><inputEntry><text>1</text></inputEntry>"
        f"<outputEntry><text>{hours}</text></outputEntry></rule></decisionTable></decision></definitions>"
    ).encode()


def _run(session: Session, key: str, now: datetime) -> object:
    started = execution.start(session, "ruled", business_key=key, variables={"grade": 1}, actor=DEPLOYER, now=now)
    assert started.status == "completed"
    return started.variables["limit"]


def test_a_changed_rule_reaches_the_next_case_without_a_deployment(session: Session, now: datetime) -> None:
    files = {"ruled.bpmn": BPMN.encode(), "limits.dmn": _dmn(2)}
    definitions.deploy(session, "ruled", files, actor=DEPLOYER, now=now)
    assert _run(session, "HZ1", now) == 2
    version = rules.draft(session, "limits.dmn", _dmn(4), actor=DEPLOYER, now=now)
    rules.publish(session, version.id, actor=OTHER, now=now, valid_from=now + timedelta(hours=1))
    assert _run(session, "HZ2", now + timedelta(minutes=59)) == 2
    assert _run(session, "HZ3", now + timedelta(hours=1)) == 4
    session.flush()
    ((record, used),) = rules.records_of(session, "HZ3")
    assert (record.element_id, record.hits, used.version) == ("Task_Decide", [["处置时限", [1]]], 2)
