"""Joins flows to their nodes, with a finding for each flow, default or boundary event that points nowhere."""

from __future__ import annotations

from bpmn.checker.model import Flow, Model, Node, Process, Scope
from bpmn.checker.reading import Findings
from bpmn.findings import Finding


def link(model: Model, found: list[Finding]) -> None:
    """Fill `incoming` and `outgoing` of every node."""
    for process in model.processes.values():
        notes = Findings(process.file, found)
        scopes = [process.body, *(node.body for _, node in process.body.everywhere() if node.body is not None)]
        where = {node_id: scope for scope in scopes for node_id in scope.nodes}
        for scope in scopes:
            for flow in scope.flows.values():
                _link_flow(flow, scope, where, process, notes)
        for scope in scopes:
            for node in scope.nodes.values():
                _check_default(node, notes)
                if node.event is not None and node.event.kind == "link":
                    scope.links.setdefault((node.kind, node.event.link), []).append(node)
                _check_host(node, scope, where, notes)


def _link_flow(flow: Flow, scope: Scope, where: dict[str, Scope], process: Process, notes: Findings) -> None:
    for end, which_zh, which_en in ((flow.source, "起点", "source"), (flow.target, "终点", "target")):
        if not end or end not in where:
            notes.error(
                "flow.dangling",
                flow.line,
                flow.id,
                f"连线的{which_zh} {end or '（空）'} 不存在。",
                f"The flow's {which_en} {end or '(none)'} does not exist in process {process.id}.",
                ("把连线接到一个环节上，或删除它。", "Connect the flow to an element or remove it."),
                flow.name,
            )
            return
    source_scope, target_scope = where[flow.source], where[flow.target]
    if source_scope is not target_scope:
        notes.error(
            "flow.crosses_border",
            flow.line,
            flow.id,
            f"连线从 {source_scope.id} 跨越子流程边界到 {target_scope.id}。",
            f"The flow crosses the border of a subprocess, from {source_scope.id} to {target_scope.id}.",
            ("连线只能在同一个流程或子流程内。", "Keep a sequence flow within one process or subprocess."),
            flow.name,
        )
        return
    source, target = source_scope.nodes[flow.source], target_scope.nodes[flow.target]
    if source.kind == "endEvent":
        _wrong_end(flow, notes, source, "结束事件不能有出口。", "An end event has no outgoing flow.")
    elif target.kind == "startEvent":
        _wrong_end(flow, notes, target, "开始事件不能有入口。", "A start event has no incoming flow.")
    elif target.kind == "boundaryEvent":
        _wrong_end(flow, notes, target, "边界事件不能有入口。", "A boundary event has no incoming flow.")
    else:
        source.outgoing.append(flow)
        target.incoming.append(flow)


def _wrong_end(flow: Flow, notes: Findings, node: Node, zh: str, en: str) -> None:
    notes.error("flow.wrong_end", flow.line, flow.id, f"{node.id}：{zh}", f"{node.id}: {en}", name=flow.name)


def _check_default(node: Node, notes: Findings) -> None:
    if node.default and node.default not in {flow.id for flow in node.outgoing}:
        notes.error(
            "flow.default_unknown",
            node.line,
            node.id,
            f"默认出口 {node.default} 不是该环节的出口。",
            f"The default flow {node.default} does not leave this element.",
            ("把默认出口改为该环节的一条出口。", "Make one of its own outgoing flows the default."),
            node.name,
        )


def _check_host(node: Node, scope: Scope, where: dict[str, Scope], notes: Findings) -> None:
    if node.kind != "boundaryEvent":
        return
    if node.attached_to not in scope.nodes:
        # A QName: the prefix says the namespace, the id stands behind it.
        node.attached_to = node.attached_to.rsplit(":", 1)[-1]
    host = scope.nodes.get(node.attached_to)
    if host is not None:
        scope.boundaries.setdefault(host.id, []).append(node)
    if host is None:
        other = node.attached_to in where
        notes.error(
            "boundary.host_unknown",
            node.line,
            node.id,
            f"边界事件所附着的 {node.attached_to or '（空）'} {'在另一个子流程中' if other else '不存在'}。",
            f"The boundary event is attached to {node.attached_to or '(nothing)'}, which"
            f" {'is in another subprocess' if other else 'does not exist'}.",
            ("把边界事件附着到一个活动上。", "Attach the boundary event to an activity."),
            node.name,
        )
