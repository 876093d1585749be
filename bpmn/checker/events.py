"""Reads event definitions, their references and loop characteristics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bpmn.checker.model import Event, Loop, Node
from bpmn.checker.reading import (
    Findings,
    child_text,
    children,
    is_true,
    line_of,
    local,
    our_children,
    ours,
    reference,
    text_of,
)
from bpmn.xmlfiles import Element

_TIMES: dict[str, Literal["duration", "date", "cycle"]] = {
    "timeDuration": "duration",
    "timeDate": "date",
    "timeCycle": "cycle",
}


@dataclass(slots=True)
class Roots:
    """What events refer to: messages, signals, errors, escalations and event definitions of one file."""

    messages: dict[str, str] = field(default_factory=dict)
    signals: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    escalations: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Element] = field(default_factory=dict)


def read_roots(root: Element) -> Roots:
    """The root elements that events refer to. A message without name is known by its id."""
    roots = Roots()
    for element in children(root):
        kind, identifier = local(element), str(element.get("id") or "")
        name = str(element.get("name") or "").strip()
        if kind == "message":
            roots.messages[identifier] = name or identifier
        elif kind == "signal":
            roots.signals[identifier] = name or identifier
        elif kind == "error":
            roots.errors[identifier] = str(element.get("errorCode") or name or identifier)
        elif kind == "escalation":
            roots.escalations[identifier] = str(element.get("escalationCode") or name or identifier)
        elif kind.endswith("EventDefinition"):
            roots.definitions[identifier] = element
    return roots


def read_events(element: Element, node: Node, roots: Roots, notes: Findings) -> None:
    """Fill `node.events`, or `node.message` of a send or receive task."""
    if node.kind in ("sendTask", "receiveTask"):
        found = reference(element, "messageRef")
        if found:
            node.message = _message(element, found, node, roots, notes)
        return
    for child in children(element):
        kind = local(child)
        if kind == "eventDefinitionRef":
            target = roots.definitions.get(text_of(child).rsplit(":", 1)[-1])
            if target is None:
                _dangling(notes, node, line_of(child), "eventDefinitionRef", text_of(child))
                continue
            definition, kind = target, local(target)
        else:
            definition = child
        if kind.endswith("EventDefinition"):
            node.events.append(_event(definition, kind.removesuffix("EventDefinition"), node, roots, notes))


def _event(element: Element, kind: str, node: Node, roots: Roots, notes: Findings) -> Event:
    event = Event(kind, line_of(element))
    if kind == "message":
        return _message(element, reference(element, "messageRef"), node, roots, notes)
    if kind == "signal":
        event.reference = reference(element, "signalRef")
        event.name = _resolve(roots.signals, event, node, notes, "signalRef")
    elif kind == "error":
        event.reference = reference(element, "errorRef")
        event.code = _resolve(roots.errors, event, node, notes, "errorRef") or None
    elif kind == "escalation":
        event.reference = reference(element, "escalationRef")
        event.code = _resolve(roots.escalations, event, node, notes, "escalationRef") or None
    elif kind == "timer":
        _timer(element, event, node)
    elif kind == "conditional":
        condition = next(children(element, "condition"), None)
        if condition is not None:
            event.value, event.language = text_of(condition), str(condition.get("language") or "")
    elif kind == "link":
        event.link = str(element.get("name") or "").strip()
    elif kind == "compensate":
        event.activity = reference(element, "activityRef")
        event.waits = is_true(element.get("waitForCompletion"), True)
    return event


def _timer(element: Element, event: Event, node: Node) -> None:
    for child in children(element, *_TIMES):
        text = text_of(child)
        if text:
            event.timer, event.value = _TIMES[local(child)], text
            break
    event.catch_up = node.gw.get("catchUp") or ours(element).get("catchUp") or "once"


def _message(element: Element, target: str, node: Node, roots: Roots, notes: Findings) -> Event:
    event = Event("message", line_of(element), reference=target)
    event.name = _resolve(roots.messages, event, node, notes, "messageRef")
    return event


def _resolve(names: dict[str, str], event: Event, node: Node, notes: Findings, attribute: str) -> str:
    if not event.reference:
        return ""
    if event.reference not in names:
        _dangling(notes, node, event.line, attribute, event.reference)
        return event.reference
    return names[event.reference]


def _dangling(notes: Findings, node: Node, line: int, attribute: str, target: str) -> None:
    notes.error(
        "reference.dangling",
        line,
        node.id,
        f"{attribute} 指向的 {target} 不存在。",
        f"`{attribute}` points to {target}, which does not exist.",
        (f"定义 {target}，或改正引用。", f"Define {target} or correct the reference."),
        name=node.name,
    )


def read_loop(element: Element) -> Loop | None:
    """The loop characteristics of an activity."""
    for child in children(element, "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"):
        if local(child).startswith("standard"):
            return Loop(
                "standard",
                line_of(child),
                condition=child_text(child, "loopCondition"),
                maximum=str(child.get("loopMaximum") or ""),
                test_before=is_true(child.get("testBefore")),
            )
        names = _names_in(element)
        own = {**ours(child), **{k: v for each in our_children(child, "loop") for k, v in each.attrib.items()}}
        return Loop(
            "multi",
            line_of(child),
            sequential=is_true(child.get("isSequential")),
            cardinality=child_text(child, "loopCardinality"),
            collection=own.get("collection") or _named(child_text(child, "loopDataInputRef"), names),
            item=own.get("item") or _item(child, "inputDataItem"),
            output=own.get("output") or _named(child_text(child, "loopDataOutputRef"), names),
            output_item=own.get("outputItem") or _item(child, "outputDataItem"),
            until=child_text(child, "completionCondition"),
            behavior=str(child.get("behavior") or ""),
        )
    return None


def _item(element: Element, name: str) -> str:
    found = next(children(element, name), None)
    return "" if found is None else str(found.get("name") or found.get("id") or "")


def _names_in(element: Element) -> dict[str, str]:
    """Data inputs and outputs of the activity by id: their names are the variables."""
    return {
        str(each.get("id")): str(each.get("name") or each.get("id"))
        for specification in children(element, "ioSpecification")
        for each in children(specification, "dataInput", "dataOutput")
    }


def _named(text: str, names: dict[str, str]) -> str:
    found = text.rsplit(":", 1)[-1]
    return names.get(found, found)
