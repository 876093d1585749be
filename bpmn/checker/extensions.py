"""Reads our extension elements and the data associations of a node."""

from __future__ import annotations

from bpmn.checker.model import Event, Listener, Node
from bpmn.checker.reading import child_text, children, line_of, local, our_children, text_of
from bpmn.xmlfiles import GW, Element, split_name


def read(element: Element, node: Node) -> None:
    """Fill inputs, outputs, listeners, correlation and assignments of `node`."""
    node.inputs = tuple(_mapping(each, "value") for each in our_children(element, "input"))
    node.outputs = tuple(_mapping(each, "source") for each in our_children(element, "output"))
    node.decision = node.gw.get("decision", "")
    for each in our_children(element, "listener"):
        parameters = tuple(
            (str(p.get("name") or ""), str(p.get("value") or text_of(p))) for p in our_children(each, "parameter")
        )
        node.listeners.append(
            Listener(str(each.get("event") or ""), str(each.get("topic") or ""), parameters, line_of(each))
        )
    node.unknown = tuple(sorted(_unknown(element)))
    node.foreign = tuple(sorted(_foreign(element)))
    _correlation(element, node)
    for association in children(element, "dataInputAssociation", "dataOutputAssociation"):
        if child_text(association, "transformation") or next(children(association, "assignment"), None) is not None:
            node.assignments.append((line_of(association), local(association)))


_PRODUCTS = {
    "camunda.org/schema/1.0/bpmn": "camunda",
    "camunda.org/schema/zeebe": "zeebe",
    "activiti.org/bpmn": "activiti",
    "flowable.org/bpmn": "flowable",
    "spiffworkflow.org": "spiffworkflow",
    "jboss.org/drools": "drools",
}
_HARMLESS = frozenset({"camunda:asyncBefore", "camunda:asyncAfter", "camunda:exclusive", "camunda:jobPriority"})


def _unknown(element: Element) -> set[str]:
    """Elements of our namespace that are misspelt or in the wrong place."""
    holders = [element, *children(element, "extensionElements")]
    names = {split_name(str(child.tag)) for holder in holders for child in holder}
    known = {"input", "output", "listener", "correlation"}
    return {name for space, name in names if space == GW and name not in known}


def _foreign(element: Element) -> set[str]:
    """What another engine would execute."""
    names = [str(key) for key in element.attrib]
    for holder in children(element, "extensionElements"):
        names.extend(str(child.tag) for child in holder if isinstance(child.tag, str))
    found: set[str] = set()
    for name in names:
        space, local_name = split_name(name)
        for part, prefix in _PRODUCTS.items():
            if part in space:
                found.add(f"{prefix}:{local_name}")
    return found - _HARMLESS


def _correlation(element: Element, node: Node) -> None:
    holders = [element, *(child for child in children(element) if local(child).endswith("EventDefinition"))]
    found = tuple(
        (str(each.get("name") or ""), str(each.get("value") or ""))
        for holder in holders
        for each in our_children(holder, "correlation")
    )
    target: Event | None = node.message or node.event
    if target is not None and found:
        target.correlation = found


def _mapping(element: Element, attribute: str) -> tuple[str, str, int]:
    name = str(element.get("name") or "")
    value = element.get(attribute)
    if value is None:
        value = element.get("value") or text_of(element)
    return name, str(value), line_of(element)
