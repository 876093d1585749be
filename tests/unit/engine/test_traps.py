"""What SpiffWorkflow accepts and then does wrong: each is right here, or refused with its element and line."""

from __future__ import annotations

import pickle

import pytest

from bpmn import engine
from bpmn.engine import compile_files
from bpmn.engine.contract import Cancel, CompleteUserTask
from bpmn.engine.memory import MemoryHost, Run
from bpmn.errors import DefinitionError, StateError, StuckError
from tests.unit.engine.models import HEAD, bpmn, codes, compiled, flows, refusals, run


def test_a_model_without_end_event_completes() -> None:
    process = run('<startEvent id="s"/><task id="a"/><exclusiveGateway id="g"/>' + flows("s>a>g"))
    assert process.status == "completed"


@pytest.mark.parametrize("name", ["Start", "End", "Root", "StartEventSplit", "p.EndJoin", "n:x", "typename", "零"])
def test_any_id_is_just_an_id(name: str) -> None:
    process = run(f'<startEvent id="s"/><userTask id="{name}"/><endEvent id="e"/>' + flows(f"s>{name}>e"))
    assert process.waiting == [name]
    process.complete(name)
    assert process.path() == ["s", name, "e"]


def test_a_process_and_its_element_may_share_names_with_other_processes() -> None:
    files = {**bpmn('<startEvent id="s"/><task id="t"/>' + flows("s>t")), **bpmn('<startEvent id="s"/>', process="q")}
    bundle = compile_files(files)
    assert Run(bundle, "p").path() == ["s", "t"]
    assert Run(bundle, "q").path() == ["s"]


def test_a_chain_of_five_thousand_tasks_runs() -> None:
    ids = [f"t{i}" for i in range(5000)]
    process = run('<startEvent id="s"/>' + "".join(f'<task id="{i}"/>' for i in ids) + flows("s>" + ">".join(ids)))
    assert process.status == "completed"
    assert len(process.path()) == 5001


_REWORK = (
    '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="u" gw:candidateGroups="x"/>'
    '<exclusiveGateway id="g" default="g_m"/><endEvent id="e"/>' + flows("s>m>u>g>m", "g>e[done]")
)


def test_a_thousand_rounds_of_rework_keep_the_state_small() -> None:
    process = run(_REWORK, {"done": False})
    process.complete("u")
    early = len(process.state)
    for _ in range(1100):
        process.complete("u")
    assert len(process.state) <= early * 1.3
    process.complete("u", {"done": True})
    assert process.status == "completed"


def test_a_loop_of_many_rounds_in_one_step_comes_to_rest() -> None:
    process = run(
        '<startEvent id="s"/><exclusiveGateway id="m"/><scriptTask id="x"><script>i += 1</script></scriptTask>'
        '<exclusiveGateway id="g" default="g_m"/><endEvent id="e"/>' + flows("s>m>x>g>m", "g>e[i >= 20000]"),
        {"i": 0},
    )
    assert process.variables == {"i": 20000}


def test_a_loop_without_a_way_out_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpmn.engine.workflow.MAX_ELEMENTS", 1000)
    with pytest.raises(StuckError, match="did not come to rest"):
        run('<startEvent id="s"/><exclusiveGateway id="m"/><task id="t"/>' + flows("s>m>t>m"))


def test_orphans_are_refused() -> None:
    body = '<startEvent id="s"/><task id="t"/><task id="orphan"/><task id="x"/><task id="y"/>' + flows("s>t", "x>y>x")
    assert codes(body) == {("element.unreachable", node) for node in ("orphan", "x", "y")}


def test_without_a_start_event_every_first_element_begins() -> None:
    assert run('<task id="a"/><task id="b"/><task id="c"/>' + flows("a>c")).path() == ["a", "b", "c"]
    assert codes('<task id="a"/><task id="b"/>' + flows("a>b>a")) == {("scope.no_begin", "a")}


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        ('<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="no"/>', "flow.dangling", "f"),
        ('<startEvent id="s"/><sequenceFlow id="f" sourceRef="no" targetRef="s"/>', "flow.dangling", "f"),
        ('<startEvent id="s"/><sequenceFlow id="f" sourceRef="s"/>', "flow.dangling", "f"),
        (
            '<startEvent id="s"/><subProcess id="x"><task id="i"/></subProcess>' + flows("s>x", "s>i"),
            "flow.crosses_border",
            "s_i",
        ),
        ('<startEvent id="s"/><endEvent id="e"/><task id="t"/>' + flows("s>e>t"), "flow.wrong_end", "e_t"),
        ('<startEvent id="s"/><task id="t"/>' + flows("s>t>s"), "flow.wrong_end", "t_s"),
        ('<startEvent id="s"/><exclusiveGateway id="g" default="no"/>' + flows("s>g"), "flow.default_unknown", "g"),
        ('<startEvent id="s"/><task id="s"/>', "id.duplicate", "s"),
        ('<startEvent id="s"/><task id="t" startQuantity="2"/>' + flows("s>t"), "element.unsupported", "t"),
        (
            '<startEvent id="s"/><adHocSubProcess id="a"><task id="t"/></adHocSubProcess>' + flows("s>a"),
            "element.unsupported",
            "a",
        ),
        ('<startEvent id="s"/><task id="t" isForCompensation="true"/>', "compensation.unused", "t"),
        (
            '<startEvent id="s"/><task id="t"><dataInputAssociation><assignment><from>a</from><to>b</to></assignment>'
            "</dataInputAssociation></task>" + flows("s>t"),
            "data.assignment",
            "t",
        ),
        ('<startEvent id="s"/><userTask id="t" gw:canditateGroups="x"/>' + flows("s>t"), "extension.unknown", "t"),
    ],
)
def test_broken_structure_is_refused_at_its_element(body: str, code: str, element: str) -> None:
    found = [finding for finding in refusals(body) if finding.code == code]
    assert [finding.element_id for finding in found] == [element]
    assert all(finding.line >= 4 for finding in found)


def test_every_finding_is_told_at_once() -> None:
    body = (
        '<startEvent id="s"/>\n<scriptTask id="x" scriptFormat="groovy"><script>1</script></scriptTask>\n'
        '<intermediateCatchEvent id="t"><timerEventDefinition/></intermediateCatchEvent>\n<complexGateway id="c"/>\n'
        + flows("s>x>t>c>no")
    )
    assert {code for code, _ in codes(body)} == {
        "script.language",
        "timer.missing",
        "element.unsupported",
        "flow.dangling",
    }


def test_executable_is_read_as_an_xsd_boolean_and_a_missing_one_counts_as_true() -> None:
    def info(attribute: str) -> bool:
        text = f'{HEAD}<process id="p" {attribute}><startEvent id="s"/></process></definitions>'
        return compile_files({"p.bpmn": text.encode()}).processes["p"].is_executable

    assert [info('isExecutable="1"'), info('isExecutable="true"'), info(""), info('isExecutable="false"')] == [
        True,
        True,
        True,
        False,
    ]


def test_a_drawing_beside_an_executable_process_is_no_obstacle() -> None:
    drawing = '<process id="d" isExecutable="false"><exclusiveGateway id="x"/><task id="a"/><task id="b"/>'
    drawing += flows("x>a", "x>b") + '</process><process id="pool"/>'
    bundle = compiled('<startEvent id="s"/>', more=drawing)
    assert set(bundle.processes) == {"p"}
    assert "gateway.condition_missing" in {finding.code for finding in bundle.warnings}


def test_a_deployment_is_refused_as_a_whole() -> None:
    files = {**bpmn('<startEvent id="s"/>'), "bad.bpmn": b"<html/>", "note.txt": b"not looked at"}
    with pytest.raises(DefinitionError) as caught:
        compile_files(files)
    (finding,) = caught.value.facts["findings"]
    assert (finding.file, finding.code) == ("bad.bpmn", "xml.not_bpmn")
    assert "HTML" in finding.en


def test_cancelling_closes_every_wait_and_nothing_is_stored() -> None:
    process = run(_REWORK, {"done": False})
    step = process.cancel()
    assert (step.status, step.state, step.waits) == ("cancelled", b"", ())
    assert process.path("cancelled") == ["u"]


def test_keys_stay_the_same_over_save_and_load_and_are_new_for_each_visit() -> None:
    process = run(_REWORK, {"done": False})
    first = process.waits[0].key
    process.signal("nobody listens")
    assert process.waits[0].key == first
    process.complete("u")
    assert process.waits[0].key != first


def test_a_state_of_another_definition_or_a_damaged_one_is_refused() -> None:
    process = run(_REWORK, {"done": False})
    command = CompleteUserTask(process.waits[0].key)
    other = compiled('<startEvent id="s"/><userTask id="other"/>' + flows("s>other"))
    for bundle, state in (
        (other, process.state),
        (process.bundle, process.state[:-5]),
        (process.bundle, b"[99" + process.state[2:]),
        (process.bundle, b"{}"),
    ):
        with pytest.raises(StateError):
            engine.step(bundle, "p", state, command, host=MemoryHost())


def test_a_state_holds_no_specification_and_no_finished_element() -> None:
    process = run(
        '<startEvent id="s"/>'
        + "".join(f'<task id="t{i}" name="{"长" * 50}"/>' for i in range(50))
        + '<userTask id="u"/>'
        + flows("s>" + ">".join(f"t{i}" for i in range(50)) + ">u"),
        {"case_number": "HZ202611220001"},
    )
    assert len(process.state) < 300
    assert b"t49" not in process.state


def test_a_step_leaves_the_bundle_and_the_given_state_as_they_were() -> None:
    bundle = compiled(_REWORK)
    process = Run(bundle, "p", {"done": False})
    state, command = process.state, CompleteUserTask(process.waits[0].key)
    one = engine.step(bundle, "p", state, command, host=MemoryHost())
    two = engine.step(bundle, "p", state, command, host=MemoryHost())
    assert one == two
    assert engine.step(bundle, "p", state, Cancel(), host=MemoryHost()).status == "cancelled"


def test_steps_can_be_sent_to_another_process() -> None:
    process = run(_REWORK, {"done": False})
    assert pickle.loads(pickle.dumps(process.last)) == process.last


def test_the_bundle_describes_its_elements_for_checks_and_coverage() -> None:
    bundle = compiled(
        '<laneSet><lane id="L" name="受理" gw:candidateGroups="acceptor"><flowNodeRef>u</flowNodeRef></lane></laneSet>'
        '<documentation>One case.</documentation><startEvent id="s" name="上报"/>'
        '<userTask id="u" name="受理" gw:formKey="forms/a.form" gw:dueDate="clock:accept"><documentation>Accept.'
        '</documentation></userTask><exclusiveGateway id="g" default="g_e"/><serviceTask id="w" gw:topic="case.file"/>'
        '<endEvent id="e"/>' + flows("s>u>g>e", "g>w[x]")
    )
    info = bundle.processes["p"]
    task = info.elements["u"]
    assert (task.type, task.name, task.documentation, task.lane, task.form) == (
        "userTask",
        "受理",
        "Accept.",
        "L",
        "forms/a.form",
    )
    assert (task.incoming, task.outgoing, task.attributes["dueDate"]) == (("s_u",), ("u_g",), "clock:accept")
    assert (info.topics, info.forms, info.clocks) == ({"case.file"}, {"forms/a.form"}, {"clock:accept"})
    assert info.flows["g_e"].is_default
    assert info.flows["g_w"].condition == "x"
    assert [lane.name for lane in info.lanes] == ["受理"]
