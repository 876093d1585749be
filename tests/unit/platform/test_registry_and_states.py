"""What diagrams can call, which changes of status are legal, and how notifications are packed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from bpmn import notify, registry, states
from bpmn.engine.contract import ElementRef
from bpmn.errors import ConflictError, HandlerArgumentError
from bpmn.registry import HandlerContext
from bpmn.values import WORKER


@pytest.fixture(autouse=True)
def unchanged_registry() -> Iterator[None]:
    before = dict(registry._handlers)
    yield
    registry._handlers.clear()
    registry._handlers.update(before)


def context() -> HandlerContext:
    element = ElementRef("E", "E", "serviceTask", "p")
    none: Any = None
    return HandlerContext(none, datetime(2026, 1, 1, tzinfo=UTC), WORKER, "i", "C-1", element, "k", {}, "key")


def test_parameters_are_matched_by_name_and_unknown_variables_are_left_out() -> None:
    @registry.handler("test.sum")
    def add(a: int, b: int = 2) -> dict[str, int]:
        return {"sum": a + b}

    found = registry.find("test.sum")
    assert found is not None
    assert found({"a": 1, "other": 9}, context()) == {"sum": 3}
    assert found({"a": 1, "b": 5}, context()) == {"sum": 6}


def test_a_missing_variable_is_named() -> None:
    @registry.handler("test.needs")
    def needs(a: int, b: int) -> None:
        return None

    found = registry.find("test.needs")
    assert found is not None
    with pytest.raises(HandlerArgumentError) as refusal:
        found({"a": 1}, context())
    assert "b" in refusal.value.message("zh")


def test_a_handler_must_answer_variables() -> None:
    @registry.handler("test.wrong")
    def wrong() -> Any:
        return 5

    found = registry.find("test.wrong")
    assert found is not None
    with pytest.raises(HandlerArgumentError):
        found({}, context())


def test_a_topic_belongs_to_one_function() -> None:
    @registry.handler("test.mine")
    def mine() -> None:
        return None

    with pytest.raises(ValueError, match=r"test\.mine"):

        @registry.handler("test.mine")
        def yours() -> None:
            return None


def test_a_handler_may_ask_for_everything_and_for_the_context() -> None:
    @registry.handler("test.all")
    def everything(*, context: HandlerContext, **variables: Any) -> dict[str, Any]:
        return {"names": sorted(variables), "key": context.business_key}

    found = registry.find("test.all")
    assert found is not None
    assert found({"a": 1, "b": 2}, context()) == {"names": ["a", "b"], "key": "C-1"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("clock:handling", ("handling", 1.0)), ("clock:handling@80", ("handling", 0.8)), ("clock:x@12.5", ("x", 0.125))],
)
def test_a_clock_reference_has_a_name_and_a_share(text: str, wanted: tuple[str, float]) -> None:
    assert registry.split_clock(text) == wanted


TABLES = {
    "definition": states.DEFINITION,
    "instance": states.INSTANCE,
    "task": states.TASK,
    "message": states.MESSAGE,
    "job": states.JOB,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_status_of_a_table_has_its_words_and_is_known(name: str) -> None:
    table = TABLES[name]
    assert set(table.words) == set(table.changes)
    assert {after for reachable in table.changes.values() for after in reachable} <= set(table.changes)
    for before in table.changes:
        for after in table.changes:
            if after in table.changes[before]:
                assert table.check(before, after) == after
            else:
                with pytest.raises(ConflictError) as refusal:
                    table.check(before, after)
                assert table.words[before][0] in refusal.value.message("zh")


def test_many_events_are_packed_into_few_payloads_that_postgresql_takes() -> None:
    groups = ["处置人员" * 5]
    events: list[dict[str, Any]] = [{"kind": "task", "task_id": number, "groups": groups} for number in range(500)]
    events.append({"kind": "task", "task_id": 500, "groups": ["x" * 9000]})
    packed = notify._packed(events)
    assert max(len(each.encode()) for each in packed) < 8000
    unpacked = [event for each in packed for event in orjson.loads(each)["events"]]
    assert [event["task_id"] for event in unpacked] == list(range(501))
    assert "groups" not in unpacked[-1]
