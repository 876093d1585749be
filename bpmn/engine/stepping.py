"""`start` and `step`: one stored state and one command in, the next state, waits and events out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn.engine import catching, data, state
from bpmn.engine.bundle import Bundle
from bpmn.engine.composite import begin
from bpmn.engine.contract import (
    Cancel,
    Command,
    CompleteJob,
    CompleteUserTask,
    DeliverMessage,
    DeliverSignal,
    FailJob,
    FireTimer,
    Host,
    IncidentWait,
    JobWait,
    MessageWait,
    Retry,
    Step,
    ThrowError,
    TimerWait,
    UserTaskWait,
    Wait,
)
from bpmn.engine.specs import spec_name
from bpmn.engine.spiff import TaskState, Token
from bpmn.engine.workflow import Instance
from bpmn.errors import BpmnError, StartError, VariableError, WaitClosedError

MAX_STATE = 4 * 1024 * 1024
"""Bytes of a stored instance; case data belongs to the domain's tables."""


def start(
    bundle: Bundle,
    process_id: str,
    variables: Mapping[str, Any],
    *,
    business_key: str = "",
    host: Host,
    start_element: str | None = None,
) -> Step:
    """Start an instance and run it to its first rest. `start_element` picks one of several start events.

    :raises StartError: there is no such process or start event, or several and none is picked.
    :raises VariableError: the variables are no small JSON.
    :raises InlineFailure: a handler failed; `StuckError`: the diagram runs without end.
    """
    info = bundle.processes.get(process_id)
    if info is None:
        raise StartError(process=process_id, why_zh="没有该流程", why_en="there is no such process")
    chosen = _chosen_start(bundle, process_id, start_element)
    instance = Instance(bundle, process_id, host)
    instance.business_key = business_key
    given = data.guarded(variables)
    is_mapped = chosen is not None and bool(bundle.scopes[process_id].task_specs[chosen].output_texts)
    instance.own = {} if is_mapped else given
    begin(instance, chosen, given if is_mapped else None)
    instance.run_to_rest()
    return _result(instance)


def _chosen_start(bundle: Bundle, process_id: str, start_element: str | None) -> str | None:
    info = bundle.processes[process_id]
    if start_element is not None:
        if start_element not in {each.element_id for each in info.start_events}:
            raise StartError(
                process=process_id,
                why_zh=f"没有开始事件 {start_element}",
                why_en=f"there is no start event {start_element}",
            )
        return spec_name(start_element)
    if not any(each.type == "startEvent" and each.parent == process_id for each in info.elements.values()):
        return None
    plain = [each for each in info.start_events if each.event == "none"]
    if len(plain) == 1:
        return spec_name(plain[0].element_id)
    if not plain and len(info.start_events) == 1:
        return spec_name(info.start_events[0].element_id)
    names = ", ".join(each.element_id for each in info.start_events)
    raise StartError(
        process=process_id,
        why_zh=f"有多个开始事件，请指定其中之一：{names}",
        why_en=f"it has several start events; pick one of {names}",
    )


def step(bundle: Bundle, process_id: str, state_bytes: bytes, command: Command, *, host: Host) -> Step:
    """Load an instance, do one command, run it to rest.

    :raises WaitClosedError: the wait of the command is not open any more, or is of another kind.
    :raises StateError: the state does not belong to this bundle. Other errors as in `start`.
    """
    instance = state.load(bundle, process_id, state_bytes, host)
    perform(instance, command)
    instance.run_to_rest()
    return _result(instance)


def perform(instance: Instance, command: Command) -> None:
    """Do the command; nothing runs yet."""
    match command:
        case Cancel():
            instance.cancel_all()
        case DeliverSignal():
            catching.signal(instance, command.signal, data.guarded(command.variables))
        case CompleteUserTask():
            token = _waiting(instance, command.key, UserTaskWait)
            _answer(instance, token, command.variables)
        case CompleteJob():
            token = _waiting(instance, command.key, JobWait)
            _answer(instance, token, command.variables)
        case DeliverMessage():
            catching.trigger(_waiting(instance, command.key, MessageWait), data.guarded(command.variables))
        case FireTimer():
            catching.trigger(_waiting(instance, command.key, TimerWait), {}, last=command.last)
        case FailJob():
            token = _waiting(instance, command.key, JobWait)
            instance.incident(token, "run", "job", command.zh, command.en, command.traceback)
        case ThrowError():
            _throw(instance, command)
        case Retry():
            _retry(instance, command)


def _answer(instance: Instance, token: Token, variables: Mapping[str, Any]) -> None:
    token.internal_data["result"] = data.guarded(variables)
    instance.make_ready(token, "result")


def _throw(instance: Instance, command: ThrowError) -> None:
    token = _waiting(instance, command.key, JobWait, UserTaskWait)
    variables = data.guarded(command.variables)
    if not catching.throw_from(token, "error", command.error_code, variables):
        error = BpmnError(command.error_code)
        instance.incident(token, "run", "bpmn_error", error.message("zh"), error.message("en"))


def _retry(instance: Instance, command: Retry) -> None:
    token = _waiting(instance, command.key, IncidentWait)
    changes = data.guarded(command.variables)
    if changes:
        instance.write(token, changes)
    del token.internal_data["incident"]
    at = token.internal_data.pop("at", "run")
    token.renew()
    if at == "stuck":
        return
    instance.make_ready(token, at)


def _waiting(instance: Instance, key: str, *kinds: type[Wait]) -> Token:
    for token in instance.all_tokens():
        if token.key == key and isinstance(_wait_of(token), kinds):
            return token
    raise WaitClosedError(key=key, why_zh="等待已结束", why_en="the wait has ended")


def _wait_of(token: Token) -> Wait | None:
    incident = token.internal_data.get("incident")
    if incident is not None:
        node = token.task_spec.node
        return IncidentWait(token.key, node.id, node.name, token.workflow.process_id, *incident)
    return token.task_spec.wait(token) if token._state == TaskState.WAITING else None


def _result(instance: Instance) -> Step:
    waits = tuple(wait for token in instance.all_tokens() if (wait := _wait_of(token)) is not None)
    stored = b"" if instance.completed else state.dump(instance)
    if len(stored) > MAX_STATE:
        raise VariableError(
            "state",
            why_zh=f"流程数据共 {len(stored) // 1024} KB，超过上限",
            why_en=f"the data of the process grew to {len(stored) // 1024} KB, more than may be stored",
        )
    if instance.is_cancelled:
        status = "cancelled"
    else:
        status = "completed" if instance.completed else "running"
    return Step(
        stored,
        waits,
        tuple(instance.events),
        tuple(instance.thrown),
        status,  # type: ignore[arg-type]
        instance.own or {},
    )
