"""Subprocesses, calls, event subprocesses, transactions, loops and multi-instance."""

from __future__ import annotations

from bpmn.engine import compile_files
from bpmn.engine.contract import IncidentWait, Retry, TimerWait, UserTaskWait
from bpmn.engine.memory import Run
from tests.unit.engine.models import HEAD, bpmn, codes, compiled, flows, run, timer


def test_a_subprocess_shares_the_variables_around_it() -> None:
    process = run(
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/><scriptTask id="x"><script>y = x + 1</script>'
        "</scriptTask>" + flows("is>x") + '</subProcess><endEvent id="e"/>' + flows("s>sub>e"),
        {"x": 1},
    )
    assert process.variables == {"x": 1, "y": 2}
    assert process.path() == ["s", "is", "x", "sub", "e"]


def test_a_subprocess_without_start_event_begins_where_nothing_comes_in() -> None:
    process = run('<startEvent id="s"/><subProcess id="sub"><task id="a"/><task id="b"/></subProcess>' + flows("s>sub"))
    assert process.path() == ["s", "a", "b", "sub"]


def test_an_empty_subprocess_completes_at_once() -> None:
    assert run('<startEvent id="s"/><subProcess id="sub"/><endEvent id="e"/>' + flows("s>sub>e")).status == "completed"


def test_a_boundary_timer_cancels_everything_inside_a_subprocess() -> None:
    inner = '<startEvent id="is"/><parallelGateway id="f"/><userTask id="a"/><subProcess id="deep"><userTask id="b"/>'
    inner += "</subProcess>" + flows("is>f>a", "f>deep")
    process = run(
        f'<startEvent id="s"/><subProcess id="sub">{inner}</subProcess><boundaryEvent id="t" attachedToRef="sub">'
        f'{timer("PT1H")}</boundaryEvent><userTask id="r"/>' + flows("s>sub", "t>r")
    )
    assert process.waiting == ["t", "a", "b"]
    process.fire("t")
    assert process.waiting == ["r"]
    assert sorted(process.path("cancelled")) == ["a", "b", "deep", "sub"]


_CALLED = (
    '<process id="called" isExecutable="true"><startEvent id="End"/><userTask id="Root"/><endEvent id="Start"/>'
    + flows("End>Root>Start")
    + "</process>"
)


def test_a_call_runs_the_process_of_another_file_and_brings_its_variables_back() -> None:
    files = bpmn('<startEvent id="s"/><callActivity id="c" calledElement="called"/><endEvent id="e"/>' + flows("s>c>e"))
    files["other.bpmn"] = f"{HEAD}{_CALLED}</definitions>".encode()
    process = Run(compile_files(files), "p", {"x": 1})
    (task,) = process.of(UserTaskWait)
    assert (task.element_id, task.scope_id) == ("Root", "called")
    process.complete("Root", {"y": 2})
    assert process.variables == {"x": 1, "y": 2}
    assert process.path() == ["s", "End", "Root", "Start", "c", "e"]


def test_call_mappings_let_through_only_what_they_name() -> None:
    process = run(
        '<startEvent id="s"/><callActivity id="c" calledElement="called"><extensionElements>'
        '<gw:input name="n" value="=x + 1"/><gw:output name="result" source="y"/></extensionElements></callActivity>'
        + flows("s>c"),
        {"x": 1, "secret": True},
        more=_CALLED,
    )
    assert process.of(UserTaskWait)[0].data == {"n": 2}
    process.complete("Root", {"y": 5, "z": 6})
    assert process.variables == {"x": 1, "secret": True, "result": 5}


def test_an_error_in_a_called_process_is_caught_at_the_call() -> None:
    called = (
        '<process id="called"><startEvent id="cs"/><endEvent id="ce"><errorEventDefinition errorRef="err"/></endEvent>'
        + flows("cs>ce")
        + "</process>"
    )
    process = run(
        '<startEvent id="s"/><callActivity id="c" calledElement="called"/><boundaryEvent id="b" attachedToRef="c">'
        '<errorEventDefinition errorRef="err"/></boundaryEvent><endEvent id="e"/>' + flows("s>c", "b>e"),
        more=called,
        roots='<error id="err" errorCode="E"/>',
    )
    assert process.path() == ["s", "cs", "ce", "b", "e"]


def test_a_call_to_nothing_is_refused_and_a_call_to_oneself_ends_in_an_incident() -> None:
    assert codes('<startEvent id="s"/><callActivity id="c" calledElement="no"/>' + flows("s>c")) == {
        ("call.unknown", "c")
    }
    body = '<startEvent id="s"/><callActivity id="c" calledElement="p"/>' + flows("s>c")
    assert "call.recursive" in {finding.code for finding in compiled(body).warnings}
    process = run(body)
    assert "deep" in process.of(IncidentWait)[0].en


def _mi(inside: str, activity: str = '<userTask id="u">{}</userTask>', attributes: str = "") -> str:
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    return '<startEvent id="s"/>' + activity.format(loop) + '<endEvent id="e"/>' + flows("s>u>e")


_EACH = (
    "<loopDataInputRef>units</loopDataInputRef><loopDataOutputRef>answers</loopDataOutputRef>"
    '<inputDataItem name="unit"/><outputDataItem name="answer"/>'
)


def test_parallel_instances_each_see_their_item_and_collect_their_answers_in_order() -> None:
    process = run(_mi(_EACH), {"units": ["a", "b", "c"]})
    tasks = process.of(UserTaskWait)
    assert [(task.data["unit"], task.data["loopCounter"]) for task in tasks] == [("a", 0), ("b", 1), ("c", 2)]
    assert len({task.key for task in tasks}) == 3
    from bpmn.engine.contract import CompleteUserTask

    for task in reversed(tasks):
        process.do(CompleteUserTask(task.key, {"answer": f"{task.data['unit']}!", "own": task.data["unit"]}))
    assert process.status == "completed"
    assert process.variables == {"units": ["a", "b", "c"], "answers": ["a!", "b!", "c!"]}


def test_sequential_instances_come_one_after_another() -> None:
    process = run(_mi(_EACH, attributes='isSequential="true"'), {"units": ["a", "b"]})
    assert [task.data["unit"] for task in process.of(UserTaskWait)] == ["a"]
    process.complete("u", {"answer": 1})
    assert [task.data["unit"] for task in process.of(UserTaskWait)] == ["b"]
    process.complete("u", {"answer": 2})
    assert process.variables["answers"] == [1, 2]


def test_no_instances_pass_at_once() -> None:
    assert run(_mi(_EACH), {"units": []}).variables["answers"] == []
    assert run(_mi("<loopCardinality>0</loopCardinality>")).status == "completed"


def test_a_completion_condition_cancels_the_instances_that_are_left() -> None:
    inside = (
        "<loopCardinality>3</loopCardinality><completionCondition>nrOfCompletedInstances &gt;= 2</completionCondition>"
    )
    process = run(_mi(inside))
    process.complete("u")
    assert len(process.waits) == 2
    process.complete("u")
    assert process.status == "completed"
    assert process.path("cancelled") == ["u"]


def test_a_completion_condition_that_fails_is_an_incident_and_loses_no_instance() -> None:
    inside = "<loopCardinality>3</loopCardinality><completionCondition>enough</completionCondition>"
    process = run(_mi(inside))
    process.complete("u")
    assert len(process.of(IncidentWait)) == 1
    assert len(process.of(UserTaskWait)) == 2
    process.complete("u", {"other": 1})
    process.do(Retry(process.of(IncidentWait)[0].key, {"enough": False}))
    assert (process.status, len(process.of(UserTaskWait))) == ("running", 1)
    process.complete("u")
    assert process.status == "completed"


def test_a_cardinality_that_is_no_number_is_an_incident() -> None:
    for value in (-1, 2.5, "three", True, 10**9):
        process = run(_mi("<loopCardinality>n</loopCardinality>"), {"n": value})
        assert process.of(IncidentWait)[0].element_id == "u"
    process.retry("u", {"n": 1})
    assert process.of(UserTaskWait)


def test_five_thousand_instances_run() -> None:
    script = '<scriptTask id="u">{}<script>square = n * n</script></scriptTask>'
    inside = (
        "<loopDataInputRef>range(5000)</loopDataInputRef><loopDataOutputRef>squares</loopDataOutputRef>"
        '<inputDataItem name="n"/><outputDataItem name="square"/>'
    ).replace("range(5000)", "list(range(5000))")
    process = run(_mi(inside, script))
    assert process.status == "completed"
    assert process.variables["squares"][4999] == 4999 * 4999


def test_a_boundary_timer_on_a_multi_instance_cancels_all_of_them() -> None:
    body = _mi("<loopCardinality>3</loopCardinality>") + (
        f'<boundaryEvent id="t" attachedToRef="u">{timer("PT1H")}</boundaryEvent><endEvent id="late"/>'
        + flows("t>late")
    )
    process = run(body)
    assert len(process.of(UserTaskWait)) == 3
    assert len(process.of(TimerWait)) == 1
    process.fire("t")
    assert process.status == "completed"
    assert process.path("cancelled") == ["u", "u", "u"]


def test_a_multi_instance_subprocess_keeps_each_instances_variables_apart() -> None:
    activity = '<subProcess id="u">{}<userTask id="a"/><scriptTask id="x"><script>answer = unit + word</script>'
    activity += "</scriptTask>" + flows("a>x") + "</subProcess>"
    process = run(_mi(_EACH, activity), {"units": ["1", "2"]})
    process.complete("a", {"word": "x"})
    process.complete("a", {"word": "y"})
    assert process.variables == {"units": ["1", "2"], "answers": ["1x", "2y"]}


def test_unsupported_multi_instance_behaviour_is_refused() -> None:
    assert ("element.unsupported", "u") in codes(
        _mi("<loopCardinality>2</loopCardinality>", attributes='behavior="One"')
    )
    assert ("loop.missing", "u") in codes(_mi(""))


def test_a_standard_loop_repeats_while_its_condition_holds() -> None:
    loop = "<standardLoopCharacteristics {}><loopCondition>i &lt; 3</loopCondition></standardLoopCharacteristics>"
    script = '<startEvent id="s"/><scriptTask id="u">{}<script>i = i + 1</script></scriptTask>' + flows("s>u")
    assert run(script.format(loop.format("")), {"i": 0}).variables["i"] == 3
    assert run(script.format(loop.format("")), {"i": 9}).variables["i"] == 10
    assert run(script.format(loop.format('testBefore="true"')), {"i": 9}).variables["i"] == 9
    assert run(script.format(loop.format('loopMaximum="2"')), {"i": 0}).variables["i"] == 2


def test_an_endless_standard_loop_is_refused() -> None:
    body = '<startEvent id="s"/><task id="u"><standardLoopCharacteristics/></task>' + flows("s>u")
    assert codes(body) == {("loop.endless", "u")}


def test_a_cancelled_transaction_leaves_by_its_cancel_boundary() -> None:
    process = run(
        '<startEvent id="s"/><transaction id="x"><startEvent id="is"/><parallelGateway id="f"/><userTask id="a"/>'
        '<endEvent id="ie"><cancelEventDefinition/></endEvent>' + flows("is>f>a", "f>ie") + "</transaction>"
        '<boundaryEvent id="b" attachedToRef="x"><cancelEventDefinition/></boundaryEvent><endEvent id="e"/>'
        '<endEvent id="n"/>' + flows("s>x>n", "b>e")
    )
    assert process.status == "completed"
    assert process.path()[-2:] == ["b", "e"]
    assert "n" not in process.visited()


def _event_subprocess(definition: str, interrupting: bool) -> str:
    return (
        '<startEvent id="s"/><userTask id="u"/><endEvent id="e"/><subProcess id="es" triggeredByEvent="true">'
        f'<startEvent id="es_s" isInterrupting="{str(interrupting).lower()}">{definition}</startEvent>'
        '<userTask id="es_u"/>' + flows("es_s>es_u") + "</subProcess>" + flows("s>u>e")
    )


def test_an_event_subprocess_does_not_run_at_start_and_does_not_keep_the_instance_open() -> None:
    process = run(_event_subprocess(timer("PT1H"), interrupting=True))
    assert process.waiting == ["es_s", "u"]
    process.complete("u")
    assert process.status == "completed"
    assert "es_u" not in process.visited()


def test_an_interrupting_event_subprocess_replaces_what_runs() -> None:
    process = run(_event_subprocess(timer("PT1H"), interrupting=True))
    process.fire("es_s")
    assert process.waiting == ["es_u"]
    assert process.path("cancelled") == ["u"]
    process.complete("es_u")
    assert process.status == "completed"
    assert process.path() == ["s", "es_s", "es_u", "es"]


def test_an_event_subprocess_that_does_not_interrupt_runs_beside_and_again() -> None:
    process = run(
        _event_subprocess('<messageEventDefinition messageRef="m"/>', interrupting=False),
        roots='<message id="m" name="m"/>',
    )
    process.message("m", {"n": 1})
    process.message("m", {"n": 2})
    assert sorted(process.waiting) == ["es_s", "es_u", "u"]
    assert len(process.of(UserTaskWait)) == 3
    for _ in range(2):
        process.complete("es_u")
    process.complete("u")
    assert process.status == "completed"


def test_an_error_event_subprocess_catches_inside_its_scope() -> None:
    process = run(
        '<startEvent id="s"/><scriptTask id="x"><script>throw_error("E1")</script></scriptTask>'
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><errorEventDefinition errorRef="err"/>'
        '</startEvent><task id="mend"/>' + flows("es_s>mend") + "</subProcess>" + flows("s>x"),
        roots='<error id="err" errorCode="E1"/>',
    )
    assert process.path() == ["s", "es_s", "mend", "es"]
    assert process.status == "completed"


def test_event_subprocesses_that_say_too_little_are_refused() -> None:
    empty = '<startEvent id="s"/><subProcess id="es" triggeredByEvent="true"><task id="t"/></subProcess>'
    assert ("event_subprocess.start", "es") in codes(empty)
    plain = '<startEvent id="s"/><subProcess id="es" triggeredByEvent="true"><startEvent id="x"/></subProcess>'
    assert ("event_subprocess.trigger", "x") in codes(plain)


def test_two_instances_of_one_bundle_do_not_meet() -> None:
    bundle = compiled(
        _event_subprocess('<messageEventDefinition messageRef="m"/>', interrupting=False),
        roots='<message id="m" name="m"/>',
    )
    first, second = Run(bundle, "p"), Run(bundle, "p")
    first.message("m")
    assert len(first.of(UserTaskWait)) == 2
    assert len(second.of(UserTaskWait)) == 1
