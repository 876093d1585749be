"""Lays out a diagram: writes the BPMN DI of a `.bpmn` file from a short placement file, and nothing else of it.

    python -m tools.layout processes/case_handling/case_handling.bpmn tools/layouts/case_handling.json

The placement names a column and a lane for each node and, where a flow is no straight line, its turns. Sizes,
ports, lanes, waypoints and label boxes follow, so that a moved node moves everything that hangs on it.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lxml import etree

MODEL: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
SIZES: Final = {"Task": (110, 70), "Gateway": (50, 50), "Event": (36, 36)}
CHARACTER: Final = 12
LINE: Final = 16

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def port(self, side: str) -> Point:
        """`left`, `right`, `top` or `bottom`, with an offset along the side: `left-20`."""
        match = re.fullmatch(r"(left|right|top|bottom)([+-]\d+)?", side)
        if match is None:
            raise ValueError(f"no such port: {side}")
        offset = float(match[2] or 0)
        middle = (self.x + self.width / 2, self.y + self.height / 2)
        return {
            "left": (self.x, middle[1] + offset),
            "right": (self.right, middle[1] + offset),
            "top": (middle[0] + offset, self.y),
            "bottom": (middle[0] + offset, self.bottom),
        }[match[1]]


@dataclass(slots=True)
class Layout:
    """The placement file and what was computed from it."""

    root: Any
    plan: dict[str, Any]
    boxes: dict[str, Box] = field(default_factory=dict)
    lanes: dict[str, Box] = field(default_factory=dict)

    def column(self, number: float) -> float:
        return float(self.plan["first_column"] + number * self.plan["pitch"])

    def coordinate(self, text: str) -> float:
        """`c7-85` (a column), `Task_File.bottom+20` or `Lane_Checker.bottom-25`."""
        match = re.fullmatch(r"(?:c([\d.]+)|(\w+)\.(x|y|right|bottom))([+-]\d+)?", text)
        if match is None:
            raise ValueError(f"no such coordinate: {text}")
        if match[1] is not None:
            return self.column(float(match[1])) + float(match[4] or 0)
        box = self.boxes.get(match[2]) or self.lanes[match[2]]
        return float(getattr(box, match[3])) + float(match[4] or 0)


def nodes(root: Any) -> list[Any]:
    """The elements that have a shape: everything a lane may hold."""
    wanted = ("Task", "task", "Gateway", "Event", "callActivity", "subProcess")
    process = root.find(f"{{{MODEL}}}process")
    return [child for child in process if etree.QName(child).localname.endswith(wanted)]


def size(node: Any) -> tuple[int, int]:
    name = etree.QName(node).localname
    return next((pair for ending, pair in SIZES.items() if name.endswith(ending)), SIZES["Task"])


def place(layout: Layout) -> None:
    """Boxes of lanes, then of nodes, then of boundary events and the ends of their reminders."""
    plan = layout.plan
    top = float(plan["top"])
    width = layout.column(plan["columns"]) - plan["left"] - 30
    for lane, height in plan["lanes"].items():
        layout.lanes[lane] = Box(plan["left"] + 30, top, width, height)
        top += height
    attached = []
    for node in nodes(layout.root):
        if node.get("attachedToRef"):
            attached.append(node)
        elif node.get("id") in plan["nodes"]:
            column, lane, offset = plan["nodes"][node.get("id")]
            w, h = size(node)
            layout.boxes[node.get("id")] = Box(
                layout.column(column) - w / 2, layout.lanes[lane].y + offset - h / 2, w, h
            )
    counts: dict[str, int] = {}
    for node in attached:
        _place_boundary(layout, node, counts)


def _place_boundary(layout: Layout, node: Any, counts: dict[str, int]) -> None:
    """Boundary events sit at both corners of one edge; the end event they flow into in the middle beyond it."""
    host = layout.boxes[node.get("attachedToRef")]
    index = counts[node.get("attachedToRef")] = counts.get(node.get("attachedToRef"), -1) + 1
    is_top = node.get("attachedToRef") in layout.plan["timers_on_top"]
    edge = host.y if is_top else host.bottom
    x = host.x + 12 if index == 0 else host.right - 12
    layout.boxes[node.get("id")] = Box(x - 18, edge - 18, 36, 36)
    flow = layout.root.find(f".//{{{MODEL}}}sequenceFlow[@sourceRef='{node.get('id')}']")
    middle = host.x + host.width / 2
    layout.boxes[flow.get("targetRef")] = Box(middle - 14, edge + (-64 if is_top else 36), 28, 28)


def route(layout: Layout, flow: Any) -> list[Point]:
    """Waypoints: the planned turns, or straight, or one elbow."""
    source, target = layout.boxes[flow.get("sourceRef")], layout.boxes[flow.get("targetRef")]
    planned = layout.plan["flows"].get(flow.get("id"), {}).get("route")
    if planned is None:
        return _default_route(source, target)
    start, *turns, end = planned
    points = [source.port(start)]
    for turn in turns:
        axis, text = turn.split("=", 1)
        value = layout.coordinate(text)
        x, y = points[-1]
        points.append((value, y) if axis == "x" else (x, value))
    last = target.port(end)
    if points[-1][0] != last[0] and points[-1][1] != last[1]:
        is_sideways = end.startswith(("left", "right"))
        points.append((points[-1][0], last[1]) if is_sideways else (last[0], points[-1][1]))
    return [*points, last]


def _default_route(source: Box, target: Box) -> list[Point]:
    (sx, sy), (tx, ty) = source.port("right"), target.port("left")
    if abs(sy - ty) < 1 and sx <= tx:
        return [(sx, sy), (tx, ty)]
    below = ty > sy
    middle = source.port("bottom" if below else "top")
    if abs(middle[0] - target.port("top")[0]) < 1:
        return [middle, target.port("top" if below else "bottom")]
    if target.x - 1 <= middle[0] + 60 and source.width == 36:
        return [middle, (middle[0], ty), target.port("left" if middle[0] < target.x else "right")]
    return [(sx, sy), (target.port("top")[0], sy), target.port("top" if below else "bottom")]


def label_box(text: str, anchor: Point, where: str) -> Box:
    """A box for `text` beside `anchor`: `above`, `below`, `left` or `right` of it."""
    longest = max(sum(1 if ord(letter) > 255 else 0.55 for letter in line) for line in text.split("\n"))
    w, h = round(longest * CHARACTER) + 4, LINE * (text.count("\n") + 1)
    x, y = anchor
    corner = {
        "above": (x - w / 2, y - h - 3),
        "below": (x - w / 2, y + 3),
        "left": (x - w - 4, y - h / 2),
        "right": (x + 4, y - h / 2),
    }[where]
    return Box(*corner, w, h)


def flow_label(flow: Any, plan: dict[str, Any], points: list[Point]) -> Box:
    """Beside the first segment, where the question of the gateway is answered."""
    (x1, y1), (x2, y2) = points[0], points[1]
    is_level = y1 == y2
    where = plan.get("label") or ("above" if is_level else "right")
    along = plan.get("at", 28)
    sign = (1 if x2 > x1 else -1) if is_level else (1 if y2 > y1 else -1)
    anchor = (x1 + sign * along, y1) if is_level else (x1, y1 + sign * along)
    return label_box(flow.get("name"), anchor, where)


def node_label(layout: Layout, node: Any, box: Box) -> Box | None:
    name = etree.QName(node).localname
    if not node.get("name") or not name.endswith(("Gateway", "Event")):
        return None
    where = layout.plan.get("labels", {}).get(node.get("id"))
    if node.get("attachedToRef"):
        host = layout.boxes[node.get("attachedToRef")]
        is_left, is_top = box.x < host.x, box.y < host.y
        corner_y = box.y - 1 if is_top else box.bottom + 1
        anchor = (box.x + (10 if is_left else 26), corner_y + (-8 if is_top else 8))
        return label_box(node.get("name"), anchor, "left" if is_left else "right")
    where = where or ("above" if name.endswith("Gateway") else "below")
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    anchor = {
        "above": (middle_x, box.y),
        "below": (middle_x, box.bottom),
        "left": (box.x, middle_y),
        "right": (box.right, middle_y),
        "above-left": (box.x + 2, box.y + 4),
        "above-right": (box.right - 2, box.y + 4),
        "below-left": (box.x + 4, box.bottom - 6),
        "below-right": (box.right - 4, box.bottom - 6),
    }[where]
    return label_box(node.get("name"), anchor, where.rpartition("-")[2])


def write(layout: Layout) -> None:
    """Replace the DI part of the document."""
    root = layout.root
    for old in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(old)
    diagram = etree.SubElement(
        root, f"{{{BPMNDI}}}BPMNDiagram", nsmap={"bpmndi": BPMNDI, "dc": DC, "di": DI}, id="BPMNDiagram_1"
    )
    collaboration = root.find(f"{{{MODEL}}}collaboration")
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="BPMNPlane_1", bpmnElement=collaboration.get("id"))
    lanes = list(layout.lanes.values())
    pool = Box(layout.plan["left"], lanes[0].y, lanes[0].width + 30, lanes[-1].bottom - lanes[0].y)
    _shape(plane, collaboration[0].get("id"), pool, is_horizontal=True)
    for lane, box in layout.lanes.items():
        _shape(plane, lane, box, is_horizontal=True)
    for note, (first, last) in layout.plan.get("annotations", {}).items():
        left, right = layout.column(first), layout.column(last)
        _shape(plane, note, Box(left, pool.y - 40, right - left, 30))
    for node in nodes(root):
        box = layout.boxes[node.get("id")]
        _shape(plane, node.get("id"), box, label=node_label(layout, node, box), node=node)
    for flow in root.iter(f"{{{MODEL}}}sequenceFlow"):
        points = route(layout, flow)
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{flow.get('id')}_di", bpmnElement=flow.get("id"))
        for x, y in points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=_number(x), y=_number(y))
        if flow.get("name"):
            plan = layout.plan["flows"].get(flow.get("id"), {})
            _bounds(etree.SubElement(edge, f"{{{BPMNDI}}}BPMNLabel"), flow_label(flow, plan, points))


def _shape(
    plane: Any, element: str, box: Box, *, label: Box | None = None, is_horizontal: bool = False, node: Any = None
) -> None:
    shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{element}_di", bpmnElement=element)
    if is_horizontal:
        shape.set("isHorizontal", "true")
    if node is not None and etree.QName(node).localname == "exclusiveGateway":
        shape.set("isMarkerVisible", "true")
    _bounds(shape, box)
    if label is not None:
        _bounds(etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel"), label)


def _bounds(parent: Any, box: Box) -> None:
    etree.SubElement(
        parent,
        f"{{{DC}}}Bounds",
        x=_number(box.x),
        y=_number(box.y),
        width=_number(box.width),
        height=_number(box.height),
    )


def _number(value: float) -> str:
    return f"{value:g}"


def main(arguments: list[str]) -> int:
    model, placement = (Path(argument) for argument in arguments)
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(model.read_bytes(), parser)
    layout = Layout(root, json.loads(placement.read_text(encoding="utf-8")))
    place(layout)
    write(layout)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["gw", "xsi"])
    model.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
