"""Rules about processes and subprocesses as a whole: where they start and what can be reached."""

from __future__ import annotations

from collections.abc import Iterable

from bpmn.checker.model import Node, Process, Scope
from bpmn.checker.reading import Findings


def check_process(process: Process, notes: Findings) -> None:
    """An empty process runs nothing; several plain start events need a choice."""
    if not process.body.nodes:
        notes.error(
            "process.empty",
            process.line,
            process.id,
            "流程中没有任何环节。",
            "The process contains nothing to run.",
            ("画出流程，或删除它。", "Draw the process or remove it."),
            process.name,
        )
    if process.is_executable is False:
        notes.warning(
            "process.not_executable",
            process.line,
            process.id,
            "流程标明为不可执行。",
            "The process is marked as not executable.",
            ('要运行它，请写 isExecutable="true"。', 'To run it, write isExecutable="true".'),
            process.name,
        )


def check_scope(process: Process, scope: Scope, holder: Node | None, notes: Findings) -> None:
    """Start events and reachability of one process or subprocess."""
    starts = [node for node in scope.nodes.values() if node.kind == "startEvent"]
    if holder is None:
        _several_starts(starts, notes)
    elif holder.triggered_by_event:
        _event_subprocess(holder, starts, notes)
    elif holder.kind != "adHocSubProcess":
        _subprocess(holder, starts, notes)
    _unreachable(scope, starts, notes)


def _several_starts(starts: list[Node], notes: Findings) -> None:
    plain = [node for node in starts if not node.events]
    if len(plain) > 1:
        for node in plain[1:]:
            notes.warning(
                "start.several",
                node.line,
                node.id,
                "有多个普通开始事件，启动时必须指定其中一个。",
                "There are several plain start events; starting must pick one of them.",
                ("只保留一个开始事件。", "Keep one start event."),
                node.name,
            )


def _subprocess(holder: Node, starts: list[Node], notes: Findings) -> None:
    for node in starts:
        if node.events:
            notes.error(
                "start.event_in_subprocess",
                node.line,
                node.id,
                "普通子流程的开始事件不能带触发条件。",
                "The start event of a plain subprocess cannot wait for an event.",
                ("使用普通开始事件，或改为事件子流程。", "Use a plain start event, or make it an event subprocess."),
                node.name,
            )
    for node in starts[1:]:
        notes.error(
            "start.several_in_subprocess",
            node.line,
            node.id,
            f"子流程 {holder.id} 有多个开始事件。",
            f"Subprocess {holder.id} has several start events.",
            ("只保留一个开始事件。", "Keep one start event."),
            node.name,
        )


def _event_subprocess(holder: Node, starts: list[Node], notes: Findings) -> None:
    if len(starts) != 1:
        notes.error(
            "event_subprocess.start",
            holder.line,
            holder.id,
            f"事件子流程必须有且只有一个开始事件，现有 {len(starts)} 个。",
            f"An event subprocess has exactly one start event; this one has {len(starts)}.",
            name=holder.name,
        )
    elif not starts[0].events:
        notes.error(
            "event_subprocess.trigger",
            starts[0].line,
            starts[0].id,
            "事件子流程的开始事件没有触发条件。",
            "The start event of an event subprocess must say what triggers it.",
            name=starts[0].name,
        )
    if holder.incoming or holder.outgoing:
        notes.error(
            "event_subprocess.flow",
            holder.line,
            holder.id,
            "事件子流程不能有入口或出口连线。",
            "An event subprocess has neither incoming nor outgoing flows.",
            ("删除这些连线。", "Remove these flows."),
            holder.name,
        )


def _unreachable(scope: Scope, starts: list[Node], notes: Findings) -> None:
    entered = starts or [node for node in scope.nodes.values() if not node.incoming and _may_begin(node)]
    entered = [*entered, *(node for node in scope.nodes.values() if _is_own_entry(node))]
    reached = _closure(scope, entered)
    if not entered and scope.nodes:
        node = next(iter(scope.nodes.values()))
        notes.error(
            "scope.no_begin",
            node.line,
            node.id,
            "所有环节都有入口，没有可以开始的地方。",
            "Every element has an incoming flow, so there is nowhere to begin.",
            ("添加一个开始事件。", "Add a start event."),
            node.name,
        )
        return
    for node in scope.nodes.values():
        if node.id not in reached and not _is_broken_boundary(node, scope):
            notes.error(
                "element.unreachable",
                node.line,
                node.id,
                "从开始事件无法到达该环节。",
                "This element cannot be reached from the start.",
                ("为它接上入口，或删除它。", "Connect it or remove it."),
                node.name,
            )


def _may_begin(node: Node) -> bool:
    return node.kind != "boundaryEvent"


def _is_own_entry(node: Node) -> bool:
    """What is entered by other means than a flow."""
    return node.triggered_by_event or node.is_for_compensation or (node.kind == "receiveTask" and node.instantiate)


def _is_broken_boundary(node: Node, scope: Scope) -> bool:
    return node.kind == "boundaryEvent" and node.attached_to not in scope.nodes


def _closure(scope: Scope, entered: Iterable[Node]) -> set[str]:
    seen: set[str] = set()
    stack = [node.id for node in entered]
    while stack:
        node_id = stack.pop()
        if node_id in seen:
            continue
        seen.add(node_id)
        node = scope.nodes[node_id]
        stack.extend(flow.target for flow in node.outgoing)
        stack.extend(boundary.id for boundary in scope.attached(node_id))
        if node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link":
            stack.extend(other.id for other in scope.linked("intermediateCatchEvent", node.event.link))
    return seen
