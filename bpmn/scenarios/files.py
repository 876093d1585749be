"""The files of scenarios: `scenarios/*.json` beside a diagram, and `scenarios/people.json` with who walks in them.

One file is one scenario:

    {"name": "…", "process": "case_handling", "start": {"variables": {…}, "element": null}, "case": {…},
     "handlers": {"case.route": {"lead_unit": "…"}}, "decisions": {…}, "now": "2026-11-20T08:00+08:00",
     "steps": [
       {"at": "Task_Accept", "as": "acceptor", "answer": {"outcome": "verify"}, "refuses": ["reporter"]},
       {"clock": "accept@80"}, {"fire": "Timer_X"}, {"skip": "PT4H"}, {"message": "…", "variables": {…}},
       {"signal": "…"}, {"job": "Service_X", "answer": {…}}, {"retry": "Service_X"}, {"waiting_at": ["Task_X"]}],
     "expect": {"path": ["Task_Accept", …], "end": "End_Closed", "waiting_at": [], "never": [],
                "told": ["clock.start(clock=accept)"], "variables": {"return_count": 1}}}

A handler's answer may be a list, one for each call; `{"error": "CODE"}` throws a BPMN error, `{"fail": "text"}`
fails, and `"later"` leaves the job open until a step answers it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bpmn.errors import GridWhistleError
from bpmn.values import Variables

PEOPLE: Final = "people.json"
KINDS: Final = frozenset({"at", "clock", "fire", "skip", "message", "signal", "job", "retry", "waiting_at"})
KEYS: Final = frozenset(
    {"name", "process", "start", "case", "handlers", "decisions", "now", "steps", "expect", "people"}
)
STEP_KEYS: Final = KINDS | {"as", "answer", "refuses", "variables", "correlation"}
EXPECTED: Final = frozenset({"path", "end", "waiting_at", "never", "told", "variables"})


class ScenarioError(GridWhistleError):
    """A scenario file cannot be read. Facts: path, why_zh, why_en."""

    code = "scenario_unreadable"
    en = "{path} cannot be walked: {why_en}"
    zh = "{path} 无法走查：{why_zh}"


@dataclass(frozen=True, slots=True)
class Person:
    """Who answers: the id and the candidate groups."""

    user: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. `kind` is one of `KINDS`, `target` its value."""

    kind: str
    target: Any
    person: str | None = None
    answer: Variables = field(default_factory=dict)
    refuses: tuple[str, ...] = ()
    correlation: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named walk."""

    name: str
    process: str
    path: str
    variables: Variables
    start_element: str | None
    case: Variables
    handlers: Mapping[str, Any]
    decisions: Mapping[str, Any]
    now: str
    steps: tuple[Step, ...]
    expect: Mapping[str, Any]
    people: Mapping[str, Person]


def load(folder: Path) -> list[Scenario]:
    """The scenarios of a process folder by file name; none when it has no `scenarios`.

    :raises ScenarioError: a file is no JSON, or says something unknown.
    """
    found = sorted((folder / "scenarios").glob("*.json"))
    people_file = folder / "scenarios" / PEOPLE
    people = _json(people_file) if people_file in found else {}
    return [read(path, _json(path), people) for path in found if path.name != PEOPLE]


def read(path: Path, content: Any, people: Any) -> Scenario:
    """A scenario from its parsed file.

    :raises ScenarioError: a key is unknown or of the wrong type, or a person is not among the people.
    """
    try:
        _only(content, KEYS, "scenario")
        start, expect = content.get("start", {}), content.get("expect", {})
        _only(start, {"variables", "element"}, "start")
        _only(expect, EXPECTED, "expect")
        known = {name: Person(each["user"], frozenset(each["groups"])) for name, each in _people(people, content)}
        steps = tuple(_step(step) for step in content["steps"])
        for step in steps:
            for name in (*step.refuses, *([step.person] if step.person else [])):
                if name not in known:
                    raise KeyError(name)
        return Scenario(
            name=content["name"],
            process=content["process"],
            path=str(path),
            variables=start.get("variables", {}),
            start_element=start.get("element"),
            case=content.get("case", {}),
            handlers=content.get("handlers", {}),
            decisions=content.get("decisions", {}),
            now=content.get("now", "2026-11-20T09:00:00+08:00"),
            steps=steps,
            expect=expect,
            people=known,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScenarioError(
            path=path.name, why_zh=f"内容不正确（{error}）。", why_en=f"wrong content ({error})."
        ) from error


def _people(people: Any, content: Any) -> list[tuple[str, Any]]:
    return list({**people, **content.get("people", {})}.items())


def _step(step: Any) -> Step:
    _only(step, STEP_KEYS, "step")
    kinds = KINDS & step.keys()
    if len(kinds) != 1:
        raise ValueError(f"a step needs one of {', '.join(sorted(KINDS))}")
    kind = kinds.pop()
    return Step(
        kind=kind,
        target=step[kind],
        person=step.get("as"),
        answer=step.get("answer", step.get("variables", {})),
        refuses=tuple(step.get("refuses", ())),
        correlation=step.get("correlation", {}),
    )


def _only(content: Any, allowed: frozenset[str] | set[str], what: str) -> None:
    unknown = sorted(set(content) - allowed)
    if unknown:
        raise ValueError(f"unknown in {what}: {', '.join(unknown)}")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScenarioError(
            path=path.name, why_zh=f"无法读取（{error}）。", why_en=f"cannot be read ({error})."
        ) from error
