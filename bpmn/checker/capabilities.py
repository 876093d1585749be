"""Which elements of BPMN 2.0 run, run within limits, or are refused. A test tries each line with a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["runs", "limits", "refused"]
_WORDS = {"runs": ("可执行", "runs"), "limits": ("有条件", "runs within limits"), "refused": ("拒绝", "refused")}


@dataclass(frozen=True, slots=True)
class Capability:
    element: str
    status: Status
    zh: str = ""
    en: str = ""


TABLE: tuple[Capability, ...] = (
    Capability("task", "runs", "直接通过", "passes at once"),
    Capability("userTask", "runs"),
    Capability("manualTask", "runs", "与用户任务一样等待", "waits like a user task"),
    Capability("serviceTask", "runs", "由 gw:topic 指定处理程序或外部任务", "a handler or external task by gw:topic"),
    Capability("sendTask", "runs", "发送消息，或按 gw:topic", "throws its message, or by gw:topic"),
    Capability("receiveTask", "runs"),
    Capability("scriptTask", "limits", "受限的 Python", "a restricted Python within a budget"),
    Capability("businessRuleTask", "runs", "gw:decision 或 gw:topic", "by gw:decision or gw:topic"),
    Capability("callActivity", "limits", "被调用的流程须一起部署", "the called process is deployed with it"),
    Capability("subProcess", "runs"),
    Capability("event subprocess: message, signal, timer, conditional, escalation", "runs"),
    Capability("event subprocess: error", "limits", "必须中断", "always interrupts"),
    Capability("event subprocess: compensation", "refused"),
    Capability("transaction", "runs"),
    Capability("adHocSubProcess", "refused"),
    Capability("multiInstanceLoopCharacteristics", "limits", "最多一万个实例", "up to 10,000 instances"),
    Capability("multi-instance behavior None, One, Complex", "refused"),
    Capability("standardLoopCharacteristics", "runs"),
    Capability("exclusiveGateway", "runs"),
    Capability("parallelGateway", "runs"),
    Capability("inclusiveGateway", "runs"),
    Capability("eventBasedGateway", "limits", "不能启动流程，不能并行", "neither instantiating nor parallel"),
    Capability("complexGateway", "refused"),
    Capability("conditional and default flow out of an activity", "runs"),
    Capability("startEvent: none, message, signal, timer", "runs"),
    Capability("startEvent: conditional", "refused"),
    Capability("catch event: message, signal, timer, conditional, link", "runs"),
    Capability("throw event: none, message, signal, escalation, link, compensation", "runs"),
    Capability("end event: none, message, signal, error, escalation, terminate, compensation", "runs"),
    Capability("end event: cancel", "limits", "只在事务中", "in a transaction only"),
    Capability("boundary event: message, signal, timer, conditional, escalation", "runs"),
    Capability("boundary event: error", "limits", "必须中断", "always interrupts"),
    Capability("boundary event: compensation", "limits", "活动不能循环", "the activity may not repeat"),
    Capability("boundary event: cancel", "limits", "只在事务上", "on a transaction only"),
    Capability("multiple and parallel multiple events", "refused"),
    Capability("lane, pool, annotation, group, data object, data store", "runs", "只作说明", "as documentation"),
    Capability("data association with assignment or transformation", "refused"),
    Capability("startQuantity, completionQuantity other than 1", "refused"),
)


def markdown(language: str = "en") -> str:
    """The table as a page."""
    chinese = language.startswith("zh")
    head = "| BPMN 2.0 | 执行 | 说明 |" if chinese else "| BPMN 2.0 | Execution | Notes |"
    lines = [head, "| --- | --- | --- |"]
    for row in TABLE:
        zh, en = _WORDS[row.status]
        lines.append(f"| {row.element} | {zh if chinese else en} | {row.zh if chinese else row.en} |")
    return "\n".join(lines)
