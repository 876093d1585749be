"""Rules about compensation: each boundary event has its handler, each handler its boundary event."""

from __future__ import annotations

from bpmn.checker.model import ACTIVITIES, Node, Scope
from bpmn.checker.reading import Findings


def check_compensations(scope: Scope, holder: Node | None, notes: Findings) -> None:
    """The compensation events and handlers of one scope."""
    handlers = set(scope.compensations.values())
    for node in scope.nodes.values():
        event = node.event
        is_event = event is not None and event.kind == "compensate"
        if node.kind == "boundaryEvent" and is_event:
            _boundary(node, scope, notes)
        elif is_event and event is not None:
            if not event.waits:
                _tell("compensation.not_waiting", node, "不支持不等待完成的补偿", "It must wait for completion", notes)
            if event.activity:
                _activity(node, event.activity, scope, notes)
        if node.is_for_compensation:
            _handler(node, handlers, notes)


def _boundary(node: Node, scope: Scope, notes: Findings) -> None:
    handler = scope.nodes.get(scope.compensations.get(node.id, ""))
    host = scope.nodes.get(node.attached_to)
    if handler is None or handler.kind not in ACTIVITIES or not handler.is_for_compensation:
        _tell(
            "compensation.handler_missing",
            node,
            "补偿边界事件没有用关联线连接到补偿活动",
            "No association leads from the compensation boundary event to an activity marked for compensation",
            notes,
        )
    if node.outgoing:
        _tell("compensation.flow", node, "补偿边界事件不能有出口连线", "It has no outgoing sequence flow", notes)
    if host is not None and host.loop is not None:
        _tell("compensation.loop", node, "不支持循环活动的补偿", "A repeated activity cannot be compensated", notes)
    if host is not None and sum(1 for each in scope.attached(host.id) if each.id in scope.compensations) > 1:
        _tell("compensation.several", node, "一个活动只能有一个补偿", "An activity has one compensation only", notes)


def _activity(node: Node, activity: str, scope: Scope, notes: Findings) -> None:
    target = scope.nodes.get(activity)
    known = target is not None and (
        target.body is not None or any(each.id in scope.compensations for each in scope.attached(activity))
    )
    if not known:
        zh = f"这里没有可以补偿的活动 {activity}"
        _tell("compensation.activity_unknown", node, zh, f"There is no activity {activity} to compensate here", notes)


def _handler(node: Node, handlers: set[str], notes: Findings) -> None:
    if node.incoming or node.outgoing:
        _tell("compensation.flow", node, "补偿活动不能有连线", "A compensation activity has no sequence flows", notes)
    if node.id not in handlers:
        zh, en = "没有补偿边界事件连接到该补偿活动", "No compensation boundary event leads to it"
        _tell("compensation.unused", node, zh, en, notes)


def _tell(code: str, node: Node, zh: str, en: str, notes: Findings) -> None:
    notes.error(code, node.line, node.id, f"{zh}。", f"{en}.", name=node.name)
