"""Rules about events: which kind may stand where, and what each kind needs."""

from __future__ import annotations

from bpmn.checker.model import ACTIVITIES, Event, Node, Scope
from bpmn.checker.reading import Findings
from bpmn.checker.texts import check_expression, check_language, check_template, check_timer

_START = frozenset({"message", "signal", "timer"})
_TRIGGERS = frozenset({"message", "signal", "timer", "conditional", "error", "escalation"})
_ALLOWED = {
    "endEvent": frozenset({"message", "signal", "error", "escalation", "terminate", "cancel", "compensate"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "intermediateCatchEvent": frozenset({"message", "signal", "timer", "conditional", "link"}),
    "boundaryEvent": frozenset(
        {"message", "signal", "timer", "conditional", "error", "escalation", "cancel", "compensate"}
    ),
}
_KNOWN = frozenset({"once", "all", "skip"})


def check_events(node: Node, scope: Scope, holder: Node | None, notes: Findings) -> None:
    """One event node, or a send or receive task's message."""
    if node.message is not None:
        _check(node.message, node, scope, notes)
    if not node.kind.endswith("Event"):
        return
    if len(node.events) > 1 or node.parallel_multiple:
        _unsupported(node, "多重事件", "a multiple event", notes, ("每个事件只保留一个定义。", "Keep one definition."))
        return
    event = node.event
    if event is None:
        _plain(node, notes)
    elif event.kind not in _allowed(node, holder):
        zh, en = f"此处的 {event.kind} 事件", f"a {event.kind} event here ({node.kind})"
        _unsupported(node, zh, en, notes)
    else:
        _check(event, node, scope, notes)
        if node.kind == "startEvent" and holder is None and event.kind == "timer":
            _timer_start(event, node, notes)
    if node.kind == "startEvent" and event is not None and event.kind == "error" and not node.interrupting:
        notes.error(
            "start.error_not_interrupting",
            node.line,
            node.id,
            "错误开始事件总是中断。",
            "An error start event always interrupts.",
            ('写 isInterrupting="true"。', 'Write isInterrupting="true".'),
            node.name,
        )
    if node.kind == "boundaryEvent":
        _boundary(node, scope, notes)
    if node.kind == "endEvent" and event is not None and event.kind == "cancel":
        if holder is None or holder.kind != "transaction":
            notes.error(
                "cancel.outside_transaction",
                node.line,
                node.id,
                "取消结束事件只能用在事务子流程中。",
                "A cancel end event stands only in a transaction.",
                name=node.name,
            )


def _allowed(node: Node, holder: Node | None) -> frozenset[str]:
    if node.kind == "startEvent":
        return _TRIGGERS if holder is not None and holder.triggered_by_event else _START
    return _ALLOWED[node.kind]


def _plain(node: Node, notes: Findings) -> None:
    if node.kind in ("intermediateCatchEvent", "boundaryEvent"):
        notes.error(
            "event.definition_missing",
            node.line,
            node.id,
            "该事件没有写明等待什么。",
            "The event does not say what it waits for.",
            ("写明消息、定时器、信号或条件。", "Make it a message, timer, signal or conditional event."),
            node.name,
        )


def _unsupported(node: Node, zh: str, en: str, notes: Findings, repair: tuple[str, str] = ("", "")) -> None:
    notes.error(
        "element.unsupported", node.line, node.id, f"不支持{zh}。", f"It is not supported: {en}.", repair, node.name
    )


def _boundary(node: Node, scope: Scope, notes: Findings) -> None:
    host = scope.nodes.get(node.attached_to)
    event = node.event
    if host is not None and (host.kind not in ACTIVITIES or host.triggered_by_event):
        notes.error(
            "boundary.host_kind",
            node.line,
            node.id,
            f"边界事件不能附着在 {host.kind} 上。",
            f"A boundary event cannot be attached to a {host.kind}.",
            name=node.name,
        )
    if event is not None and event.kind == "error" and not node.interrupting:
        notes.error(
            "boundary.error_not_interrupting",
            node.line,
            node.id,
            "错误边界事件总是中断活动。",
            "An error boundary event always interrupts.",
            ('写 cancelActivity="true"。', 'Write cancelActivity="true".'),
            node.name,
        )
    if event is not None and event.kind == "cancel" and host is not None and host.kind != "transaction":
        notes.error(
            "cancel.outside_transaction",
            node.line,
            node.id,
            "取消边界事件只能附着在事务子流程上。",
            "A cancel boundary event is attached only to a transaction.",
            name=node.name,
        )
    if not node.outgoing and not (event is not None and event.kind == "compensate"):
        notes.warning(
            "boundary.no_flow",
            node.line,
            node.id,
            "边界事件没有出口。",
            "The boundary event leads nowhere.",
            name=node.name,
        )


def _check(event: Event, node: Node, scope: Scope, notes: Findings) -> None:
    if event.kind == "timer":
        check_timer(event.timer, event.value, event.line, node.id, notes, name=node.name)
        if event.catch_up not in _KNOWN:
            notes.error(
                "timer.catch_up",
                event.line,
                node.id,
                f"catchUp 应为 once、all 或 skip，而不是 {event.catch_up}。",
                f"`catchUp` is once, all or skip, not {event.catch_up}.",
                name=node.name,
            )
    elif event.kind in ("message", "signal") and not event.name:
        _missing(f"{event.kind}.missing", node, event, "没有指定消息或信号", f"It refers to no {event.kind}", notes)
    elif event.kind in ("error", "escalation") and not event.code and node.kind in _THROWING:
        _missing(f"{event.kind}.missing", node, event, "没有指定代码", f"It throws no {event.kind} code", notes)
    elif event.kind == "conditional":
        _conditional(event, node, notes)
    elif event.kind == "link":
        _link(event, node, scope, notes)
    for _, text in event.correlation:
        check_template(text, event.line, node.id, notes, name=node.name)


_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})


def _timer_start(event: Event, node: Node, notes: Findings) -> None:
    """Before a process starts there are no variables and no case to ask."""
    if event.value.startswith(("=", "clock:")) or "{" in event.value:
        notes.error(
            "timer.start_unknown",
            event.line,
            node.id,
            "流程的定时开始事件必须写明固定的时间。",
            "The timer that starts a process must say a fixed time.",
            name=node.name,
        )


def _missing(code: str, node: Node, event: Event, zh: str, en: str, notes: Findings) -> None:
    notes.error(code, event.line or node.line, node.id, f"{zh}。", f"{en}.", name=node.name)


def _conditional(event: Event, node: Node, notes: Findings) -> None:
    if not event.value:
        _missing("condition.missing", node, event, "条件事件没有条件", "The conditional event has no condition", notes)
    elif check_language(event.language, event.line, node.id, notes):
        check_expression(event.value, event.line, node.id, notes, name=node.name)


def _link(event: Event, node: Node, scope: Scope, notes: Findings) -> None:
    catching = scope.linked("intermediateCatchEvent", event.link)
    if not event.link:
        _missing("link.name_missing", node, event, "链接事件没有名称", "The link event has no name", notes)
    elif node.kind == "intermediateThrowEvent" and len(catching) != 1:
        zh = f"链接“{event.link}”应有且只有一个捕获事件，现有 {len(catching)} 个"
        en = f"Link {event.link} needs exactly one catching event in the same scope; there are {len(catching)}"
        _missing("link.target", node, event, zh, en, notes)
    if node.kind == "intermediateThrowEvent" and node.outgoing:
        _missing(
            "link.flow", node, event, "链接抛出事件不能有出口", "A throwing link event has no outgoing flow", notes
        )
    if node.kind == "intermediateCatchEvent" and node.incoming:
        _missing(
            "link.flow", node, event, "链接捕获事件不能有入口", "A catching link event has no incoming flow", notes
        )
