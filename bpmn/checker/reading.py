"""Small reading helpers over elements: local names, texts, our attributes, and findings at an element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from bpmn.findings import Finding
from bpmn.xmlfiles import BPMN, GW, Element, split_name


def local(element: Element) -> str:
    """The local name, empty for what is no BPMN element."""
    space, name = split_name(str(element.tag))
    return name if space == BPMN else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The BPMN children, of these local names when given."""
    for child in element:
        found = local(child)
        if found and (not names or found in names):
            yield child


def child_text(element: Element, name: str) -> str:
    """The text of the first such child, stripped."""
    found = next(children(element, name), None)
    return text_of(found) if found is not None else ""


def text_of(element: Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def reference(element: Element, attribute: str) -> str:
    """A QName attribute without its prefix."""
    return str(element.get(attribute) or "").strip().rsplit(":", 1)[-1]


def idref(element: Element, attribute: str) -> str:
    """An IDREF attribute: an id as it stands."""
    return str(element.get(attribute) or "").strip()


def is_true(value: str | None, default: bool = False) -> bool:
    """An xsd:boolean: `true` and `1` are true."""
    return default if value is None else value.strip().lower() in ("true", "1")


def ours(element: Element) -> dict[str, str]:
    """The attributes of our namespace by local name."""
    prefix = f"{{{GW}}}"
    return {str(key)[len(prefix) :]: str(value) for key, value in element.attrib.items() if str(key).startswith(prefix)}


def our_children(element: Element, name: str) -> Iterator[Element]:
    """The `gw:name` elements in extensionElements or directly below."""
    tag = f"{{{GW}}}{name}"
    for child in element:
        if child.tag == tag:
            yield child
        elif local(child) == "extensionElements":
            yield from (each for each in child if each.tag == tag)


def line_of(element: Element) -> int:
    return int(element.sourceline or 0)


class Findings:
    """Collects findings of one file."""

    def __init__(self, file: str, found: list[Finding]) -> None:
        self.file = file
        self.found = found

    def add(
        self,
        severity: Literal["error", "warning"],
        code: str,
        line: int,
        element_id: str,
        zh: str,
        en: str,
        *,
        name: str = "",
        repair: tuple[str, str] = ("", ""),
    ) -> None:
        """Note one finding; `repair` is (Chinese, English)."""
        self.found.append(Finding(self.file, line, element_id, severity, code, zh, en, name, repair[0], repair[1]))

    def error(
        self,
        code: str,
        line: int,
        element_id: str,
        zh: str,
        en: str,
        repair: tuple[str, str] = ("", ""),
        name: str = "",
    ) -> None:
        self.add("error", code, line, element_id, zh, en, name=name, repair=repair)

    def warning(
        self,
        code: str,
        line: int,
        element_id: str,
        zh: str,
        en: str,
        repair: tuple[str, str] = ("", ""),
        name: str = "",
    ) -> None:
        self.add("warning", code, line, element_id, zh, en, name=name, repair=repair)
