"""Test cases of the kit (namespace `…/DMN/20160719/testcase`) as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpmn import xmlfiles
from bpmn.decisions import temporal
from bpmn.decisions.dmnfile import child, local, named
from bpmn.findings import Finding

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclass(frozen=True, slots=True)
class Case:
    """One expected result of one test case. `invocable`: what to evaluate."""

    folder: str
    file: str
    id: str
    model: Path
    invocable: str
    inputs: dict[str, Any]
    result: str
    expected: Any
    error: bool

    @property
    def name(self) -> str:
        return f"{self.folder}/{self.file}#{self.id}/{self.result}"


def cases_in(folder: Path) -> Iterator[Case]:
    """Every case below `folder`, in the order of file names. :raises ValueError: a case file that cannot be read."""
    for path in sorted(folder.rglob("*.xml")):
        document = xmlfiles.read(str(path), path.read_bytes())
        if isinstance(document, Finding):
            raise ValueError(f"{path}: {document.en}")
        if local(document.root) == "testCases":
            yield from _cases(path, document.root)


def _cases(path: Path, root: Element) -> Iterator[Case]:
    model = path.parent / (child(root, "modelName").text or "").strip()  # type: ignore[union-attr]
    for element in named(root, "testCase"):
        inputs = {node.get("name") or "": value_of(node) for node in named(element, "inputNode")}
        invocable = element.get("invocableName")
        for result in named(element, "resultNode"):
            name = result.get("name") or ""
            expected = child(result, "expected")
            yield Case(
                folder=path.parent.name,
                file=path.stem,
                id=element.get("id") or "",
                model=model,
                invocable=invocable or name,
                inputs=inputs,
                result=name,
                expected=None if expected is None else value_of(expected),
                error=result.get("errorResult") == "true",
            )


def value_of(element: Element) -> Any:
    """The value inside an input or expected node: a list, components or one typed text."""
    listed = child(element, "list")
    if listed is not None:
        return None if listed.get(_NIL) == "true" else [value_of(item) for item in named(listed, "item")]
    components = list(named(element, "component"))
    if components:
        return {part.get("name") or "": value_of(part) for part in components}
    value = child(element, "value")
    if value is None or value.get(_NIL) == "true":
        return None
    return _typed(value.get(_TYPE) or "", value.text or "")


def _typed(kind: str, text: str) -> Any:
    kind = kind.rpartition(":")[2]
    if kind in ("decimal", "double", "integer", "int", "long", "float"):
        return Decimal(text.strip())
    if kind == "boolean":
        return text.strip() == "true"
    readers = {
        "date": temporal.parse_date,
        "time": temporal.parse_time,
        "dateTime": temporal.parse_date_and_time,
        "duration": temporal.parse_duration,
        "dayTimeDuration": temporal.parse_duration,
        "yearMonthDuration": temporal.parse_duration,
    }
    reader = readers.get(kind)
    return text if reader is None else reader(text.strip())
