"""Rules about activities: loops, scripts, and what of BPMN is not executed here."""

from __future__ import annotations

from bpmn.checker.model import ACTIVITIES, Loop, Node
from bpmn.checker.reading import Findings
from bpmn.checker.texts import check_expression, check_script


def check_activity(node: Node, notes: Findings) -> None:
    """One activity."""
    if node.kind not in ACTIVITIES:
        return
    if node.kind == "adHocSubProcess":
        _refuse(node, "即席子流程", "an ad-hoc subprocess", notes)
    if node.quantities != ("1", "1"):
        _refuse(node, "startQuantity 和 completionQuantity", "startQuantity or completionQuantity other than 1", notes)
    for line, element in node.assignments:
        notes.error(
            "data.assignment",
            line,
            node.id,
            f"不支持 {element} 中的赋值或转换。",
            f"An assignment or transformation in `{element}` is not supported.",
            ("改用 gw:input 或 gw:output。", "Use gw:input or gw:output."),
            node.name,
        )
    if node.kind == "scriptTask":
        check_script(node.script, node.script_format, node.script_line, node.id, notes, name=node.name)
    if node.loop is not None:
        _loop(node, node.loop, notes)


def _refuse(node: Node, zh: str, en: str, notes: Findings) -> None:
    notes.error(
        "element.unsupported", node.line, node.id, f"不支持{zh}。", f"It is not supported: {en}.", name=node.name
    )


def _loop(node: Node, loop: Loop, notes: Findings) -> None:
    if node.triggered_by_event:
        _refuse(node, "事件子流程的循环", "a loop of an event subprocess", notes)
    if loop.behavior and loop.behavior != "All":
        _refuse(node, f"多实例行为 {loop.behavior}", f"multi-instance behavior {loop.behavior}", notes)
    if loop.kind == "standard":
        if not loop.condition and not loop.maximum:
            _loop_error(
                node,
                loop,
                "loop.endless",
                "循环没有条件也没有次数，永不结束",
                "The loop has neither condition nor maximum",
                notes,
            )
    elif not loop.cardinality and not loop.collection:
        _loop_error(
            node,
            loop,
            "loop.missing",
            "多实例没有数量也没有集合",
            "It says neither how many instances nor over what",
            notes,
        )
    elif loop.cardinality and loop.collection:
        _loop_error(
            node,
            loop,
            "loop.ambiguous",
            "多实例同时写了数量和集合",
            "It has both a cardinality and a collection",
            notes,
        )
    for text in (loop.condition, loop.maximum, loop.cardinality, loop.collection, loop.until):
        if text:
            check_expression(text, loop.line, node.id, notes, name=node.name)


def _loop_error(node: Node, loop: Loop, code: str, zh: str, en: str, notes: Findings) -> None:
    notes.error(code, loop.line, node.id, f"{zh}。", f"{en}.", name=node.name)
