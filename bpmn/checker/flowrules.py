"""Rules about sequence flows, conditions and gateways."""

from __future__ import annotations

from bpmn.checker.model import Flow, Node, Scope
from bpmn.checker.reading import Findings
from bpmn.checker.texts import check_expression, check_language

_DECIDING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check_flow(flow: Flow, scope: Scope, notes: Findings) -> None:
    """The condition of a flow: its syntax, and whether anything evaluates it."""
    if flow.condition is None:
        return
    source = scope.nodes.get(flow.source)
    if source is None:
        return
    if flow.id == source.default:
        notes.warning(
            "flow.condition_on_default",
            flow.line,
            flow.id,
            "默认出口上的条件不会被计算。",
            "The condition of a default flow is not evaluated.",
            ("删除该条件。", "Remove the condition."),
            flow.name,
        )
        return
    if source.kind.endswith("Event") or source.kind in ("parallelGateway", "eventBasedGateway"):
        notes.error(
            "flow.condition_unused",
            flow.line,
            flow.id,
            f"{source.kind} 的出口不能带条件。",
            f"A flow that leaves a {source.kind} cannot have a condition.",
            ("删除该条件，或在前面加排他网关。", "Remove the condition, or put an exclusive gateway before it."),
            flow.name,
        )
        return
    if check_language(flow.language, flow.line, flow.id, notes):
        check_expression(flow.condition, flow.line, flow.id, notes, name=flow.name)


def check_node(node: Node, scope: Scope, notes: Findings) -> None:
    """Gateways, and default flows where they mean nothing."""
    if node.kind == "complexGateway":
        notes.error(
            "element.unsupported",
            node.line,
            node.id,
            "不支持复杂网关。",
            "A complex gateway is not supported.",
            ("改用排他、并行或包容网关。", "Use exclusive, parallel or inclusive gateways."),
            node.name,
        )
    elif node.kind in _DECIDING:
        _decision(node, notes)
    elif node.kind == "eventBasedGateway":
        _event_gateway(node, scope, notes)
    if node.default and (node.kind in ("parallelGateway", "eventBasedGateway") or node.kind.endswith("Event")):
        notes.error(
            "flow.default_unused",
            node.line,
            node.id,
            f"{node.kind} 没有默认出口。",
            f"A {node.kind} has no default flow.",
            ("删除 default 属性。", "Remove the `default` attribute."),
            node.name,
        )


def _decision(node: Node, notes: Findings) -> None:
    if len(node.outgoing) < 2:
        return
    bare = [flow for flow in node.outgoing if not flow.condition and flow.id != node.default]
    if bare and (node.default or len(bare) > 1):
        for flow in bare:
            notes.error(
                "gateway.condition_missing",
                flow.line,
                flow.id,
                f"网关 {node.name or node.id} 的出口“{flow.name or flow.id}”没有条件，也不是默认出口。",
                f"The flow {flow.name or flow.id} of gateway {node.name or node.id} has no condition and is not its"
                " default.",
                ("写上条件，或把它设为默认出口。", "Give it a condition or make it the default flow."),
                flow.name,
            )
    elif bare:
        notes.warning(
            "gateway.default_implied",
            bare[0].line,
            bare[0].id,
            "唯一没有条件的出口被当作默认出口。",
            "The only flow without a condition is taken as the default flow.",
            (f'在网关上写 default="{bare[0].id}"。', f'Write default="{bare[0].id}" at the gateway.'),
            bare[0].name,
        )
    elif not node.default:
        notes.warning(
            "gateway.default_missing",
            node.line,
            node.id,
            "没有默认出口：所有条件都不成立时流程会停在这里。",
            "There is no default flow: when no condition holds, the process stops here.",
            ("指定一条默认出口。", "Mark one flow as the default."),
            node.name,
        )


def _event_gateway(node: Node, scope: Scope, notes: Findings) -> None:
    if node.instantiate or node.event_gateway_type.lower() == "parallel":
        notes.error(
            "element.unsupported",
            node.line,
            node.id,
            "不支持启动流程的事件网关和并行事件网关。",
            "An event gateway that starts a process, or a parallel one, is not supported.",
            ("改用消息开始事件。", "Use message start events."),
            node.name,
        )
    if not node.outgoing:
        notes.error(
            "event_gateway.empty",
            node.line,
            node.id,
            "事件网关后面没有事件，会永远等待。",
            "Nothing follows the event gateway: it would wait for ever.",
            name=node.name,
        )
    for flow in node.outgoing:
        target = scope.nodes[flow.target]
        event = target.message or target.event
        waits = (target.kind == "intermediateCatchEvent" and event and event.kind != "link") or (
            target.kind == "receiveTask" and target.loop is None and not scope.attached(target.id)
        )
        if not waits or len(target.incoming) != 1:
            notes.error(
                "event_gateway.target",
                target.line,
                target.id,
                "事件网关之后只能是只有这一个入口的中间捕获事件或接收任务。",
                "Behind an event gateway stand only catching events or receive tasks with this one incoming flow.",
                name=target.name,
            )
