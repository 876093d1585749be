"""Diagrams call what exists, and what exists is called."""

from __future__ import annotations

from lxml import etree

import handlers
from bpmn import registry
from tests.architecture.sources import ROOT

GW = "{http://gridwhistle.org/schema/bpmn/1.0}"

CALLED_FROM_OTHER_DIAGRAMS: dict[str, str] = {
    "clock.restart": "diagrams in which a new round has the full limit again",
    "clock.mark_warning": "diagrams with clocks and without the reminders of case handling",
    "clock.mark_overdue": "diagrams with clocks and without the reminders of case handling",
}
"""Topics that no shipped diagram uses, and why they stay."""


def _topics_of_diagrams() -> set[str]:
    found = set()
    for path in sorted((ROOT / "processes").rglob("*.bpmn")):
        for element in etree.parse(path).iter():
            for name in ("topic", f"{GW}topic"):
                if element.get(name) and (name.startswith("{") or etree.QName(element).namespace == GW[1:-1]):
                    found.add(str(element.get(name)))
    return found


def _registered() -> set[str]:
    handlers.load()
    ours = {topic for topic, each in registry.topics().items() if each.function.__module__.startswith("handlers.")}
    return ours | set(registry.listener_topics())


def test_every_topic_of_a_diagram_has_a_handler() -> None:
    assert _topics_of_diagrams() - _registered() == set()


def test_every_handler_is_called_by_a_diagram() -> None:
    unused = _registered() - _topics_of_diagrams() - CALLED_FROM_OTHER_DIAGRAMS.keys()
    assert {topic for topic in unused if not topic.startswith("test.")} == set()


def test_every_form_of_a_diagram_lies_beside_it() -> None:
    missing = [
        f"{path.name}: {element.get(f'{GW}formKey')}"
        for path in sorted((ROOT / "processes").rglob("*.bpmn"))
        for element in etree.parse(path).iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}userTask")
        if element.get(f"{GW}formKey") and not (path.parent / str(element.get(f"{GW}formKey"))).is_file()
    ]
    assert missing == []


def test_a_process_is_named_like_its_file_and_folder() -> None:
    wrong = [
        f"{path}: {element.get('id')}"
        for path in sorted((ROOT / "processes").glob("*/*.bpmn"))
        for element in etree.parse(path).iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}process")
        if not path.stem == path.parent.name == element.get("id")
    ]
    assert wrong == []
