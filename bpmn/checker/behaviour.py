"""Plays a scope through with all its choices, within a budget: joins that can wait for ever, and ways without an end.

Conditions are not evaluated: what is told is that some way through the diagram gets stuck, so it is a warning and
names the way. Subprocesses are played on their own; an activity is one step with its boundary events as other exits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from bpmn.checker.model import ACTIVITIES, Node, Scope
from bpmn.checker.reach import is_link, linked, sources
from bpmn.checker.reading import Findings

MAX_STATES = 4000
MAX_TOKENS = 40
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})

State = tuple[str, ...]
"""The flows that hold a token, sorted; a flow stands as often as it has tokens."""


@dataclass(slots=True)
class _Play:
    scope: Scope
    came: dict[State, tuple[State, str]] = field(default_factory=dict)
    """State -> the state before it and the element that moved."""
    after: dict[State, list[State]] = field(default_factory=dict)
    stuck: dict[str, State] = field(default_factory=dict)
    """Join -> the first state in which it waits for ever."""
    crowded: tuple[str, State] | None = None
    reach: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    calm: set[str] = field(default_factory=set)
    """Nodes from which no loop can be reached: their tokens move first, so that only true crowds are told."""


def check_behaviour(scope: Scope, notes: Findings) -> None:
    """Note joins that may wait for ever, ways that cannot end, and tokens that pile up."""
    play = _Play(scope, calm=_calm(scope))
    complete = _explore(play)
    for join, state in play.stuck.items():
        node = scope.nodes[join]
        way = _way(play, state)
        notes.warning(
            "behaviour.join_waits",
            node.line,
            node.id,
            f"汇聚网关可能永远等待：经过 {way} 时，缺少的分支不会到来。",
            f"The join may wait for ever: on the way {way} a branch that it needs does not come.",
            ("让分支与汇聚成对：排他分支用排他汇聚。", "Pair split and join: join an exclusive split exclusively."),
            node.name,
        )
    if play.crowded is not None:
        _tell_crowd(play, notes)
    elif complete and not play.stuck:
        _tell_endless(play, notes)


def _explore(play: _Play) -> bool:
    start = _begin(play.scope)
    stack = [start]
    play.after[start] = []
    while stack:
        state = stack.pop()
        if len(play.after) > MAX_STATES:
            return False
        for element, following in _moves(play, state):
            if len(following) > MAX_TOKENS or any(following.count(flow) > 3 for flow in set(following)):
                play.crowded = play.crowded or (element, state)
                return False
            play.after[state].append(following)
            if following not in play.after:
                play.after[following] = []
                play.came[following] = (state, element)
                stack.append(following)
    return True


def _begin(scope: Scope) -> State:
    starts = [node for node in scope.nodes.values() if node.kind == "startEvent"]
    if not starts:
        starts = [
            node
            for node in scope.nodes.values()
            if not node.incoming
            and node.kind != "boundaryEvent"
            and not node.triggered_by_event
            and not node.is_for_compensation
            and not is_link(node, "intermediateCatchEvent")
        ]
        return tuple(sorted(f"@{node.id}" for node in starts))
    plain = [node for node in starts if not node.events]
    return (f"@{(plain or starts)[0].id}",)


def _moves(play: _Play, state: State) -> Iterator[tuple[str, State]]:
    """What can follow. Moves of different tokens do not disturb each other, so one that can move is enough."""
    scope = play.scope
    waiting: set[str] = set()
    for flow in sorted(dict.fromkeys(state), key=lambda each: _node_at(scope, each).id not in play.calm):
        node = _node_at(scope, flow)
        if node.kind in _JOINS and len(node.incoming) > 1:
            waiting.add(node.id)
            continue
        rest = _without(state, [flow])
        for taken in _exits(scope, node):
            yield node.id, () if taken is None else tuple(sorted((*rest, *taken)))
        return
    for join in sorted(waiting, key=lambda each: scope.nodes[each].kind != "parallelGateway"):
        node = scope.nodes[join]
        used = _ready(play, node, state)
        if used is not None:
            rest = _without(state, used)
            for taken in _exits(scope, node):
                yield node.id, tuple(sorted((*rest, *(taken or ()))))
            return
    for join in waiting:
        play.stuck.setdefault(join, state)


def _calm(scope: Scope) -> set[str]:
    """Take away, again and again, the nodes that lead to nothing that is left."""
    leads = {node.id: {flow.target for flow in node.outgoing} for node in scope.nodes.values()}
    for node in scope.nodes.values():
        leads[node.id] |= {boundary.id for boundary in scope.attached(node.id)}
        if is_link(node, "intermediateThrowEvent"):
            leads[node.id] |= {other.id for other in linked(scope, node, "intermediateCatchEvent")}
    before: dict[str, list[str]] = {}
    for node_id, targets in leads.items():
        for target in targets:
            before.setdefault(target, []).append(node_id)
    calm: set[str] = set()
    stack = [node_id for node_id, targets in leads.items() if not targets]
    while stack:
        node_id = stack.pop()
        calm.add(node_id)
        for earlier in before.get(node_id, []):
            leads[earlier].discard(node_id)
            if not leads[earlier]:
                stack.append(earlier)
    return calm


def _node_at(scope: Scope, place: str) -> Node:
    return scope.nodes[place[1:] if place.startswith("@") else scope.flows[place].target]


def _without(state: State, used: list[str]) -> list[str]:
    rest = list(state)
    for flow in used:
        rest.remove(flow)
    return rest


def _ready(play: _Play, node: Node, state: State) -> list[str] | None:
    filled = [flow.id for flow in node.incoming if flow.id in state]
    empty = [flow.id for flow in node.incoming if flow.id not in state]
    if not empty:
        return filled
    if node.kind == "parallelGateway":
        return None
    places = {_node_at(play.scope, flow).id for flow in state} - {node.id}
    reaching = set().union(*(_sources(play, node.id, flow) for flow in empty))
    already = set().union(*(_sources(play, node.id, flow) for flow in filled))
    return None if places & (reaching - already) else filled


def _sources(play: _Play, join: str, flow: str) -> frozenset[str]:
    key = (join, flow)
    if key not in play.reach:
        play.reach[key] = sources(play.scope, join, flow)
    return play.reach[key]


def _exits(scope: Scope, node: Node) -> list[tuple[str, ...] | None]:
    """The sets of flows that a token may leave by; None: everything in the scope ends."""
    flows = [flow.id for flow in node.outgoing]
    if node.kind == "endEvent":
        ends = node.event is not None and node.event.kind in ("terminate", "error", "cancel")
        return [None] if ends else [()]
    if is_link(node, "intermediateThrowEvent"):
        return [(f"@{other.id}",) for other in linked(scope, node, "intermediateCatchEvent")[:1]] or [()]
    exits: list[tuple[str, ...]]
    if node.kind in ("exclusiveGateway", "eventBasedGateway"):
        exits = [(flow,) for flow in flows] or [()]
    elif node.kind == "inclusiveGateway" or any(flow.condition for flow in node.outgoing):
        exits = _subsets(node)
    else:
        exits = [tuple(flows)]
    if node.kind in ACTIVITIES:
        for boundary in scope.attached(node.id):
            if boundary.event is not None and boundary.event.kind == "compensate":
                continue
            beside = tuple(flow.id for flow in boundary.outgoing)
            if boundary.interrupting:
                exits.append(beside)
            else:
                exits.extend([(*each, *beside) for each in list(exits)][:8])
    return list[tuple[str, ...] | None](dict.fromkeys(exits))


def _subsets(node: Node) -> list[tuple[str, ...]]:
    always = tuple(flow.id for flow in node.outgoing if not flow.condition and flow.id != node.default)
    if node.kind == "inclusiveGateway":
        always = ()
    open_ = [flow.id for flow in node.outgoing if flow.id not in always]
    if len(open_) > 4:
        return [(*always, flow) for flow in open_] + [(*always, *open_)]
    sizes = range(0 if always else 1, len(open_) + 1)
    return [(*always, *chosen) for size in sizes for chosen in combinations(open_, size)] or [()]


def _way(play: _Play, state: State) -> str:
    """The elements on the way to a state, shortened in the middle."""
    way: list[str] = []
    while state in play.came:
        state, element = play.came[state]
        node = play.scope.nodes[element]
        way.append(node.name or node.id)
    way.reverse()
    shown = way if len(way) <= 8 else [*way[:3], "…", *way[-4:]]
    return " > ".join(shown)


def _tell_crowd(play: _Play, notes: Findings) -> None:
    assert play.crowded is not None
    node = play.scope.nodes[play.crowded[0]]
    way = _way(play, play.crowded[1])
    notes.warning(
        "behaviour.tokens_pile_up",
        node.line,
        node.id,
        f"并行分支未经汇聚就回到循环，会不断增多：{way}。",
        f"Parallel branches go round without being joined and become ever more: {way}.",
        ("在循环之前用并行网关汇聚。", "Join them with a parallel gateway before the loop."),
        node.name,
    )


def _tell_endless(play: _Play, notes: Findings) -> None:
    ending: set[State] = {()}
    before: dict[State, list[State]] = {}
    for state, following in play.after.items():
        for each in following:
            before.setdefault(each, []).append(state)
    stack: list[State] = [()]
    while stack:
        for state in before.get(stack.pop(), []):
            if state not in ending:
                ending.add(state)
                stack.append(state)
    endless = [state for state in play.after if state not in ending]
    if endless:
        node = _node_at(play.scope, endless[0][0])
        notes.warning(
            "behaviour.no_way_out",
            node.line,
            node.id,
            "从这里起流程没有结束的路径。",
            "From here on no way leads to an end.",
            ("给循环加一条出口。", "Give the loop a way out."),
            node.name,
        )
