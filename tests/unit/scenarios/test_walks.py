"""The scenario runner: what it notices, and what it lets happen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bpmn import scenarios

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:gw="http://gridwhistle.org/schema/bpmn/1.0" id="D" targetNamespace="t">
  <message id="Message_Paid" name="paid" />
  <process id="p" isExecutable="true">
    <startEvent id="Start"><outgoing>F1</outgoing></startEvent>
    <userTask id="Task_Ask" name="问" gw:candidateGroups="clerks" gw:excludedUsers="{asker}">
      <extensionElements><gw:listener event="complete" topic="note.down"><gw:parameter name="what" value="asked"/></gw:listener></extensionElements>
      <incoming>F1</incoming><outgoing>F2</outgoing></userTask>
    <boundaryEvent id="Timer_Late" attachedToRef="Task_Ask" cancelActivity="true"><outgoing>F6</outgoing>
      <timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT4H</timeDuration></timerEventDefinition></boundaryEvent>
    <exclusiveGateway id="Gateway_IsYes" default="F5"><incoming>F2</incoming><outgoing>F3</outgoing><outgoing>F5</outgoing></exclusiveGateway>
    <serviceTask id="Service_Pay" gw:topic="money.pay"><incoming>F3</incoming><outgoing>F4</outgoing></serviceTask>
    <boundaryEvent id="Error_Broke" attachedToRef="Service_Pay"><outgoing>F8</outgoing><errorEventDefinition errorRef="Error_1"/></boundaryEvent>
    <intermediateCatchEvent id="Catch_Paid"><incoming>F4</incoming><outgoing>F7</outgoing><messageEventDefinition messageRef="Message_Paid"/></intermediateCatchEvent>
    <endEvent id="End_Paid"><incoming>F7</incoming></endEvent>
    <endEvent id="End_No"><incoming>F5</incoming></endEvent>
    <endEvent id="End_Late"><incoming>F6</incoming></endEvent>
    <endEvent id="End_Broke"><incoming>F8</incoming></endEvent>
    <sequenceFlow id="F1" sourceRef="Start" targetRef="Task_Ask"/>
    <sequenceFlow id="F2" sourceRef="Task_Ask" targetRef="Gateway_IsYes"/>
    <sequenceFlow id="F3" sourceRef="Gateway_IsYes" targetRef="Service_Pay"><conditionExpression xsi:type="tFormalExpression">answer == 'yes'</conditionExpression></sequenceFlow>
    <sequenceFlow id="F4" sourceRef="Service_Pay" targetRef="Catch_Paid"/>
    <sequenceFlow id="F5" sourceRef="Gateway_IsYes" targetRef="End_No"/>
    <sequenceFlow id="F6" sourceRef="Timer_Late" targetRef="End_Late"/>
    <sequenceFlow id="F7" sourceRef="Catch_Paid" targetRef="End_Paid"/>
    <sequenceFlow id="F8" sourceRef="Error_Broke" targetRef="End_Broke"/>
  </process>
  <error id="Error_1" errorCode="BROKE"/>
</definitions>
"""  # noqa: E501 - a diagram
PEOPLE = {
    "clerk": {"user": "c", "groups": ["clerks"]},
    "asker": {"user": "a", "groups": ["clerks"]},
    "stranger": {"user": "s", "groups": []},
}
YES = {"at": "Task_Ask", "as": "clerk", "answer": {"answer": "yes"}}
PAID = {"message": "paid", "variables": {"amount": 5}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "p.bpmn").write_text(MODEL, "utf-8")
    return tmp_path


def problems(folder: Path, steps: list[Any], expect: dict[str, Any], **more: Any) -> tuple[str, ...]:
    content = {
        "name": "a walk",
        "process": "p",
        "start": {"variables": {"asker": "a"}},
        "handlers": {"money.pay": {"receipt": 1}},
        "steps": steps,
        "expect": expect,
        **more,
    }
    scenario = scenarios.read(Path("walk.json"), json.loads(json.dumps(content)), PEOPLE)
    return scenarios.run(scenarios.bundle_of(folder / "p"), scenario).problems


def test_a_walk_that_goes_as_it_says_has_no_problems(folder: Path) -> None:
    expect = {
        "path": ["Task_Ask", "Service_Pay", "End_Paid"],
        "end": "End_Paid",
        "never": ["End_No"],
        "told": ["note.down(what=asked)"],
        "variables": {"receipt": 1, "amount": 5},
    }
    assert (
        problems(folder, [{**YES, "refuses": ["asker", "stranger"]}, {"waiting_at": ["Catch_Paid"]}, PAID], expect)
        == ()
    )


@pytest.mark.parametrize(
    ("steps", "expect", "words"),
    [
        ([YES], {"end": "End_Paid"}, "waits at Catch_Paid"),
        ([YES, PAID], {"end": "End_No"}, "End_No was not reached"),
        ([YES], {"waiting_at": []}, "waits at Catch_Paid"),
        (
            [YES, PAID],
            {"end": "End_Paid", "path": ["Service_Pay", "Task_Ask"]},
            "Task_Ask is not reached in this order",
        ),
        ([YES, PAID], {"end": "End_Paid", "never": ["Service_Pay"]}, "Service_Pay was reached"),
        ([YES, PAID], {"end": "End_Paid", "told": ["clock.start"]}, "clock.start is not told"),
        ([YES, PAID], {"end": "End_Paid", "variables": {"amount": 6}}, "amount is 5, not 6"),
        ([{**YES, "as": "asker"}], {}, "asker may not answer"),
        ([{**YES, "as": "stranger"}], {}, "stranger may not answer"),
        ([{**YES, "refuses": ["clerk"]}], {}, "should be refused"),
        ([YES, YES], {}, "nobody is asked there"),
        ([PAID], {}, "nothing waits for this message"),
        ([{"clock": "accept"}], {}, "no timer waits for it"),
        ([{"fire": "Timer_Other"}], {}, "no longer waits"),
    ],
)
def test_every_difference_is_told(folder: Path, steps: list[Any], expect: dict[str, Any], words: str) -> None:
    found = problems(folder, steps, expect)
    assert any(words in problem for problem in found), found


def test_time_that_passes_fires_what_is_due_and_nothing_else(folder: Path) -> None:
    assert (
        problems(folder, [{"skip": "PT3H59M"}, {"waiting_at": ["Task_Ask"]}, {"skip": "PT1M"}], {"end": "End_Late"})
        == ()
    )


def test_a_handler_may_throw_a_business_error(folder: Path) -> None:
    assert problems(folder, [YES], {"end": "End_Broke"}, handlers={"money.pay": {"error": "BROKE"}}) == ()


def test_a_handler_may_answer_later(folder: Path) -> None:
    steps = [YES, {"waiting_at": ["Service_Pay"]}, {"job": "Service_Pay", "answer": {"receipt": 7}}, PAID]
    assert (
        problems(folder, steps, {"end": "End_Paid", "variables": {"receipt": 7}}, handlers={"money.pay": "later"}) == ()
    )


def test_a_handler_that_fails_opens_an_incident_and_is_told(folder: Path) -> None:
    found = problems(folder, [YES], {"waiting_at": ["Service_Pay"]}, handlers={"money.pay": {"fail": "no money"}})
    assert any("incident at Service_Pay" in problem for problem in found)


def test_a_handler_without_an_answer_is_told(folder: Path) -> None:
    found = problems(folder, [YES], {"end": "End_Paid"}, handlers={})
    assert any("money.pay" in problem for problem in found), found


@pytest.mark.parametrize(
    "change",
    [{"steps": [{"jump": 1}]}, {"expects": {}}, {"steps": [{"at": "Task_Ask", "as": "nobody"}]}, {"steps": 5}],
)
def test_a_file_that_says_something_unknown_is_refused(change: dict[str, Any]) -> None:
    content = {"name": "n", "process": "p", "steps": [], **change}
    with pytest.raises(scenarios.ScenarioError) as caught:
        scenarios.read(Path("walk.json"), content, PEOPLE)
    assert "walk.json" in caught.value.message("zh")


def test_coverage_names_what_no_walk_reached(folder: Path) -> None:
    walks = folder / "p" / "scenarios"
    walks.mkdir()
    walk = {
        "name": "n",
        "process": "p",
        "start": {"variables": {"asker": "a"}},
        "handlers": {"money.pay": {}},
        "steps": [YES, PAID],
        "expect": {"end": "End_Paid"},
    }
    (walks / "people.json").write_text(json.dumps(PEOPLE))
    (walks / "paid.json").write_text(json.dumps(walk))
    report = scenarios.run_folder(folder)
    assert [result.problems for result in report.results] == [()]
    assert report.coverage["p"].nodes_missing == ["End_Broke", "End_Late", "End_No", "Error_Broke", "Timer_Late"]
    assert report.coverage["p"].branches_missing == ["F5"]
    assert not report.is_passed
