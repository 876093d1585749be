"""Gateways, conditions and joins."""

from __future__ import annotations

import pytest

from bpmn.engine.contract import IncidentWait
from tests.unit.engine.models import codes, compiled, flows, run

_CHOICE = (
    '<startEvent id="s"/><exclusiveGateway id="g" default="g_c"/><endEvent id="a"/><endEvent id="b"/><endEvent id="c"/>'
    + flows("s>g", "g>a[x > 10]", "g>b[x > 5]", "g>c")
)


@pytest.mark.parametrize(("x", "end"), [(11, "a"), (6, "b"), (1, "c")])
def test_an_exclusive_gateway_takes_the_first_true_flow_or_the_default(x: int, end: str) -> None:
    process = run(_CHOICE, {"x": x})
    assert process.path() == ["s", "g", end]
    taken = [event.element_id for event in process.events if event.type == "sequenceFlow"]
    assert taken == ["s_g", f"g_{end}"]


def test_a_condition_over_a_missing_variable_is_an_incident_at_the_gateway() -> None:
    process = run(_CHOICE)
    assert process.of(IncidentWait)[0].element_id == "g"
    process.retry("g", {"x": 6})
    assert process.path()[-1] == "b"


def test_no_true_condition_and_no_default_is_an_incident_and_was_warned_of() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>' + flows(
        "s>g", "g>a[x == 1]", "g>b[x == 2]"
    )
    assert [w.code for w in compiled(body).warnings] == ["gateway.default_missing"]
    process = run(body, {"x": 3})
    assert "no condition" in process.of(IncidentWait)[0].en
    process.retry("g", {"x": 2})
    assert process.path() == ["s", "g", "b"]


def test_the_only_flow_without_a_condition_is_the_default() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>' + flows(
        "s>g>a", "g>b[x == 2]"
    )
    assert [w.code for w in compiled(body).warnings] == ["gateway.default_implied"]
    assert run(body, {"x": 2}).path()[-1] == "b"
    assert run(body, {"x": 1}).path()[-1] == "a"


def test_several_flows_without_a_condition_are_refused_at_the_flow() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>' + flows("s>g>a", "g>b")
    assert codes(body) == {("gateway.condition_missing", "g_a"), ("gateway.condition_missing", "g_b")}


def test_conditions_are_evaluated_on_flows_that_leave_a_task() -> None:
    body = (
        '<startEvent id="s"/><task id="t" default="t_c"/><endEvent id="a"/><endEvent id="b"/><endEvent id="c"/>'
        + flows("s>t", "t>a[x > 1]", "t>b[x > 2]", "t>c")
    )
    assert run(body, {"x": 3}).path() == ["s", "t", "a", "b"]
    assert run(body, {"x": 2}).path() == ["s", "t", "a"]
    assert run(body, {"x": 0}).path() == ["s", "t", "c"]


def test_several_flows_out_of_a_task_split_and_several_into_one_merge() -> None:
    body = '<startEvent id="s"/><task id="t"/><task id="a"/><task id="b"/><task id="m"/>' + flows("s>t>a>m", "t>b>m")
    assert sorted(run(body).path()) == ["a", "b", "m", "m", "s", "t"]


def test_a_parallel_join_waits_for_every_branch_and_keeps_what_each_wrote() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><parallelGateway id="j"/>'
        '<endEvent id="e"/>' + flows("s>f>a>j>e", "f>b>j"),
        {"log": []},
    )
    process.complete("a", {"a": 1, "log": ["a"]})
    assert process.waiting == ["b"]
    process.complete("b", {"b": 2})
    assert (process.status, process.variables) == ("completed", {"a": 1, "b": 2, "log": ["a"]})
    assert process.path() == ["s", "f", "a", "b", "j", "e"]


def test_a_parallel_join_in_a_loop_counts_again_in_each_round() -> None:
    process = run(
        '<startEvent id="s"/><exclusiveGateway id="m"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<parallelGateway id="j"/><exclusiveGateway id="g" default="g_m"/><endEvent id="e"/>'
        + flows("s>m>f>a>j>g>m", "f>b>j", "g>e[done]"),
        {"done": False},
    )
    for _ in range(3):
        process.complete("a")
        assert process.waiting == ["b"]
        process.complete("b")
        assert process.waiting == ["a", "b"]
    process.complete("b", {"done": True})
    process.complete("a")
    assert process.status == "completed"


def test_a_second_token_on_the_same_branch_does_not_replace_the_missing_one() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><exclusiveGateway id="x"/>'
        '<userTask id="c"/><parallelGateway id="j"/><endEvent id="e"/>' + flows("s>f>a>x>j>e", "f>b>x", "f>c>j")
    )
    process.complete("a")
    process.complete("b")
    assert process.waiting == ["c"]
    process.complete("c")
    # One token is left at the join and no branch can bring its partner any more: told, not silent.
    assert [wait.element_id for wait in process.of(IncidentWait)] == ["j"]
    assert process.of(IncidentWait)[0].kind == "stuck"


def test_a_parallel_join_behind_an_exclusive_split_is_told_as_stuck() -> None:
    process = run(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_b"/><task id="a"/><task id="b"/>'
        '<parallelGateway id="j"/><endEvent id="e"/>' + flows("s>g", "g>a[True]", "g>b>j>e", "a>j")
    )
    (incident,) = process.of(IncidentWait)
    assert (incident.element_id, incident.kind) == ("j", "stuck")
    assert "never" in incident.en
    process.retry("j")
    assert process.of(IncidentWait)[0].key != incident.key


_INCLUSIVE = (
    '<startEvent id="s"/><inclusiveGateway id="f" default="f_c"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
    '<inclusiveGateway id="j"/><endEvent id="e"/>' + flows("s>f", "f>a[x]", "f>b[y]", "f>c>j>e", "a>j", "b>j")
)


@pytest.mark.parametrize(("x", "y", "waits"), [(True, True, ["a", "b"]), (True, False, ["a"]), (False, False, ["c"])])
def test_an_inclusive_join_waits_for_the_branches_that_were_taken(x: bool, y: bool, waits: list[str]) -> None:
    process = run(_INCLUSIVE, {"x": x, "y": y})
    assert process.waiting == waits
    for index, element in enumerate(waits, start=1):
        process.complete(element)
        assert (process.status == "completed") == (index == len(waits))
    assert process.path().count("e") == 1


def test_an_inclusive_join_in_a_loop_waits_for_the_token_that_may_still_come() -> None:
    process = run(
        '<startEvent id="s"/><inclusiveGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<exclusiveGateway id="back" default="back_j"/><inclusiveGateway id="j"/><endEvent id="e"/>'
        + flows("s>f", "f>a[True]", "f>b[True]", "b>back>j>e", "back>b[again]", "a>j"),
        {"again": True},
    )
    process.complete("a")
    process.complete("b")
    assert process.waiting == ["b"]
    process.complete("b", {"again": False})
    assert process.path().count("e") == 1


def test_an_inclusive_join_waits_for_a_boundary_path_of_a_running_task() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<boundaryEvent id="t" attachedToRef="b"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><endEvent id="end_b"/><inclusiveGateway id="j"/><endEvent id="e"/>'
        + flows("s>f>a>j>e", "f>b>end_b", "t>j")
    )
    process.complete("a")
    assert "e" not in process.path()
    process.fire("t")
    assert process.path().count("e") == 1
    assert process.status == "completed"


def test_an_event_gateway_takes_what_comes_first_and_forgets_the_rest() -> None:
    body = (
        '<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="m"><messageEventDefinition'
        ' messageRef="msg"/></intermediateCatchEvent><intermediateCatchEvent id="t"><timerEventDefinition>'
        '<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent><endEvent id="e1"/>'
        '<endEvent id="e2"/>' + flows("s>g>m>e1", "g>t>e2")
    )
    roots = '<message id="msg" name="答复"/>'
    process = run(body, roots=roots)
    assert process.waiting == ["m", "t"]
    process.message("答复", {"ok": True})
    assert (process.path(), process.variables) == (["s", "g", "m", "e1"], {"ok": True})
    other = run(body, roots=roots)
    other.fire("t")
    assert other.path() == ["s", "g", "t", "e2"]


def test_what_cannot_stand_behind_an_event_gateway_is_refused() -> None:
    body = '<startEvent id="s"/><eventBasedGateway id="g"/><task id="t"/>' + flows("s>g>t")
    assert ("event_gateway.target", "t") in codes(body)


def test_complex_gateways_and_conditions_that_nothing_evaluates_are_refused() -> None:
    assert codes('<startEvent id="s"/><complexGateway id="c"/><endEvent id="e"/>' + flows("s>c>e")) == {
        ("element.unsupported", "c")
    }
    body = '<startEvent id="s"/><parallelGateway id="g"/><endEvent id="e"/>' + flows("s>g", "g>e[x]")
    assert codes(body) == {("flow.condition_unused", "g_e")}


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ("${x > 1}", "JUEL"),
        ("x = 1", "=="),
        ("x &amp;&amp; y", "and"),
        ("().__class__", "__class__"),
        ("open('f')", "open"),
    ],
)
def test_a_bad_condition_is_refused_with_its_position(condition: str, word: str) -> None:
    from tests.unit.engine.models import refusals

    body = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_b"/><endEvent id="a"/><endEvent id="b"/>'
        + flows("s>g>b")
        + f'\n<sequenceFlow id="f" sourceRef="g" targetRef="a"><conditionExpression>{condition}</conditionExpression>'
        "</sequenceFlow>"
    )
    (found,) = refusals(body)
    assert (found.code, found.element_id) == ("expression.invalid", "f")
    assert word in found.en
    assert "line" in found.en
