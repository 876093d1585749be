"""What can go wrong on some way through a diagram is told when it is checked."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings

from bpmn.checker import check_files
from bpmn.findings import Finding
from tests.processes.engine.blocks import ROOTS, Block, draw_process, models
from tests.unit.engine.models import bpmn, flows, timer


def _told(body: str, roots: str = "") -> list[Finding]:
    found = check_files(bpmn(body, roots=roots))
    assert not [finding for finding in found if finding.severity == "error"]
    return [finding for finding in found if finding.code.startswith("behaviour")]


def test_a_parallel_join_behind_an_exclusive_split_is_told_with_the_way() -> None:
    (found,) = _told(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_b"/><task id="a" name="甲"/><task id="b" name="乙"/>'
        '<parallelGateway id="j"/><endEvent id="e"/>' + flows("s>g", "g>a[x]", "g>b>j>e", "a>j")
    )
    assert (found.code, found.element_id, found.severity) == ("behaviour.join_waits", "j", "warning")
    assert "g > " in found.en
    assert "乙" in found.zh or "甲" in found.zh


def test_branches_that_go_round_unjoined_are_told() -> None:
    (found,) = _told(
        '<startEvent id="s"/><exclusiveGateway id="m"/><parallelGateway id="f"/><task id="a"/><task id="b"/>'
        '<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>' + flows("s>m>f>a>g>e", "f>b>g", "g>m[x]")
    )
    assert found.code == "behaviour.tokens_pile_up"


def test_a_loop_without_a_way_out_is_told() -> None:
    (found,) = _told('<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="u"/>' + flows("s>m>u>m"))
    assert found.code == "behaviour.no_way_out"


def test_reminders_beside_a_task_in_a_loop_are_fine() -> None:
    assert not _told(
        '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="u"/><boundaryEvent id="t" attachedToRef="u"'
        f' cancelActivity="false">{timer("PT1H")}</boundaryEvent><task id="remind"/><endEvent id="te"/>'
        '<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>' + flows("s>m>u>g>e", "g>m[again]", "t>remind>te")
    )


def test_a_branch_that_ends_by_terminating_leaves_nothing_waiting() -> None:
    assert not _told(
        '<startEvent id="s"/><parallelGateway id="f"/><task id="a"/><exclusiveGateway id="g" default="g_j"/>'
        '<endEvent id="x"><terminateEventDefinition/></endEvent><parallelGateway id="j"/><endEvent id="e"/>'
        + flows("s>f>a>j>e", "f>g>j", "g>x[stop]")
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(models())
def test_well_structured_models_are_never_suspected(block: Block) -> None:
    assert not _told(draw_process(block), ROOTS)


def test_five_hundred_elements_are_played_through_quickly() -> None:
    parts = ['<startEvent id="s"/><exclusiveGateway id="x0"/>', flows("s>x0")]
    for index in range(100):
        a, b, c, f, j = (f"{kind}{index}" for kind in "abcfj")
        parts.append(f'<parallelGateway id="{f}"/><userTask id="{a}"/><userTask id="{b}"/><userTask id="{c}"/>')
        parts.append(f'<parallelGateway id="{j}"/><exclusiveGateway id="x{index + 1}"/>')
        parts.append(flows(f"x{index}>{f}>{a}>{j}>x{index + 1}", f"{f}>{b}>{j}", f"{f}>{c}>{j}"))
    files = bpmn("".join(parts))
    before = time.perf_counter()
    assert not [f for f in check_files(files) if f.code.startswith("behaviour")]
    assert time.perf_counter() - before < 3  # about 0.15 s when the machine is quiet
