"""Reads BPMN files into a `Model`, with a finding for everything that cannot be read.

Structure and meaning are judged afterwards by the rules; this module only says what stands in the file.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.checker import events, extensions
from bpmn.checker.model import ACTIVITIES, EVENTS, GATEWAYS, SUBPROCESSES, Flow, Lane, Model, Node, Process, Scope
from bpmn.checker.reading import (
    Findings,
    child_text,
    children,
    idref,
    is_true,
    line_of,
    local,
    ours,
    reference,
    text_of,
)
from bpmn.findings import Finding
from bpmn.xmlfiles import Document, Element, read_bpmn

_NODES = ACTIVITIES | GATEWAYS | EVENTS
_SILENT = frozenset(
    (
        "documentation",
        "extensionElements",
        "laneSet",
        "association",
        "textAnnotation",
        "group",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "property",
        "ioSpecification",
        "dataInputAssociation",
        "dataOutputAssociation",
        "incoming",
        "outgoing",
        "auditing",
        "monitoring",
        "supportedInterfaceRef",
        "resourceRole",
        "performer",
        "potentialOwner",
        "humanPerformer",
        "correlationSubscription",
        "supports",
        "artifact",
        "category",
        "dataState",
        "ioBinding",
        "rendering",
    )
)
_MAX_ID = 255


def read_files(files: Mapping[str, bytes], found: list[Finding]) -> Model:
    """Read every `.bpmn` and `.xml` file of a deployment. Findings are appended to `found`."""
    model = Model(files=files)
    documents: list[tuple[Document, Findings, events.Roots]] = []
    for file, content in sorted(files.items()):
        if not is_process_file(file):
            continue
        document = read_bpmn(file, content)
        if isinstance(document, Finding):
            found.append(document)
            continue
        notes = Findings(file, found)
        documents.append((document, notes, events.read_roots(document.root)))
    for document, notes, roots in documents:
        _read_document(document, notes, roots, model)
    return model


def is_process_file(file: str) -> bool:
    """Whether a file of a deployment is read as BPMN: by its name, `.bpmn` or `.xml`."""
    return file.lower().endswith((".bpmn", ".xml"))


def _read_document(document: Document, notes: Findings, roots: events.Roots, model: Model) -> None:
    _check_ids(document.root, notes)
    participants = {
        reference(each, "processRef"): str(each.get("name") or "")
        for collaboration in children(document.root, "collaboration")
        for each in children(collaboration, "participant")
    }
    before = len(model.processes)
    for element in children(document.root, "process"):
        process = _Reader(document.file, notes, roots).process(element)
        process.participant = participants.get(process.id, "")
        earlier = model.processes.get(process.id)
        if earlier is not None:
            notes.error(
                "process.duplicate",
                process.line,
                process.id,
                f"流程编号 {process.id} 已在 {earlier.file} 中使用。",
                f"The process id {process.id} is already used in {earlier.file}.",
                ("为流程换一个编号。", "Give one of them another id."),
            )
            continue
        model.processes[process.id] = process
    if len(model.processes) == before and next(children(document.root, "process"), None) is None:
        notes.error("file.no_process", 1, "", "文件中没有流程。", "The file contains no process.")


def _check_ids(root: Element, notes: Findings) -> None:
    seen: dict[str, int] = {}
    for element in root.iter():
        if not local(element):
            continue
        identifier = element.get("id")
        if identifier is None:
            continue
        line = line_of(element)
        if len(identifier) > _MAX_ID or not identifier.strip():
            notes.error(
                "id.invalid",
                line,
                identifier[:40],
                f"编号为空或超过 {_MAX_ID} 个字符。",
                f"The id is empty or longer than {_MAX_ID} characters.",
            )
        elif identifier in seen:
            notes.error(
                "id.duplicate",
                line,
                identifier,
                f"编号 {identifier} 重复，第 {seen[identifier]} 行已使用。",
                f"The id {identifier} is used twice, first in line {seen[identifier]}.",
                ("为其中一个换编号。", "Give one of them another id."),
            )
        else:
            seen[identifier] = line


class _Reader:
    """Reads one process."""

    def __init__(self, file: str, notes: Findings, roots: events.Roots) -> None:
        self.file = file
        self.notes = notes
        self.roots = roots
        self.unnamed = 0

    def process(self, element: Element) -> Process:
        identifier = self._id(element)
        executable = element.get("isExecutable")
        process = Process(
            identifier,
            self.file,
            line_of(element),
            Scope(identifier),
            name=str(element.get("name") or ""),
            documentation=child_text(element, "documentation"),
            is_executable=None if executable is None else is_true(executable),
        )
        self._scope(element, process.body)
        for lanes in children(element, "laneSet"):
            self._lanes(lanes, process, "")
        return process

    def _id(self, element: Element) -> str:
        identifier = element.get("id")
        if identifier and identifier.strip():
            return str(identifier)
        self.unnamed += 1
        kind, line = local(element), line_of(element)
        made = f"{kind}_{line}_{self.unnamed}"
        if kind != "sequenceFlow":
            self.notes.error(
                "id.missing",
                line,
                made,
                f"{kind} 没有编号。",
                f"This {kind} has no id.",
                ("为元素补上 id。", "Add an `id`."),
            )
        return made

    def _lanes(self, lane_set: Element, process: Process, inherited: str) -> None:
        nodes = {node.id: node for _, node in process.body.everywhere()}
        for element in children(lane_set, "lane"):
            identifier = str(element.get("id") or f"lane_{line_of(element)}")
            groups = ours(element).get("candidateGroups", inherited)
            for unknown in sorted(set(ours(element)) - {"candidateGroups"}):
                self.notes.error(
                    "extension.unknown",
                    line_of(element),
                    identifier,
                    f"泳道没有属性 gw:{unknown}。",
                    f"`gw:{unknown}` means nothing at a lane.",
                )
            process.lanes[identifier] = Lane(identifier, str(element.get("name") or ""), groups)
            for member in children(element, "flowNodeRef"):
                node = nodes.get(text_of(member))
                if node is not None:
                    self._into_lane(node, identifier)
            for inner in children(element, "childLaneSet"):
                self._lanes(inner, process, groups)

    def _into_lane(self, node: Node, lane: str) -> None:
        node.lane = lane
        if node.body is not None:
            for _, inner in node.body.everywhere():
                inner.lane = lane

    def _scope(self, element: Element, scope: Scope) -> None:
        associations: list[Element] = []
        for child in children(element):
            kind = local(child)
            if kind == "sequenceFlow":
                flow = self._flow(child)
                scope.flows[flow.id] = flow
            elif kind in _NODES:
                node = self._node(child, kind)
                scope.nodes[node.id] = node
            elif kind == "association":
                associations.append(child)
            elif kind not in _SILENT and not kind.endswith(("EventDefinition", "LoopCharacteristics")):
                self._unknown(child, kind, scope)
        self._compensations(associations, scope)

    def _unknown(self, child: Element, kind: str, scope: Scope) -> None:
        if kind in ("completionCondition", "loopDataInputRef"):
            return
        if "horeography" in kind or "onversation" in kind or kind.startswith("call") or kind.endswith("Task"):
            self.notes.error(
                "element.unsupported",
                line_of(child),
                str(child.get("id") or kind),
                f"不支持 {kind}。",
                f"`{kind}` is not supported.",
                name=str(child.get("name") or ""),
            )

    def _compensations(self, associations: list[Element], scope: Scope) -> None:
        for element in associations:
            source, target = reference(element, "sourceRef"), reference(element, "targetRef")
            node = scope.nodes.get(source)
            if node is not None and node.kind == "boundaryEvent" and node.event and node.event.kind == "compensate":
                scope.compensations[source] = target

    def _flow(self, element: Element) -> Flow:
        condition = next(children(element, "conditionExpression"), None)
        return Flow(
            self._id(element),
            line_of(element),
            idref(element, "sourceRef"),
            idref(element, "targetRef"),
            name=str(element.get("name") or ""),
            condition=None if condition is None or not text_of(condition) else text_of(condition),
            language="" if condition is None else str(condition.get("language") or ""),
        )

    def _node(self, element: Element, kind: str) -> Node:
        node = Node(
            self._id(element),
            kind,
            line_of(element),
            name=" ".join(str(element.get("name") or "").split()),
            documentation=child_text(element, "documentation"),
            default=idref(element, "default"),
            attached_to=idref(element, "attachedToRef"),
            interrupting=_interrupting(element, kind),
            parallel_multiple=is_true(element.get("parallelMultiple")),
            script=_script(element),
            script_line=_script_line(element),
            script_format=str(element.get("scriptFormat") or ""),
            called=reference(element, "calledElement"),
            instantiate=is_true(element.get("instantiate")),
            event_gateway_type=str(element.get("eventGatewayType") or ""),
            triggered_by_event=is_true(element.get("triggeredByEvent")),
            is_for_compensation=is_true(element.get("isForCompensation")),
            quantities=(element.get("startQuantity") or "1", element.get("completionQuantity") or "1"),
            gw=ours(element),
        )
        events.read_events(element, node, self.roots, self.notes)
        node.loop = events.read_loop(element)
        extensions.read(element, node)
        if kind in SUBPROCESSES:
            node.body = Scope(node.id)
            self._scope(element, node.body)
        return node


def _script(element: Element) -> str:
    script = next(children(element, "script"), None)
    return "" if script is None else "".join(str(part) for part in script.itertext())


def _script_line(element: Element) -> int:
    script = next(children(element, "script"), None)
    return line_of(element if script is None else script)


def _interrupting(element: Element, kind: str) -> bool:
    return is_true(element.get("isInterrupting" if kind == "startEvent" else "cancelActivity"), True)
