"""User tasks, scripts, jobs and decisions."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bpmn.engine.contract import PENDING, IncidentWait, JobWait, UserTaskWait
from bpmn.engine.memory import MemoryHost
from bpmn.errors import BpmnError, VariableError, WaitClosedError
from tests.unit.engine.models import compiled, flows, refusals, run, timer

_NOT_JSON: list[dict[str, object]] = [
    {"x": Decimal("1.5")},
    {"x": datetime(2026, 11, 22, tzinfo=UTC)},
    {"x": [float("inf")]},
    {"x": "\x00"},
    {"x": "\ud800"},
    {1: "x"},
    {"": 1},
    {"case": {}},
    {"_hidden": 1},
    {"x": "a" * 300_000},
    {"x": functools.reduce(lambda inner, _: [inner], range(40), 1)},
]
_LANES = """<laneSet><lane id="L" name="派遣员" gw:candidateGroups="dispatcher@{street}">
<flowNodeRef>u</flowNodeRef></lane></laneSet>"""


def test_a_user_task_says_who_may_do_it_until_when_and_with_which_form() -> None:
    process = run(
        '<startEvent id="s"/><userTask id="u" name="派遣" gw:candidateGroups="a@{street}, b" gw:excludedUsers="{by}"'
        ' gw:candidateUsers="=people" gw:priority="70" gw:dueDate="clock:dispatch" gw:formKey="forms/d.form"/>'
        + flows("s>u"),
        {"street": "441302008", "by": "7", "people": ["8", "9"]},
    )
    (task,) = process.of(UserTaskWait)
    assert task.candidate_groups == ("a@441302008", "b")
    assert (task.candidate_users, task.excluded_users) == (("8", "9"), ("7",))
    assert (task.priority, task.due, task.form, task.name) == (70, "clock:dispatch", "forms/d.form", "派遣")


def test_a_lane_gives_its_user_tasks_their_groups() -> None:
    process = run(_LANES + '<startEvent id="s"/><userTask id="u"/>' + flows("s>u"), {"street": "1"})
    (task,) = process.of(UserTaskWait)
    assert (task.candidate_groups, task.lane) == (("dispatcher@1",), "派遣员")


def test_who_may_do_a_task_is_worked_out_once_when_it_opens() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="u" gw:assignee="{who}"/><userTask id="v"/>'
        + flows("s>f>u", "f>v"),
        {"who": "anna"},
    )
    process.complete("v", {"who": "berta"})
    assert process.of(UserTaskWait)[0].assignee == "anna"


def test_a_missing_variable_in_an_assignment_is_an_incident_and_a_retry_with_it_goes_on() -> None:
    process = run('<startEvent id="s"/><userTask id="u" gw:assignee="{who}"/>' + flows("s>u"))
    (incident,) = process.of(IncidentWait)
    assert "who" in incident.en
    assert "who" in incident.zh
    process.retry("u", {"who": "anna"})
    assert process.of(UserTaskWait)[0].assignee == "anna"


def test_manual_tasks_wait_like_user_tasks_and_plain_tasks_do_not() -> None:
    process = run('<startEvent id="s"/><task id="t"/><manualTask id="m"/><endEvent id="e"/>' + flows("s>t>m>e"))
    assert process.waiting == ["m"]
    process.complete("m")
    assert process.status == "completed"
    assert process.path() == ["s", "t", "m", "e"]


def test_a_script_writes_variables_and_may_delete_them() -> None:
    process = run(
        '<startEvent id="s"/><scriptTask id="x" scriptFormat="python"><!-- a comment --><script><![CDATA[\n'
        "    total = sum(n * 2 for n in numbers if n > 1)\n    names.append('c')\n    del numbers\n]]></script>"
        "</scriptTask>" + flows("s>x"),
        {"numbers": [1, 2, 3], "names": ["a"]},
    )
    assert process.variables == {"total": 10, "names": ["a", "c"]}


def test_a_script_in_another_language_is_refused() -> None:
    (found,) = refusals(
        '<startEvent id="s"/><scriptTask id="x" scriptFormat="groovy"><script>def a = 1</script></scriptTask>'
        + flows("s>x")
    )
    assert (found.code, found.element_id) == ("script.language", "x")


def test_a_script_that_calls_what_nobody_offers_is_refused_with_element_line_and_position() -> None:
    (found,) = refusals(
        '<startEvent id="s"/>\n<scriptTask id="x">\n<script>\na = 1\nb = open("/etc/passwd").read()\n'
        "</script></scriptTask>" + flows("s>x")
    )
    assert (found.code, found.element_id, found.line) == ("script.invalid", "x", 8)
    assert "line 2, column 5: there is no function `open`" in found.en
    assert "第 2 行第 5 列：没有函数 open" in found.zh


def test_a_script_error_is_refused_with_its_line() -> None:
    (found,) = refusals(
        '<startEvent id="s"/>\n<scriptTask id="x">\n<script>\na = 1\nimport os\n</script></scriptTask>' + flows("s>x")
    )
    assert (found.code, found.line) == ("script.invalid", 8)


def test_a_failing_script_becomes_an_incident_that_can_be_retried() -> None:
    process = run(
        '<startEvent id="s"/><scriptTask id="x"><script>y = 10 / z</script></scriptTask>' + flows("s>x"), {"z": 0}
    )
    assert process.of(IncidentWait)[0].element_id == "x"
    process.retry("x", {"z": 5})
    assert (process.status, process.variables["y"]) == ("completed", 2)


def test_a_script_reads_the_case_but_cannot_change_it() -> None:
    host = MemoryHost(case_of=lambda: {"grade": "A"})
    process = run(
        "<startEvent id='s'/><scriptTask id='x'><script>g = case.grade\ncase['grade'] = 'B'</script></scriptTask>"
        + flows("s>x"),
        host=host,
    )
    assert process.variables == {"g": "A"}


def test_a_handler_is_called_with_inputs_over_variables_and_its_answer_is_mapped() -> None:
    heard: list[object] = []

    def call(topic: str, parameters: dict[str, object], element: object) -> dict[str, object]:
        heard.append((topic, parameters))
        return {"ids": [1, 2], "noise": True}

    process = run(
        '<startEvent id="s"/><serviceTask id="w" gw:topic="department.notify"><extensionElements>'
        '<gw:input name="to" value="=departments[0]"/><gw:input name="text" value="Case {number}"/>'
        '<gw:output name="count" source="len(ids)"/></extensionElements></serviceTask>' + flows("s>w"),
        {"departments": ["cg"], "number": "HZ1"},
        call=call,
    )
    assert heard == [("department.notify", {"departments": ["cg"], "number": "HZ1", "to": "cg", "text": "Case HZ1"})]
    assert process.variables == {"departments": ["cg"], "number": "HZ1", "count": 2}


def test_a_job_waits_for_its_answer_and_keeps_its_inputs() -> None:
    process = run(
        '<startEvent id="s"/><serviceTask id="w" gw:topic="t" gw:retries="5" gw:backoff="PT1M">'
        '<extensionElements><gw:input name="x" value="=n + 1"/></extensionElements></serviceTask>' + flows("s>w"),
        {"n": 1},
        call=lambda *_: PENDING,
    )
    (job,) = process.of(JobWait)
    assert (job.topic, job.retries, job.backoff, job.parameters) == ("t", 5, "PT1M", {"n": 1, "x": 2})
    process.complete("w", {"done": True})
    assert process.status == "completed"
    assert process.variables["done"] is True


def test_a_job_without_retries_left_is_an_incident_with_a_new_key_and_a_retry_calls_again() -> None:
    process = run('<startEvent id="s"/><serviceTask id="w" gw:topic="t"/>' + flows("s>w"))
    key = process.of(JobWait)[0].key
    process.fail("w", "对方无应答", "no answer")
    (incident,) = process.of(IncidentWait)
    assert (incident.en, incident.kind) == ("no answer", "job")
    assert incident.key != key
    process.retry("w")
    assert process.of(JobWait)[0].key not in (key, incident.key)


def test_a_handler_that_fails_opens_an_incident_at_its_element_and_nowhere_else() -> None:
    calls: list[str] = []

    def call(topic: str, parameters: dict[str, object], element: object) -> dict[str, object]:
        calls.append(topic)
        if topic == "bad" and "mended" not in parameters:
            raise KeyError(5)
        return {}

    process = run(
        '<startEvent id="s"/><serviceTask id="a" gw:topic="good"/><serviceTask id="b" gw:topic="bad"/>'
        '<endEvent id="e"/>' + flows("s>a>b>e"),
        call=call,
    )
    (incident,) = process.of(IncidentWait)
    assert incident.element_id == "b"
    assert "KeyError" in incident.traceback
    process.retry("b", {"mended": True})
    assert process.status == "completed"
    assert process.path() == ["s", "a", "b", "e"]


@pytest.mark.parametrize("error", [SystemExit(3), OSError(5, "x"), KeyError(("a", 1)), RecursionError()])
def test_whatever_a_handler_raises_becomes_an_incident(error: BaseException) -> None:
    def call(*_: object) -> dict[str, object]:
        raise error

    process = run('<startEvent id="s"/><serviceTask id="w" gw:topic="t"/>' + flows("s>w"), call=call)
    assert type(error).__name__ in process.of(IncidentWait)[0].en


@pytest.mark.parametrize("answer", [{"x": Decimal(1)}, {"typename": 1}, [1], "text", {"x": object()}])
def test_an_answer_that_is_no_json_becomes_an_incident(answer: object) -> None:
    process = run('<startEvent id="s"/><serviceTask id="w" gw:topic="t"/>' + flows("s>w"), call=lambda *_: answer)
    assert process.of(IncidentWait)[0].element_id == "w"
    assert process.variables == {}


def test_a_business_error_goes_to_the_boundary_event_of_its_code() -> None:
    def call(*_: object) -> dict[str, object]:
        raise BpmnError("NO_DEPARTMENT", "none", {"why": "closed"})

    body = (
        '<startEvent id="s"/><serviceTask id="w" gw:topic="t"/><endEvent id="e"/>'
        '<boundaryEvent id="any" attachedToRef="w"><errorEventDefinition/></boundaryEvent><endEvent id="e1"/>'
        '<boundaryEvent id="exact" attachedToRef="w"><errorEventDefinition errorRef="err"/></boundaryEvent>'
        '<endEvent id="e2"/>' + flows("s>w>e", "any>e1", "exact>e2")
    )
    process = run(body, call=call, roots='<error id="err" errorCode="NO_DEPARTMENT"/>')
    assert process.path() == ["s", "exact", "e2"]
    assert process.path("cancelled") == ["w"]
    assert process.variables == {"why": "closed"}
    other = run(body, call=call, roots='<error id="err" errorCode="OTHER"/>')
    assert other.path() == ["s", "any", "e1"]


def test_a_business_error_that_nothing_catches_is_an_incident() -> None:
    def call(*_: object) -> dict[str, object]:
        raise BpmnError("X")

    process = run('<startEvent id="s"/><serviceTask id="w" gw:topic="t"/>' + flows("s>w"), call=call)
    assert process.of(IncidentWait)[0].kind == "bpmn_error"


def test_an_error_can_be_thrown_out_of_a_waiting_task_and_by_a_script() -> None:
    catching = (
        '<boundaryEvent id="b" attachedToRef="u"><errorEventDefinition errorRef="err"/></boundaryEvent>'
        '<endEvent id="e"/>' + flows("s>u", "b>e")
    )
    roots = '<error id="err" errorCode="E1"/>'
    waiting = run('<startEvent id="s"/><userTask id="u"/>' + catching, roots=roots)
    waiting.throw("u", "E1", {"x": 1})
    assert (waiting.status, waiting.variables) == ("completed", {"x": 1})
    script = '<startEvent id="s"/><scriptTask id="u"><script>throw_error("E1")</script></scriptTask>'
    assert run(script + catching, roots=roots).path() == ["s", "b", "e"]


def test_a_decision_is_asked_with_the_variables_and_its_result_kept_under_its_name() -> None:
    host = MemoryHost(decide_with=lambda decision, variables, element: {"unit": decision + str(variables["n"])})
    process = run(
        '<startEvent id="s"/><businessRuleTask id="d" gw:decision="routing" gw:resultVariable="route"/>' + flows("s>d"),
        {"n": 1},
        host=host,
    )
    assert process.variables == {"n": 1, "route": {"unit": "routing1"}}


def test_a_service_task_without_a_topic_waits_under_its_own_id_and_is_told() -> None:
    bundle = compiled('<startEvent id="s"/><serviceTask id="w"/>' + flows("s>w"))
    assert [finding.code for finding in bundle.warnings] == ["binding.topic_missing"]
    assert bundle.processes["p"].topics == {"w"}


@pytest.mark.parametrize(
    "bad",
    [{"typename": 1}, {"a": {"b": [{"typename": "x"}]}}, {"x": float("nan")}, {"x": 2**80}, {"x": {1, 2}}, *_NOT_JSON],
)
def test_what_is_no_small_json_is_refused_before_anything_happens(bad: dict[str, object]) -> None:
    process = run('<startEvent id="s"/><userTask id="u"/>' + flows("s>u"))
    with pytest.raises(VariableError):
        process.complete("u", bad)
    assert process.waiting == ["u"]


def test_a_wait_that_is_closed_refuses_its_command() -> None:
    process = run('<startEvent id="s"/><userTask id="u"/><userTask id="v"/>' + flows("s>u>v"))
    step = process.last
    process.complete("u")
    with pytest.raises(WaitClosedError):
        process.complete("u")
    from bpmn.engine.contract import CompleteUserTask, FireTimer

    for command in (CompleteUserTask(step.waits[0].key), FireTimer(process.waits[0].key)):
        with pytest.raises(WaitClosedError):
            process.do(command)


def test_listeners_hear_enter_complete_and_cancel_with_their_parameters() -> None:
    listeners = (
        "<extensionElements>"
        + "".join(
            f'<gw:listener event="{event}" topic="clock.{event}"><gw:parameter name="clock" value="accept"/>'
            '<gw:parameter name="n" value="=n"/></gw:listener>'
            for event in ("enter", "complete", "cancel")
        )
        + "</extensionElements>"
    )
    body = (
        f'<startEvent id="s"/><userTask id="u">{listeners}</userTask><endEvent id="e"/>'
        f'<boundaryEvent id="b" attachedToRef="u">{timer("PT1H")}</boundaryEvent>' + flows("s>u>e", "b>e")
    )
    process = run(body, {"n": 3})
    process.complete("u")
    assert process.host.heard == [
        ("enter", "clock.enter", {"clock": "accept", "n": 3}, "u"),
        ("complete", "clock.complete", {"clock": "accept", "n": 3}, "u"),
    ]
    process = run(body, {"n": 3})
    process.fire("b")
    assert [heard[0] for heard in process.host.heard] == ["enter", "cancel"]


def test_a_listener_that_fails_stops_its_element_and_keeps_the_answer_for_the_retry() -> None:
    broken = [True]

    def listen(event: str, *_: object) -> None:
        if broken[0]:
            raise OSError("down")

    host = MemoryHost(listen_with=listen)
    process = run(
        '<startEvent id="s"/><userTask id="u"><extensionElements><gw:listener event="complete" topic="t"/>'
        '</extensionElements></userTask><endEvent id="e"/>' + flows("s>u>e"),
        host=host,
    )
    process.complete("u", {"answer": 42})
    assert process.of(IncidentWait)[0].element_id == "u"
    broken[0] = False
    process.retry("u")
    assert (process.status, process.variables) == ("completed", {"answer": 42})


def test_an_error_text_that_no_database_takes_is_made_storable() -> None:
    def call(*_: object) -> dict[str, object]:
        raise ValueError("bad \ud800 and \x00 text")

    process = run('<startEvent id="s"/><serviceTask id="w" gw:topic="t"/>' + flows("s>w"), call=call)
    (incident,) = process.of(IncidentWait)
    assert "\x00" not in incident.en + incident.traceback
    assert (incident.en + incident.traceback).encode("utf-8")


def test_a_retry_after_a_failing_listener_text_arms_the_boundary_events_once() -> None:
    process = run(
        '<startEvent id="s"/><userTask id="u"><extensionElements><gw:listener event="enter" topic="t"><gw:parameter'
        ' name="x" value="=missing"/></gw:listener></extensionElements></userTask><boundaryEvent id="b"'
        f' attachedToRef="u">{timer("PT1H")}</boundaryEvent><endEvent id="e"/>' + flows("s>u", "b>e")
    )
    assert process.of(IncidentWait)[0].element_id == "u"
    process.retry("u", {"missing": 1})
    assert process.waiting == ["u", "b"]
    assert len(process.waits) == 2
    assert process.host.heard == [("enter", "t", {"x": 1}, "u")]
