"""Events: timers, messages, signals, errors, escalations, links, conditions, boundary and end events."""

from __future__ import annotations

import pytest

from bpmn.engine.contract import IncidentWait, MessageWait, SignalWait, TimerWait
from bpmn.errors import StartError, WaitClosedError
from tests.unit.engine.models import codes, compiled, flows, refusals, run, timer


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("timeDuration", "PT4H", ("duration", "PT4H")),
        ("timeDuration", '"PT4H"', ("duration", "PT4H")),
        ("timeDuration", "clock:handling@80", ("clock", "clock:handling@80")),
        ("timeDuration", "=wait", ("duration", "P2D")),
        ("timeDuration", "PT{hours}H", ("duration", "PT3H")),
        ("timeDate", "2026-11-22T09:00+08:00", ("date", "2026-11-22T09:00+08:00")),
        ("timeCycle", "R3/PT10M", ("cycle", "R3/PT10M")),
        ("timeCycle", "0 8 * * 1-5", ("cron", "0 8 * * 1-5")),
    ],
)
def test_a_timer_waits_with_its_text_and_without_a_clock(kind: str, text: str, expected: tuple[str, str]) -> None:
    process = run(
        f'<startEvent id="s"/><intermediateCatchEvent id="t" gw:catchUp="skip">{timer(text, kind)}'
        '</intermediateCatchEvent><endEvent id="e"/>' + flows("s>t>e"),
        {"wait": "P2D", "hours": 3},
    )
    (wait,) = process.of(TimerWait)
    assert (wait.kind, wait.value) == expected
    assert wait.catch_up == "skip"
    process.fire("t")
    assert process.status == "completed"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDuration", ""),
        ("timeDuration", "4 hours"),
        ("timeDuration", "-PT4H"),
        ("timeDuration", "P"),
        ("timeDuration", "P200Y"),
        ("timeDate", "tomorrow"),
        ("timeCycle", "R/PT0.001S"),
        ("timeCycle", "R0/PT1H"),
        ("timeCycle", "99 99 * * *"),
        ("timeCycle", "R3/"),
        ("timeDuration", "clock:"),
    ],
)
def test_a_timer_that_says_no_usable_time_is_refused(kind: str, text: str) -> None:
    found = codes(
        f'<startEvent id="s"/><intermediateCatchEvent id="t">{timer(text, kind)}</intermediateCatchEvent>'
        + flows("s>t")
    )
    assert found <= {("timer.missing", "t"), ("timer.invalid", "t")}
    assert len(found) == 1


def test_a_computed_time_that_is_none_becomes_an_incident() -> None:
    process = run(
        f'<startEvent id="s"/><intermediateCatchEvent id="t">{timer("=wait")}</intermediateCatchEvent>' + flows("s>t"),
        {"wait": "soon"},
    )
    assert "soon" in process.of(IncidentWait)[0].en
    process.retry("t", {"wait": "PT1H"})
    assert process.waiting_at("t")


def _boundary(definition: str, cancels: bool) -> str:
    return (
        f'<startEvent id="s"/><userTask id="u"/><endEvent id="e"/><boundaryEvent id="b" attachedToRef="u"'
        f' cancelActivity="{str(cancels).lower()}">{definition}</boundaryEvent><userTask id="r"/>'
        + flows("s>u>e", "b>r")
    )


def test_an_interrupting_boundary_timer_cancels_the_task() -> None:
    process = run(_boundary(timer("clock:accept"), cancels=True))
    process.fire("b")
    assert process.waiting == ["r"]
    assert process.path("cancelled") == ["u"]


def test_a_boundary_timer_that_does_not_interrupt_fires_beside_the_task_once() -> None:
    process = run(_boundary(timer("clock:accept@80"), cancels=False))
    process.fire("b")
    assert process.waiting == ["u", "r"]
    process.complete("u")
    assert process.waiting == ["r"]


def test_a_cycle_counts_its_occurrences_each_with_a_new_key() -> None:
    process = run(_boundary(timer("R3/PT10M", "timeCycle"), cancels=False))
    keys = []
    for occurrence in (1, 2, 3):
        (wait,) = process.of(TimerWait)
        assert wait.occurrence == occurrence
        keys.append(wait.key)
        process.fire("b")
    assert len(set(keys)) == 3
    assert not process.of(TimerWait)
    assert process.path().count("b") == 3


def test_the_last_occurrence_ends_an_endless_cycle() -> None:
    process = run(_boundary(timer("R/PT10M", "timeCycle"), cancels=False))
    for _ in range(5):
        process.fire("b")
    process.fire("b", last=True)
    assert not process.of(TimerWait)


def test_completing_the_task_closes_its_boundary_waits() -> None:
    process = run(_boundary(timer("PT1H"), cancels=True))
    process.complete("u")
    with pytest.raises(WaitClosedError):
        process.fire("b")


def test_a_message_boundary_catches_again_with_a_new_key_when_it_does_not_interrupt() -> None:
    process = run(
        _boundary('<messageEventDefinition messageRef="m"/>', cancels=False), roots='<message id="m" name="催办"/>'
    )
    first = process.of(MessageWait)[0].key
    process.message("催办", {"times": 1})
    assert process.of(MessageWait)[0].key != first
    process.message("催办", {"times": 2})
    assert process.variables["times"] == 2
    assert process.path().count("b") == 2


def test_what_an_event_brings_is_mapped_wherever_it_is_caught() -> None:
    message = (
        '<extensionElements><gw:output name="kept" source="text.upper()"/></extensionElements>'
        '<messageEventDefinition messageRef="m"/>'
    )
    roots = '<message id="m" name="m"/>'
    payload = {"text": "hi", "noise": 1}
    boundary = run(_boundary(message, cancels=True), roots=roots)
    boundary.message("m", payload)
    assert boundary.variables == {"kept": "HI"}
    gateway = run(
        f'<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="c">{message}'
        "</intermediateCatchEvent>" + flows("s>g>c"),
        roots=roots,
    )
    gateway.message("m", payload)
    assert gateway.variables == {"kept": "HI"}
    start = f'<startEvent id="s">{message}</startEvent><endEvent id="e"/>' + flows("s>e")
    assert run(start, payload, roots=roots).variables == {"kept": "HI"}
    inside = run(
        f'<startEvent id="s"/><userTask id="u"/><subProcess id="es" triggeredByEvent="true"><startEvent id="es_s">'
        f"{message}</startEvent></subProcess>" + flows("s>u"),
        roots=roots,
    )
    inside.message("m", payload)
    assert inside.variables == {"kept": "HI"}


def test_a_mapping_that_fails_when_the_event_comes_keeps_the_event_for_the_retry() -> None:
    mapping = '<extensionElements><gw:output name="kept" source="text + suffix"/></extensionElements>'
    process = run(
        _boundary(f'{mapping}<messageEventDefinition messageRef="m"/>', cancels=True),
        roots='<message id="m" name="m"/>',
    )
    process.message("m", {"text": "a"})
    assert process.of(IncidentWait)[0].element_id == "b"
    process.retry("b", {"suffix": "!"})
    assert process.variables["kept"] == "a!"
    assert process.waiting == ["r"]


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<task id="x"><extensionElements><gw:input name="a" value="1"/></extensionElements></task>', "mapping.unused"),
        (
            '<scriptTask id="x"><extensionElements><gw:output name="a" source="b"/></extensionElements><script>b = 1'
            "</script></scriptTask>",
            "mapping.unused",
        ),
        (
            '<parallelGateway id="x"><extensionElements><gw:listener event="enter" topic="t"/></extensionElements>'
            "</parallelGateway>",
            "mapping.unused",
        ),
        (
            '<userTask id="x"><extensionElements><gw:imput name="a"/></extensionElements></userTask>',
            "extension.unknown",
        ),
        ('<userTask id="x" gw:topic="t"/>', "extension.unknown"),
        (
            '<serviceTask id="x" gw:topic="t"><extensionElements><gw:listener event="start" topic="t"/>'
            "</extensionElements></serviceTask>",
            "listener.invalid",
        ),
        (
            '<serviceTask id="x" gw:topic="t"><extensionElements><gw:output name="a" source="import os"/>'
            "</extensionElements></serviceTask>",
            "expression.invalid",
        ),
    ],
)
def test_an_extension_that_would_be_ignored_is_refused(element: str, code: str) -> None:
    assert (code, "x") in codes('<startEvent id="s"/>' + element + flows("s>x"))


def test_a_message_wait_carries_its_correlation_worked_out_when_it_opens() -> None:
    process = run(
        '<startEvent id="s"/><receiveTask id="m" messageRef="msg"><extensionElements><gw:correlation name="unit"'
        ' value="=unit"/></extensionElements></receiveTask>' + flows("s>m"),
        {"unit": "cg"},
        roots='<message id="msg" name="reply"/>',
    )
    (wait,) = process.of(MessageWait)
    assert (wait.message, dict(wait.correlation)) == ("reply", {"unit": "cg"})


def test_a_message_throw_leaves_with_its_correlation_and_payload() -> None:
    process = run(
        '<startEvent id="s"/><intermediateThrowEvent id="t"><extensionElements><gw:input name="what" value="=n"/>'
        '<gw:correlation name="unit" value="cg"/></extensionElements><messageEventDefinition messageRef="m"/>'
        '</intermediateThrowEvent><endEvent id="e"><messageEventDefinition messageRef="m"/></endEvent>'
        + flows("s>t>e"),
        {"n": 5},
        roots='<message id="m" name="blown"/>',
    )
    first, second = process.thrown
    assert (first.kind, first.name, first.variables, dict(first.correlation)) == (
        "message",
        "blown",
        {"what": 5},
        {"unit": "cg"},
    )
    assert (second.element_id, second.variables) == ("e", {"n": 5})


def test_a_send_task_with_a_message_throws_it() -> None:
    process = run(
        '<startEvent id="s"/><sendTask id="t" messageRef="m"/>' + flows("s>t"), roots='<message id="m" name="x"/>'
    )
    assert [thrown.name for thrown in process.thrown] == ["x"]
    assert process.status == "completed"


def test_a_signal_end_event_throws_and_waiting_branches_of_the_instance_hear_it() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><intermediateCatchEvent id="c"><signalEventDefinition'
        ' signalRef="sig"/></intermediateCatchEvent><userTask id="u"/><endEvent id="e"><signalEventDefinition'
        ' signalRef="sig"/></endEvent>' + flows("s>f>c", "f>u>e"),
        roots='<signal id="sig" name="警报"/>',
    )
    assert process.of(SignalWait)[0].signal == "警报"
    process.complete("u")
    assert process.status == "completed"
    assert [(thrown.kind, thrown.name) for thrown in process.thrown] == [("signal", "警报")]


def test_a_signal_reaches_every_wait_and_none_is_no_error() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><intermediateCatchEvent id="a"><signalEventDefinition'
        ' signalRef="sig"/></intermediateCatchEvent><intermediateCatchEvent id="b"><signalEventDefinition'
        ' signalRef="sig"/></intermediateCatchEvent>' + flows("s>f>a", "f>b"),
        roots='<signal id="sig" name="go"/>',
    )
    process.signal("other")
    assert process.waiting == ["a", "b"]
    process.signal("go", {"x": 1})
    assert (process.status, process.variables) == ("completed", {"x": 1})


def test_link_events_jump_to_their_partner() -> None:
    link = '<linkEventDefinition name="A"/>'
    process = run(
        f'<startEvent id="s"/><intermediateThrowEvent id="t">{link}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="c">{link}</intermediateCatchEvent><endEvent id="e"/>' + flows("s>t", "c>e")
    )
    assert process.path() == ["s", "t", "c", "e"]
    assert process.status == "completed"


def test_a_link_without_partner_or_with_flows_is_refused() -> None:
    link = '<linkEventDefinition name="A"/>'
    body = f'<startEvent id="s"/><intermediateThrowEvent id="t">{link}</intermediateThrowEvent><endEvent id="e"/>'
    assert {("link.target", "t"), ("link.flow", "t")} <= codes(body + flows("s>t>e"))


_SUB = (
    '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/>{inner}</subProcess><endEvent id="e"/>'
    '<boundaryEvent id="b" attachedToRef="sub" cancelActivity="{cancels}">{event}</boundaryEvent><endEvent id="eb"/>'
    + flows("s>sub>e", "b>eb")
)


def test_an_error_end_event_leaves_by_the_boundary_of_its_code() -> None:
    inner = '<endEvent id="ie"><errorEventDefinition errorRef="err"/></endEvent>' + flows("is>ie")
    process = run(
        _SUB.format(inner=inner, cancels="true", event='<errorEventDefinition errorRef="err"/>'),
        roots='<error id="err" errorCode="E1"/>',
    )
    assert process.path() == ["s", "is", "ie", "b", "eb"]
    assert process.path("cancelled") == ["sub"]


def test_an_error_that_nothing_catches_ends_the_instance() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="u"/><endEvent id="e"><errorEventDefinition'
        ' errorRef="err"/></endEvent>' + flows("s>f>u", "f>e"),
        roots='<error id="err" errorCode="E1"/>',
    )
    assert process.status == "completed"
    assert process.path("cancelled") == ["u"]


def test_an_escalation_throw_goes_on_beside_a_boundary_that_does_not_interrupt() -> None:
    inner = (
        '<intermediateThrowEvent id="th"><escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent>'
        '<userTask id="iu"/>' + flows("is>th>iu")
    )
    body = _SUB.format(inner=inner, cancels="false", event='<escalationEventDefinition escalationRef="esc"/>')
    process = run(body, roots='<escalation id="esc" escalationCode="late"/>')
    assert process.waiting == ["iu"]
    assert process.path() == ["s", "is", "th", "b", "eb"]


def test_an_interrupting_escalation_cancels_before_the_next_inner_task_runs() -> None:
    inner = (
        '<intermediateThrowEvent id="th"><escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent>'
        '<scriptTask id="never"><script>ran = True</script></scriptTask>' + flows("is>th>never")
    )
    body = _SUB.format(inner=inner, cancels="true", event='<escalationEventDefinition escalationRef="esc"/>')
    process = run(body, roots='<escalation id="esc" escalationCode="late"/>')
    assert process.status == "completed"
    assert "never" not in process.visited()
    assert process.variables == {}


@pytest.mark.parametrize(
    ("inner", "event"),
    [
        (
            '<intermediateThrowEvent id="th"><signalEventDefinition signalRef="sig"/></intermediateThrowEvent>',
            '<signalEventDefinition signalRef="sig"/>',
        ),
        (
            '<scriptTask id="th"><script>hot = True</script></scriptTask>',
            "<conditionalEventDefinition><condition>hot</condition></conditionalEventDefinition>",
        ),
    ],
)
def test_a_boundary_event_triggered_from_inside_cancels_before_the_next_inner_task(inner: str, event: str) -> None:
    inside = inner + '<scriptTask id="never"><script>ran = True</script></scriptTask>' + flows("is>th>never")
    process = run(
        _SUB.format(inner=inside, cancels="true", event=event), {"hot": False}, roots='<signal id="sig" name="x"/>'
    )
    assert process.status == "completed"
    assert "never" not in process.visited()
    assert process.path()[-2:] == ["b", "eb"]


def test_an_escalation_that_nothing_catches_changes_nothing() -> None:
    process = run(
        '<startEvent id="s"/><intermediateThrowEvent id="t"><escalationEventDefinition escalationRef="x"/>'
        '</intermediateThrowEvent><endEvent id="e"/>' + flows("s>t>e"),
        roots='<escalation id="x" escalationCode="c"/>',
    )
    assert process.status == "completed"


def test_a_terminate_end_event_ends_its_scope_only() -> None:
    inner = (
        '<parallelGateway id="f"/><userTask id="iu"/><endEvent id="ie"><terminateEventDefinition/></endEvent>'
        + flows("is>f>iu", "f>ie")
    )
    process = run(
        f'<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/>{inner}</subProcess><userTask id="after"/>'
        + flows("s>sub>after")
    )
    assert process.waiting == ["after"]
    assert process.path("cancelled") == ["iu"]


def test_a_conditional_event_waits_until_its_condition_holds() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><intermediateCatchEvent id="c"><conditionalEventDefinition>'
        "<condition>level &gt; 3</condition></conditionalEventDefinition></intermediateCatchEvent><userTask id='u'/>"
        "<userTask id='v'/>" + flows("s>f>c>v", "f>u"),
    )
    assert process.waiting == ["u"]
    process.complete("u", {"level": 4})
    assert process.waiting == ["v"]


def test_a_conditional_boundary_fires_each_time_its_condition_becomes_true() -> None:
    process = run(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="u"/><userTask id="w"><standardLoopCharacteristics'
        ' loopMaximum="3"/></userTask><boundaryEvent id="b" attachedToRef="u" cancelActivity="false">'
        "<conditionalEventDefinition><condition>hot</condition></conditionalEventDefinition></boundaryEvent>"
        "<task id='r'/>" + flows("s>f>u", "f>w", "b>r"),
        {"hot": False},
    )
    process.complete("w", {"hot": True})
    process.complete("w", {"hot": False})
    process.complete("w", {"hot": True})
    assert process.path().count("r") == 2


def test_several_start_events_need_a_choice_and_only_the_chosen_one_runs() -> None:
    body = (
        '<startEvent id="a"/><startEvent id="b"><messageEventDefinition messageRef="m"/></startEvent>'
        '<startEvent id="c"><timerEventDefinition><timeCycle>0 8 * * *</timeCycle></timerEventDefinition></startEvent>'
        '<endEvent id="e"/>' + flows("a>e", "b>e", "c>e")
    )
    roots = '<message id="m" name="report"/>'
    info = compiled(body, roots=roots).processes["p"]
    assert [(s.element_id, s.event, s.value) for s in info.start_events] == [
        ("a", "none", ""),
        ("b", "message", "report"),
        ("c", "timer", "0 8 * * *"),
    ]
    assert run(body, roots=roots).path() == ["a", "e"]
    assert run(body, roots=roots, start_element="b").path() == ["b", "e"]
    with pytest.raises(StartError):
        run(body, roots=roots, start_element="nowhere")


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        ('<startEvent id="s"/><intermediateCatchEvent id="x"/>' + flows("s>x"), "event.definition_missing", "x"),
        (
            '<startEvent id="s"/><userTask id="u"/><boundaryEvent id="x" attachedToRef="u"><compensateEventDefinition/>'
            "</boundaryEvent>" + flows("s>u"),
            "compensation.handler_missing",
            "x",
        ),
        (
            '<startEvent id="s"/><userTask id="u"/><boundaryEvent id="x" attachedToRef="nobody">'
            "<errorEventDefinition/></boundaryEvent>" + flows("s>u"),
            "boundary.host_unknown",
            "x",
        ),
        (
            '<startEvent id="s"/><endEvent id="x"><errorEventDefinition/></endEvent>' + flows("s>x"),
            "error.missing",
            "x",
        ),
        (
            '<startEvent id="s"/><intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>'
            + flows("s>x"),
            "message.missing",
            "x",
        ),
        (
            '<startEvent id="s"/><endEvent id="x"><signalEventDefinition signalRef="no"/></endEvent>' + flows("s>x"),
            "reference.dangling",
            "x",
        ),
        (
            '<startEvent id="s"/><endEvent id="x"><cancelEventDefinition/></endEvent>' + flows("s>x"),
            "cancel.outside_transaction",
            "x",
        ),
        (
            '<startEvent id="s"/><intermediateCatchEvent id="x"><signalEventDefinition signalRef="g"/>'
            '<messageEventDefinition messageRef="m"/></intermediateCatchEvent>' + flows("s>x"),
            "element.unsupported",
            "x",
        ),
    ],
)
def test_an_event_that_would_be_silently_wrong_is_refused(body: str, code: str, element: str) -> None:
    roots = '<signal id="g" name="g"/><message id="m" name="m"/>'
    assert (code, element) in codes(body, roots=roots)


@pytest.mark.parametrize("text", ["=wait", "clock:accept", "PT{n}H"])
def test_a_start_timer_that_needs_variables_is_refused(text: str) -> None:
    body = f'<startEvent id="s">{timer(text)}</startEvent><endEvent id="e"/>' + flows("s>e")
    assert codes(body) == {("timer.start_unknown", "s")}


def test_a_referenced_event_definition_is_resolved() -> None:
    process = run(
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/><endEvent id="ie"><eventDefinitionRef>def'
        "</eventDefinitionRef></endEvent>" + flows("is>ie") + '</subProcess><boundaryEvent id="b" attachedToRef="sub">'
        '<eventDefinitionRef>def</eventDefinitionRef></boundaryEvent><endEvent id="e"/>' + flows("s>sub", "b>e"),
        roots='<error id="err" errorCode="E"/><errorEventDefinition id="def" errorRef="err"/>',
    )
    assert process.path() == ["s", "is", "ie", "b", "e"]


def test_a_dangling_definition_reference_names_its_element_and_line() -> None:
    found = refusals(
        '<startEvent id="s"/>\n<endEvent id="e"><eventDefinitionRef>nothing</eventDefinitionRef></endEvent>'
        + flows("s>e")
    )
    assert [(f.code, f.element_id, f.line) for f in found] == [("reference.dangling", "e", 5)]
