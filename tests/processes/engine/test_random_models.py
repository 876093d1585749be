"""Random models walked at random: the engine does what the token game says, saved and loaded or not."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bpmn.engine import compile_files, state
from bpmn.engine.contract import Command, CompleteUserTask, FireTimer, TimerWait, Wait
from bpmn.engine.memory import MemoryHost, Run
from bpmn.engine.stepping import perform
from tests.processes.engine.blocks import ROOTS, Block, ScopeGame, Ticket, draw_process, models
from tests.unit.engine.models import bpmn

EXAMPLES = int(os.environ.get("GRIDWHISTLE_RANDOM_MODELS", "150"))
"""Set it higher for a long run; a failure prints the model and the walk."""


def _command(wait: Wait) -> Command:
    return FireTimer(wait.key) if isinstance(wait, TimerWait) else CompleteUserTask(wait.key, {})


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(models(), st.data())
def test_a_random_walk_through_a_random_model_follows_the_token_game(block: Block, data: st.DataObject) -> None:
    body = draw_process(block)
    note(body)
    bundle = compile_files(bpmn(body, roots=ROOTS))
    game = ScopeGame(block)
    process = Run(bundle, "p")
    # The same instance once more, never saved: what is dropped and stored may not make a difference.
    kept = state.load(bundle, "p", process.state, MemoryHost()) if process.state else None
    tickets: dict[str, Ticket] = {}
    for _ in range(60):
        tickets = _match(tickets, process, game)
        assert (process.status == "completed") == game.done == (not process.waits)
        if process.status == "completed":
            break
        assert kept is not None
        assert state.dump(kept) == process.state
        assert state.dump(state.load(bundle, "p", process.state, MemoryHost())) == process.state
        wait = data.draw(st.sampled_from(sorted(process.waits, key=lambda each: (each.element_id, int(each.key)))))
        note(f"answer {wait.element_id} {wait.key}")
        command = _command(wait)
        before = len(kept.events)
        step = process.do(command)
        perform(kept, command)
        kept.run_to_rest()
        assert tuple(kept.events[before:]) == step.events
        assert game.answer(tickets[wait.key])
    _check_events(process)


def _match(known: dict[str, Ticket], process: Run, game: ScopeGame) -> dict[str, Ticket]:
    """Wait key -> ticket. What opened in the same step at one element stands in the same order on both sides."""
    tickets = game.waits()
    keys = {wait.key for wait in process.waits}
    matched = {key: ticket for key, ticket in known.items() if key in keys}
    new_waits = [wait for wait in process.waits if wait.key not in matched]
    new_waits.sort(key=lambda each: (each.element_id, int(each.key)))
    new_tickets = [each for each in tickets if not any(each == old for old in matched.values())]
    new_tickets.sort(key=lambda ticket: ticket[0])
    assert [wait.element_id for wait in new_waits] == [element for element, _ in new_tickets]
    matched.update({wait.key: ticket for wait, ticket in zip(new_waits, new_tickets, strict=True)})
    assert len(matched) == len(tickets)
    return matched


def _check_events(process: Run) -> None:
    """What was entered was completed, cancelled, or is still there."""
    entered, left = Counter[str](), Counter[str]()
    for event in process.events:
        if event.type != "sequenceFlow":
            (entered if event.kind == "entered" else left)[event.element_id] += 1
    open_ = entered - left
    assert not left - entered
    if process.status == "completed":
        assert not open_
