"""The deployed diagram of a case with what has happened in it: marks for the drawing, steps for the phone, ways ahead.

States come from history and open waits, never from the engine. The way ahead is read off the diagram: the longest of
the shortest ways to an end, which is the one that passes every stage once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bpmn.tables import UserTask
from webapp.cases import english
from webapp.cases.names import Names
from webapp.cases.words import when
from webapp.clock import local, moment_short, time_of
from webapp.i18n import gettext as _
from webapp.i18n import is_chinese
from webapp.steps import step_name

PEOPLE_WORK = frozenset({"userTask", "manualTask"})
CAPTION_LINES = 2


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    kind: str
    name: str
    lane: str
    attached_to: str
    outgoing: tuple[tuple[str, str, str], ...]
    """(flow id, target id, flow name)"""
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One time an element was done: when, and who did it if a person did."""

    element_id: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Step:
    element_id: str
    name: str
    state: str
    who: str
    when: str
    is_round: bool = False
    """An event, drawn as a circle, not a step of work."""


@dataclass(frozen=True, slots=True)
class Next:
    icon: str
    label: str
    text: str


@dataclass(slots=True)
class Progress:
    """What has happened in an instance."""

    process_key: str
    nodes: Mapping[str, Node]
    done: list[Visit] = field(default_factory=list)
    current: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)

    def states(self) -> dict[str, str]:
        """Element id to done or current; the rest is to come."""
        found = {visit.element_id: "done" for visit in self.done if visit.element_id in self.nodes}
        waiting = {
            each for each in self.current if each in self.nodes and self.nodes[each].kind not in {"boundaryEvent"}
        }
        return found | dict.fromkeys(waiting | self.failed, "current")

    def focus(self) -> str:
        """What a reader looks for: where it stands, or where it ended."""
        return next(iter(sorted(self.current)), self.done[-1].element_id if self.done else "")

    def captions(self, names: Names, tasks: Sequence[UserTask]) -> dict[str, list[str]]:
        """Under each step: who, and when; of the current one for whom it waits."""
        found: dict[str, list[str]] = {}
        for element_id, visits in _by_element(self.done).items():
            node = self.nodes.get(element_id)
            if node is not None and node.kind in PEOPLE_WORK:
                found[element_id] = [_people(visits, names), _times(visits)][:CAPTION_LINES]
        for task in tasks:
            holder = names.person(task.assignee)
            found[task.element_id] = [
                _("waits for %(name)s", name=holder) if holder else _("not claimed yet"),
                _("due %(at)s", at=moment_short(task.due_at)) if task.due_at else "",
            ]
        return {key: [line for line in lines if line] for key, lines in found.items()}


def steps(progress: Progress, names: Names, tasks: Sequence[UserTask], *, is_open: bool) -> list[Step]:
    """The steps people did in their order, the current ones, and those still on the way."""
    found: list[Step] = []
    captions = progress.captions(names, tasks)
    for element_id, visits in _by_element(progress.done).items():
        node = progress.nodes.get(element_id)
        if node is None or element_id in progress.current:
            continue
        if node.kind in PEOPLE_WORK:
            found.append(_step(progress, node, "done", _people(visits, names), _when(visits)))
        elif node.kind == "startEvent":
            found.insert(0, _step(progress, node, "done", _people(visits, names), _when(visits)))
        elif node.kind == "endEvent" and not is_open and node.name:
            found.append(_step(progress, node, "done", "", _when(visits)))
    for task in tasks:
        node = progress.nodes.get(task.element_id)
        if node is not None:
            lines = [*captions.get(task.element_id, []), "", ""]
            found.append(_step(progress, node, "current", lines[0], lines[1]))
    if is_open:
        done = set(_by_element(progress.done))
        for node in ahead(progress.nodes, progress.current, done):
            if node.kind in PEOPLE_WORK and node.id not in done and node.id not in progress.current:
                found.append(_step(progress, node, "coming", english.label(node.lane), ""))
            elif node.kind == "endEvent" and node.name:
                found.append(_step(progress, node, "coming", "", ""))
    return found


def ahead(nodes: Mapping[str, Node], current: Iterable[str], done: Collection[str] = ()) -> list[Node]:
    """The way from the current elements to the end behind most people's work; what is done is not done again."""
    came: dict[str, str | None] = dict.fromkeys(current)
    behind = set(done) - set(came)
    queue = deque(came)
    ends: list[str] = []
    while queue:
        here = queue.popleft()
        node = nodes.get(here)
        if node is None:
            continue
        if node.kind == "endEvent":
            ends.append(here)
        for _flow, target, _name in node.outgoing:
            if target not in came and target not in behind:
                came[target] = here
                queue.append(target)
    ways = [_way(nodes, came, end) for end in ends]
    return max(ways, key=lambda way: (sum(node.kind in PEOPLE_WORK for node in way), len(way)), default=[])


def _way(nodes: Mapping[str, Node], came: Mapping[str, str | None], end: str) -> list[Node]:
    way: list[Node] = []
    at: str | None = end
    while at is not None and came.get(at) is not None:
        way.append(nodes[at])
        at = came[at]
    return list(reversed(way))


def following(progress: Progress, tasks: Sequence[UserTask]) -> list[Next]:
    """What may come after the current task, by its answer; then what its timers do."""
    found: list[Next] = []
    for task in tasks[:2]:
        node = progress.nodes.get(task.element_id)
        if node is None:
            continue
        for label, target in _answers(progress.nodes, node):
            found.append(Next(_icon(target, progress), english.label(label), _then(progress, target)))
    return found[:6]


def late_sentence(progress: Progress, task: UserTask, now: datetime) -> str:
    """What the diagram does when the task's limit ends, or did when it ended."""
    timers = [
        node for node in progress.nodes.values() if node.attached_to == task.element_id and node.kind == "boundaryEvent"
    ]
    if not timers or task.due_at is None:
        return ""
    if task.due_at <= now:
        return _("The limit ended %(at)s; the people in charge were reminded.", at=moment_short(task.due_at))
    return _("If nothing happens by %(at)s, the people in charge are reminded.", at=moment_short(task.due_at))


def _answers(nodes: Mapping[str, Node], node: Node) -> Iterator[tuple[str, Node]]:
    """(answer, what it leads to) behind the gateway after a task; without a gateway the one thing that follows."""
    for _flow, target, name in node.outgoing:
        after = nodes.get(target)
        if after is None:
            continue
        if after.kind in {"exclusiveGateway", "inclusiveGateway"}:
            for _flow2, target2, name2 in after.outgoing:
                if target2 in nodes:
                    yield name2, _next_stop(nodes, nodes[target2])
        else:
            yield name, _next_stop(nodes, after)


def _next_stop(nodes: Mapping[str, Node], node: Node) -> Node:
    """Past what the system does by itself to the next task of a person, question or end."""
    seen = set[str]()
    while node.kind not in PEOPLE_WORK | {"endEvent"} and len(node.outgoing) == 1 and node.id not in seen:
        seen.add(node.id)
        node = nodes.get(node.outgoing[0][1], node)
    return node


def _then(progress: Progress, node: Node) -> str:
    """What happens at a stop; at a question every way it may go."""
    if node.kind in {"exclusiveGateway", "inclusiveGateway"}:
        stops = [_next_stop(progress.nodes, progress.nodes[target]) for _flow, target, _name in node.outgoing]
        said = dict.fromkeys(_stop(progress, stop) for stop in stops if stop.id != node.id)
        return _(" or ").join(said) + _(".")
    return _stop(progress, node) + _(".")


def _stop(progress: Progress, node: Node) -> str:
    name = english.label(step_name(progress.process_key, node.id, node.name))
    if node.kind == "endEvent":
        return _("the case ends: %(name)s", name=name or _("end"))
    if node.kind in PEOPLE_WORK and node.lane:
        return _("%(lane)s does “%(name)s”", lane=english.label(node.lane), name=name)
    return name


def _icon(node: Node, progress: Progress) -> str:
    if node.kind == "endEvent":
        return "circle-check"
    return "arrow-back-up" if any(visit.element_id == node.id for visit in progress.done) else "arrow-up-right"


def _step(progress: Progress, node: Node, state: str, who: str, when: str) -> Step:
    name = english.label(step_name(progress.process_key, node.id, node.name))
    return Step(node.id, name, state, who, when, is_round=node.kind.endswith("Event"))


def _by_element(visits: Sequence[Visit]) -> dict[str, list[Visit]]:
    found: dict[str, list[Visit]] = {}
    for visit in visits:
        found.setdefault(visit.element_id, []).append(visit)
    return found


def _people(visits: Sequence[Visit], names: Names) -> str:
    people = list(dict.fromkeys(name for visit in visits if (name := names.person(visit.actor))))
    text = ("、" if is_chinese() else ", ").join(people[-2:])
    if len(visits) > 1:
        text += ("，" if is_chinese() else ", ") + _("%(n)s times", n=len(visits))
    return text


def _times(visits: Sequence[Visit]) -> str:
    last = visits[-2:]
    if len(last) == 2 and local(last[0].at).date() == local(last[1].at).date():
        return f"{when(last[0].at)}{'、' if is_chinese() else ', '}{time_of(last[1].at)}"
    return when(last[-1].at)


def _when(visits: Sequence[Visit]) -> str:
    return when(visits[-1].at)
