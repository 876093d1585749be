"""Small BPMN models for tests of the platform, written as Python text so that each test shows what it runs."""

from __future__ import annotations

from itertools import pairwise

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:gw="http://gridwhistle.org/schema/bpmn/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 targetNamespace="http://gridwhistle.org/tests">
"""


def process(body: str, *, key: str = "sample", top: str = "") -> dict[str, bytes]:
    """The files of a deployment with one process. `top` comes before the process: messages, signals, errors."""
    xml = f'{HEAD}{top}<process id="{key}" name="{key}" isExecutable="true">{body}</process></definitions>'
    return {f"{key}.bpmn": xml.encode()}


def chain(*nodes: str, key: str = "sample", top: str = "") -> dict[str, bytes]:
    """Start, the nodes one after the other, end. Each node is an element whose id is given as `id="…"`."""
    ids = ["Start", *(node.split('id="', 1)[1].split('"', 1)[0] for node in nodes), "Stop"]
    flows = "".join(
        f'<sequenceFlow id="Flow_{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(pairwise(ids), 1)
    )
    return process(f'<startEvent id="Start"/>{"".join(nodes)}<endEvent id="Stop"/>{flows}', key=key, top=top)


def user(element: str = "Task_A", *, name: str = "", inside: str = "", **attributes: str) -> str:
    """A user task; attributes are `gw:` ones."""
    written = " ".join(f'gw:{key}="{value}"' for key, value in attributes.items())
    return f'<userTask id="{element}" name="{name or element}" {written}>{inside}</userTask>'


def service(element: str = "Service_A", topic: str = "test.work", *, inside: str = "", **attributes: str) -> str:
    """A service task."""
    written = " ".join(f'gw:{key}="{value}"' for key, value in attributes.items())
    return f'<serviceTask id="{element}" name="{element}" gw:topic="{topic}" {written}>{inside}</serviceTask>'


def listener(event: str, topic: str, **parameters: str) -> str:
    """A `gw:listener` as extension element."""
    written = "".join(f'<gw:parameter name="{name}" value="{value}"/>' for name, value in parameters.items())
    return (
        f'<extensionElements><gw:listener event="{event}" topic="{topic}">{written}</gw:listener></extensionElements>'
    )


def timer(element: str, kind: str, value: str, *, catch_up: str = "once") -> str:
    """An intermediate timer event; `kind` is Duration, Date or Cycle."""
    return (
        f'<intermediateCatchEvent id="{element}" gw:catchUp="{catch_up}"><timerEventDefinition>'
        f"<time{kind}>{value}</time{kind}></timerEventDefinition></intermediateCatchEvent>"
    )


def boundary_timer(element: str, host: str, kind: str, value: str, target: str, *, interrupting: bool = True) -> str:
    """A boundary timer with the flow that leaves it and the end it leads to."""
    stops = "true" if interrupting else "false"
    return (
        f'<boundaryEvent id="{element}" attachedToRef="{host}" cancelActivity="{stops}"><timerEventDefinition>'
        f"<time{kind}>{value}</time{kind}></timerEventDefinition></boundaryEvent>"
        f'<endEvent id="{target}"/><sequenceFlow id="Flow_{element}" sourceRef="{element}" targetRef="{target}"/>'
    )
