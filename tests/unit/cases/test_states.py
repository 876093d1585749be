"""The transition table of a case."""

from __future__ import annotations

import pytest

from bpmn.errors import ConflictError
from handlers.cases import states
from handlers.cases.tables import Case


def test_every_status_has_a_name_and_a_row() -> None:
    assert set(states.NAMES) == set(states.TRANSITIONS)
    assert all(target in states.NAMES for targets in states.TRANSITIONS.values() for target in targets)


def test_a_case_that_has_ended_never_changes_again() -> None:
    for status in states.ENDED:
        assert states.TRANSITIONS[status] == frozenset()
        assert not states.is_open(status)


def test_every_status_can_be_reached_from_the_first() -> None:
    reached, todo = set(), [states.REPORTED]
    while todo:
        status = todo.pop()
        if status not in reached:
            reached.add(status)
            todo.extend(states.TRANSITIONS[status])
    assert reached == set(states.NAMES)


def test_an_illegal_change_says_from_what_to_what() -> None:
    case = Case(number="HZ202611220001", status=states.REPORTED, version=1)
    with pytest.raises(ConflictError) as caught:
        states.transition(case, states.CLOSING)
    assert "待受理" in caught.value.message("zh")
    assert "To be closed" in caught.value.message("en")
    assert case.status == states.REPORTED


def test_a_change_counts_the_version_and_staying_does_not() -> None:
    case = Case(number="HZ202611220001", status=states.REPORTED, version=1)
    states.transition(case, states.ACCEPTED)
    states.transition(case, states.ACCEPTED)
    assert (case.status, case.version) == (states.ACCEPTED, 2)
