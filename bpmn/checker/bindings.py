"""Rules about what an element is bound to: topics, groups, forms, called processes, mappings, listeners."""

from __future__ import annotations

from bpmn.checker import mappings
from bpmn.checker.model import JOBS, Model, Node, Process
from bpmn.checker.reading import Findings
from bpmn.checker.texts import check_template
from bpmn.checker.timers import TimerText
from bpmn.findings import Finding

_ASSIGNMENT = ("candidateGroups", "candidateUsers", "excludedUsers", "assignee")
_TASK = frozenset((*_ASSIGNMENT, "priority", "dueDate", "followUpDate", "formKey"))
_JOB = frozenset(["topic", "retries", "backoff", "decision", "resultVariable"])
_USER = frozenset({"userTask", "manualTask"})


def check_bindings(node: Node, process: Process, notes: Findings) -> None:
    """The bindings of one node."""
    _known_attributes(node, notes)
    if node.kind in _USER:
        _user_task(node, process, notes)
    elif node.kind in JOBS:
        _job(node, notes)
    elif node.kind == "receiveTask" and node.message is None:
        notes.error(
            "message.missing",
            node.line,
            node.id,
            "接收任务没有指定消息。",
            "The receive task refers to no message.",
            name=node.name,
        )
    elif node.kind == "callActivity" and not node.called:
        notes.error(
            "call.missing",
            node.line,
            node.id,
            "调用活动没有写明调用哪个流程。",
            "The call activity does not say which process it calls.",
            ("写上 calledElement。", "Write `calledElement`."),
            node.name,
        )
    mappings.check_mappings(node, notes)
    if node.foreign:
        names = ", ".join(node.foreign)
        notes.warning(
            "extension.foreign",
            node.line,
            node.id,
            f"其他产品的扩展不会执行：{names}。",
            f"Extensions of other products are not executed: {names}.",
            ("改用 gw: 扩展。", "Use the gw: extensions."),
            node.name,
        )


def _known_attributes(node: Node, notes: Findings) -> None:
    known: set[str] = {"catchUp"} if node.event is not None and node.event.kind == "timer" else set()
    if node.kind in _USER:
        known |= _TASK
    elif node.kind in JOBS:
        known |= _JOB
    for name in sorted(set(node.gw) - known):
        notes.error(
            "extension.unknown",
            node.line,
            node.id,
            f"此处没有属性 gw:{name}。",
            f"`gw:{name}` means nothing at a {node.kind}.",
            ("检查拼写，或删除它。", "Check the spelling or remove it."),
            node.name,
        )
    for name in node.unknown:
        notes.error(
            "extension.unknown",
            node.line,
            node.id,
            f"此处没有元素 gw:{name}。",
            f"An element gw:{name} means nothing here.",
            ("检查拼写，或删除它。", "Check the spelling or remove it."),
            node.name,
        )


def _user_task(node: Node, process: Process, notes: Findings) -> None:
    lane = process.lanes.get(node.lane)
    for name in sorted(_TASK & set(node.gw)):
        check_template(node.gw[name], node.line, node.id, notes, name=node.name)
    if lane is not None and lane.groups:
        check_template(lane.groups, node.line, node.id, notes, name=node.name)
    assigned = any(node.gw.get(name) for name in ("candidateGroups", "candidateUsers", "assignee"))
    if node.kind == "userTask" and not assigned and not (lane is not None and lane.groups):
        notes.warning(
            "binding.assignment_missing",
            node.line,
            node.id,
            "没有写明由谁处理。",
            "It does not say who may do the task.",
            ("写上 gw:candidateGroups，或在泳道上写。", "Write gw:candidateGroups, here or at the lane."),
            node.name,
        )
    for name in ("dueDate", "followUpDate"):
        text = node.gw.get(name, "").strip()
        if text and "{" not in text and not text.startswith("="):
            problem = TimerText.read("duration" if text.startswith("P") else "date", text).problem
            if problem is not None:
                notes.error("timer.invalid", node.line, node.id, f"{problem[0]}。", f"{problem[1]}.", name=node.name)
    priority = node.gw.get("priority", "").strip()
    if priority and "{" not in priority and not priority.startswith("=") and not priority.isdigit():
        notes.error(
            "binding.priority", node.line, node.id, "优先级应为数字。", "The priority is a number.", name=node.name
        )


def _job(node: Node, notes: Findings) -> None:
    sends = node.kind == "sendTask" and node.message is not None
    if not node.gw.get("topic") and not node.decision and not sends:
        notes.warning(
            "binding.topic_missing",
            node.line,
            node.id,
            f"没有 gw:topic，将以编号 {node.id} 作为主题等待外部处理。",
            f"It has no gw:topic and waits as an external task with the topic {node.id}.",
            ("写上 gw:topic。", "Write gw:topic."),
            node.name,
        )
    retries = node.gw.get("retries", "3")
    if not retries.isdigit() or len(retries) > 3:
        notes.error(
            "binding.retries", node.line, node.id, "gw:retries 应为数字。", "`gw:retries` is a number.", name=node.name
        )
    backoff = node.gw.get("backoff")
    if backoff is not None and TimerText.read("duration", backoff).problem is not None:
        notes.error(
            "binding.backoff",
            node.line,
            node.id,
            "gw:backoff 应为时长，例如 PT10S。",
            "`gw:backoff` is a duration such as PT10S.",
            name=node.name,
        )


def check_calls(model: Model, found: list[Finding]) -> None:
    """Called processes must be in the same deployment; calls in a circle are told."""
    calls: dict[str, list[str]] = {}
    for process in model.processes.values():
        notes = Findings(process.file, found)
        calls[process.id] = []
        for _, node in process.body.everywhere():
            if not node.called:
                continue
            if node.called not in model.processes:
                notes.error(
                    "call.unknown",
                    node.line,
                    node.id,
                    f"没有流程 {node.called}。",
                    f"There is no process {node.called} among these files.",
                    ("把被调用的流程一起部署。", "Deploy the called process together with this one."),
                    node.name,
                )
            else:
                calls[process.id].append(node.called)
    for process_id in _in_circles(calls):
        process = model.processes[process_id]
        Findings(process.file, found).warning(
            "call.recursive",
            process.line,
            process.id,
            "流程会直接或间接调用自己。",
            "The process calls itself, directly or through others.",
            name=process.name,
        )


def _in_circles(calls: dict[str, list[str]]) -> list[str]:
    """What is left when processes that call nothing left, and those that nothing left calls, are taken away."""
    left = {key: set(targets) for key, targets in calls.items()}
    for _ in range(2):
        before: dict[str, list[str]] = {}
        for key, targets in left.items():
            for target in targets:
                before.setdefault(target, []).append(key)
        stack = [key for key, targets in left.items() if not targets]
        while stack:
            gone = stack.pop()
            del left[gone]
            for caller in before.get(gone, []):
                if caller in left:
                    left[caller].discard(gone)
                    if not left[caller]:
                        stack.append(caller)
        left = {key: {each for each in before.get(key, []) if each in left} for key in left}
    return sorted(left)
