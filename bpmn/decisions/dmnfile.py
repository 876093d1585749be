"""DMN files to a model of plain values: definitions, item definitions, the elements of the requirements graph.

Reads DMN 1.1 to 1.5 by local names; interchange and vendors' extensions are passed over. Imports are looked for in
the folder of the file only, never elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bpmn import xmlfiles
from bpmn.decisions.errors import DecisionError, Place
from bpmn.findings import Finding

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
)


@dataclass(slots=True)
class ItemDefinition:
    name: str
    type_ref: str | None
    is_collection: bool
    allowed: str | None
    components: list[ItemDefinition]
    function: tuple[list[str], str | None] | None
    """Parameter types and result type of a function item."""
    line: int


@dataclass(slots=True)
class Node:
    """An element of the requirements graph. `logic` is the XML of its boxed expression."""

    kind: str
    """inputData, decision, businessKnowledgeModel or decisionService"""
    id: str
    name: str
    type_ref: str | None
    line: int
    namespace: str
    requires: list[str] = field(default_factory=list)
    """hrefs `namespace#id` of required inputs, decisions and knowledge, in this order"""
    logic: Element | None = None
    outputs: list[str] = field(default_factory=list)
    encapsulated: list[str] = field(default_factory=list)
    input_decisions: list[str] = field(default_factory=list)
    input_data: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.namespace}#{self.id}"


@dataclass(slots=True)
class DmnFile:
    path: str
    name: str
    namespace: str
    items: list[ItemDefinition]
    nodes: list[Node]
    imports: dict[str, str]
    """import name → namespace"""
    words: set[str]
    """every name the file introduces: variables, parameters, components, entries"""


def read(content: bytes, path: str) -> DmnFile:
    """The model in one file. :raises DecisionError: `not_dmn` or `unreadable`, naming file and line."""
    document = xmlfiles.read(path, content)
    if isinstance(document, Finding):
        raise DecisionError("unreadable", zh=document.zh, en=document.en, place=Place(file=path, line=document.line))
    root = document.root
    if local(root) != "definitions" or space(root) not in NAMESPACES:
        raise DecisionError(
            "not_dmn",
            zh=f"不是 DMN 文件（根元素为“{local(root)}”）",
            en=f'this is no DMN file (its root element is "{local(root)}")',
            place=Place(file=path, line=root.sourceline),
        )
    namespace = root.get("namespace") or ""
    return DmnFile(
        path=path,
        name=root.get("name") or Path(path).stem,
        namespace=namespace,
        items=[_item(child) for child in named(root, "itemDefinition")],
        nodes=list(_nodes(root, namespace)),
        imports={
            child.get("name") or "": child.get("namespace") or ""
            for child in named(root, "import")
            if "dmn" in (child.get("importType") or "").lower()
        },
        words=set(_words(root)),
    )


def local(element: Element) -> str:
    """The element's name without its namespace; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def space(element: Element) -> str:
    return element.tag[1:].partition("}")[0] if isinstance(element.tag, str) and element.tag[0] == "{" else ""


def named(element: Element, name: str) -> Iterator[Element]:
    """The children called `name`."""
    return (child for child in element if local(child) == name)


def child(element: Element, *names: str) -> Element | None:
    """The first child with one of the names."""
    return next((found for found in element if local(found) in names), None)


def text_of(element: Element | None) -> str | None:
    """The content of the `text` child, stripped; None where there is none."""
    inner = None if element is None else child(element, "text")
    return None if inner is None else (inner.text or "").strip()


def type_ref(element: Element | None) -> str | None:
    """The `typeRef` attribute or child without its prefix."""
    if element is None:
        return None
    value = element.get("typeRef")
    if value is None:
        inner = child(element, "typeRef")
        value = None if inner is None else inner.text
    return None if not value or not value.strip() else value.strip().rpartition(":")[2]


def clean(name: str | None) -> str:
    """A name with single blanks."""
    return " ".join((name or "").split())


def _item(element: Element) -> ItemDefinition:
    function = child(element, "functionItem")
    return ItemDefinition(
        name=clean(element.get("name")),
        type_ref=type_ref(element),
        is_collection=element.get("isCollection") == "true",
        allowed=text_of(child(element, "allowedValues", "typeConstraint")),
        components=[_item(part) for part in named(element, "itemComponent")],
        function=None
        if function is None
        else (
            [type_ref(part) or "Any" for part in named(function, "parameters")],
            (function.get("outputTypeRef") or "Any").rpartition(":")[2],
        ),
        line=element.sourceline or 0,
    )


_LOGIC = {
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "some", "every", "encapsulatedLogic",
}  # fmt: skip
_KINDS = {"inputData", "decision", "businessKnowledgeModel", "decisionService"}


def _nodes(root: Element, namespace: str) -> Iterator[Node]:
    for element in root:
        kind = local(element)
        if kind not in _KINDS:
            continue
        variable = child(element, "variable")
        name = clean((variable.get("name") if variable is not None else None) or element.get("name"))
        yield Node(
            kind=kind,
            id=element.get("id") or name,
            name=clean(element.get("name")) or name,
            type_ref=type_ref(variable),
            line=element.sourceline or 0,
            namespace=namespace,
            requires=list(_requirements(element, namespace)),
            logic=next((part for part in element if local(part) in _LOGIC), None),
            outputs=_hrefs(element, "outputDecision", namespace),
            encapsulated=_hrefs(element, "encapsulatedDecision", namespace),
            input_decisions=_hrefs(element, "inputDecision", namespace),
            input_data=_hrefs(element, "inputData", namespace),
        )


def _requirements(element: Element, namespace: str) -> Iterator[str]:
    for requirement in element:
        if local(requirement) in ("informationRequirement", "knowledgeRequirement"):
            for target in requirement:
                if local(target) in ("requiredInput", "requiredDecision", "requiredKnowledge"):
                    yield _href(target, namespace)


def _hrefs(element: Element, name: str, namespace: str) -> list[str]:
    return [_href(target, namespace) for target in named(element, name) if target.get("href")]


def _href(element: Element, namespace: str) -> str:
    """`namespace#id` of a reference."""
    space_part, _, identifier = (element.get("href") or "").rpartition("#")
    return f"{space_part or namespace}#{identifier}"


def _words(root: Element) -> Iterator[str]:
    named_elements = {
        "variable", "formalParameter", "itemComponent", "itemDefinition", "parameter", "column", "import", "inputData",
        "decision", "businessKnowledgeModel", "decisionService", "output", "parameters",
    }  # fmt: skip
    for element in root.iter():
        if local(element) in named_elements:
            yield clean(element.get("name"))
        if local(element) == "inputExpression" and (spoken := _spoken_name(text_of(element))):
            yield spoken
        if local(element) in ("for", "some", "every"):
            yield clean(element.get("iteratorVariable"))


def _spoken_name(text: str | None) -> str | None:
    """The text when it is one name with blanks and nothing else, as tables without input data spell their inputs."""
    words = (text or "").split()
    return " ".join(words) if len(words) > 1 and all(word.isidentifier() for word in words) else None


def read_folder(path: Path) -> dict[str, DmnFile]:
    """Every DMN file beside `path`, by namespace; unreadable neighbours are left out."""
    found: dict[str, DmnFile] = {}
    for neighbour in sorted(path.parent.glob("*.dmn")):
        if neighbour.resolve() == path.resolve():
            continue
        try:
            model = read(neighbour.read_bytes(), neighbour.name)
        except DecisionError:
            continue
        found.setdefault(model.namespace, model)
    return found
