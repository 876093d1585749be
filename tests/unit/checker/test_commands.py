"""`gridwhistle check` and `gridwhistle trace`: output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.unit.engine.models import bpmn, flows, timer
from webapp.cli import main


def _call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def _write(folder: Path, body: str, name: str = "m.bpmn", **options: str) -> str:
    path = folder / name
    path.write_bytes(next(iter(bpmn(body, **options).values())))
    return str(path)


def _lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_check_prints_a_line_per_finding_and_answers_by_exit_code(tmp_path: Path) -> None:
    good = _write(tmp_path, '<startEvent id="s"/>', "good.bpmn")
    result = _call("check", good)
    assert (result.exit_code, result.stdout) == (0, "")
    bad = _write(tmp_path, '<startEvent id="s"/>\n<complexGateway id="c"/>' + flows("s>c"), "bad.bpmn", process="q")
    result = _call("check", bad)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{bad}:5: c: error: element.unsupported: ")
    assert "复杂网关" in _call("check", bad, "--lang", "zh").stdout


def test_check_takes_folders_and_writes_json(tmp_path: Path) -> None:
    _write(tmp_path, '<startEvent id="s"/><callActivity id="c" calledElement="no"/>' + flows("s>c"))
    (finding,) = _lines(_call("check", str(tmp_path), "--json"))
    assert (finding["code"], finding["element"], finding["severity"]) == ("call.unknown", "c", "error")


def test_check_looks_into_forms_and_misses_those_that_tasks_name(tmp_path: Path) -> None:
    body = '<startEvent id="s"/><userTask id="u" gw:candidateGroups="g" gw:formKey="forms/{}.form"/>' + flows("s>u")
    _write(tmp_path, body.format("a"))
    forms = tmp_path / "forms"
    forms.mkdir()
    (forms / "a.form").write_text('{"type": "default", "components": []}', "utf-8")
    assert _call("check", str(tmp_path)).exit_code == 0
    _write(tmp_path, body.format("b"))
    (finding,) = _lines(_call("check", str(tmp_path), "--json"))
    assert (finding["code"], finding["element"], finding["severity"]) == ("binding.form_missing", "u", "error")
    (forms / "a.form").write_text("no json", "utf-8")
    assert {line["file"].rsplit("/", 1)[-1] for line in _lines(_call("check", str(tmp_path), "--json"))} == {
        "a.form",
        "m.bpmn",
    }


def test_check_answers_two_for_what_cannot_be_read(tmp_path: Path) -> None:
    assert _call("check", str(tmp_path / "nothing.bpmn")).exit_code == 2
    assert _call("check").exit_code == 2
    assert "complexGateway" in _call("check", "--capabilities").stdout


_TASK = (
    f'<startEvent id="s"/><userTask id="u"/><boundaryEvent id="b" attachedToRef="u">{timer("PT1H")}</boundaryEvent>'
    '<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/><endEvent id="late"/><endEvent id="ok"/>'
    + flows("s>u>g>e", "g>ok[ok]", "b>late")
)


@pytest.mark.parametrize(
    ("options", "code", "status", "last"),
    [
        ([], 3, "waiting", "u"),
        (["--answer", 'u={"ok": true}'], 0, "completed", "ok"),
        (["--complete-tasks", "--data", '{"ok": false}'], 0, "completed", "e"),
        (["--skip-timers"], 0, "completed", "late"),
        (["--complete-tasks"], 4, "incident", "g"),
    ],
)
def test_trace_runs_a_model_as_far_as_it_is_answered(
    tmp_path: Path, options: list[str], code: int, status: str, last: str
) -> None:
    result = _call("trace", _write(tmp_path, _TASK), *options)
    *events, outcome = _lines(result)
    assert (result.exit_code, outcome["status"]) == (code, status)
    assert events[0] == {"event": "entered", "element": "s", "type": "startEvent"}
    assert events[-1]["element"] == last
    assert set(outcome) == {"status", "waiting", "data", "errors"}
    assert bool(outcome["errors"]) == (status == "incident")
    assert outcome["waiting"] == {"waiting": ["u", "b"], "incident": ["g"], "completed": []}[status]


def test_trace_refuses_what_check_refuses(tmp_path: Path) -> None:
    result = _call("trace", _write(tmp_path, '<startEvent id="s"/><complexGateway id="c"/>' + flows("s>c")))
    (outcome,) = _lines(result)
    assert (result.exit_code, outcome["status"]) == (1, "refused")
    assert ": c: error: element.unsupported:" in outcome["errors"][0]


@pytest.mark.parametrize(
    "options", [["--data", "{"], ["--data", "[1]"], ["--answer", "=x"], ["--process", "no"], ["--nonsense"]]
)
def test_trace_answers_two_for_a_wrong_call(tmp_path: Path, options: list[str]) -> None:
    assert _call("trace", _write(tmp_path, _TASK), *options).exit_code == 2
    assert _call("trace", str(tmp_path / "no.bpmn")).exit_code == 2


def test_trace_delivers_messages_signals_and_starts_by_message(tmp_path: Path) -> None:
    body = (
        '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent><intermediateCatchEvent id="c">'
        '<messageEventDefinition messageRef="m"/></intermediateCatchEvent><intermediateCatchEvent id="g">'
        '<signalEventDefinition signalRef="go"/></intermediateCatchEvent><endEvent id="e"/>' + flows("s>c>g>e")
    )
    model = _write(tmp_path, body, roots='<message id="m" name="hello"/><signal id="go" name="go"/>')
    waiting = _call("trace", model)
    assert (waiting.exit_code, _lines(waiting)[-1]["waiting"]) == (3, ["s"])
    result = _call("trace", model, "--message", 'hello={"a": 1}', "--message", "hello", "--signal", 'go={"b": 2}')
    assert (result.exit_code, _lines(result)[-1]["data"]) == (0, {"a": 1, "b": 2})


def test_trace_calls_other_files_and_picks_the_process_that_nobody_calls(tmp_path: Path) -> None:
    model = _write(tmp_path, '<startEvent id="s"/><callActivity id="c" calledElement="q"/>' + flows("s>c"))
    other = tmp_path / "q.bpmn"
    other.write_bytes(bpmn('<startEvent id="qs"/>', process="q")["q.bpmn"])
    result = _call("trace", model, "--with", str(other))
    assert [e["element"] for e in _lines(result)[:-1] if e["event"] == "completed"] == ["s", "qs", "c"]


def test_trace_refuses_reserved_and_odd_data_as_an_incident(tmp_path: Path) -> None:
    result = _call("trace", _write(tmp_path, _TASK), "--data", '{"typename": 1}')
    assert (result.exit_code, _lines(result)[-1]["status"]) == (4, "incident")
