"""The only writer of process instances: lock, load, one step of the engine, save, in the caller's transaction.

Why a step is taken is decided by `bpmn.tasks`, `timers`, `messages`, `jobs`; what is written where by `bpmn.mirror`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from bpmn import buffer, clockrows, definitions, engine, history, hotsql, mirror, notify, states, worker
from bpmn.dues import Anchor
from bpmn.engine import contract
from bpmn.engine.contract import Command, Step
from bpmn.errors import ConflictError, InlineFailure, InvalidInputError, NotAllowedError, NotFoundError, WaitClosedError
from bpmn.host import StepHost
from bpmn.mirror import Instance, Saved
from bpmn.tables import ProcessInstance
from bpmn.values import Actor, Variables

STEPPING = "bpmn.execution"
"""Key of `session.info`: the instances whose step is being taken in this transaction, with clocks to follow."""
COLUMNS = (
    "i.id, i.definition_id, i.process_key, i.business_key, i.status, i.revision, i.state, i.waits, i.started_at,"
    " i.started_by"
)
_LOCK = hotsql.prepare(f"SELECT {COLUMNS} FROM process_instance i WHERE i.id = :id FOR UPDATE")


def start(
    session: Session,
    process_key: str,
    *,
    business_key: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    start_element: str | None = None,
) -> ProcessInstance:
    """Start the active version of `process_key` and run it to its first rest. The answer is a copy, not attached.

    :raises NotFoundError: the key has no active version.
    :raises InlineFailure: a handler failed (`transactions.run` turns it into an incident).
    :raises StartError: it cannot be started like this; `VariableError`.
    """
    definition = definitions.active(session, process_key)
    return start_version(
        session,
        definition.id,
        process_key,
        business_key=business_key,
        variables=variables,
        actor=actor,
        now=now,
        start_element=start_element,
    )


def start_version(
    session: Session,
    definition_id: str,
    process_key: str,
    *,
    business_key: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    start_element: str | None = None,
) -> ProcessInstance:
    """As `start`, in one certain version."""
    bundle = definitions.bundle_for(session, definition_id)
    instance = Instance(
        mirror.new_id(), definition_id, process_key, business_key, "running", 0, None, {}, now, actor.user_id
    )
    with _stepping(session, instance.id):
        step = engine.start(
            bundle,
            process_key,
            variables,
            business_key=business_key,
            host=StepHost(session, instance.id, business_key, actor, now),
            start_element=start_element,
        )
        rows = history.rows(instance, None, step, {"definition": definition_id})
        saved = mirror.save(
            session,
            instance,
            step,
            rows,
            actor=actor,
            now=now,
            is_new=True,
            end_element=history.end_element(step),
        )
    last = _after(session, saved, step, actor=actor, now=now)
    return ProcessInstance(
        id=instance.id,
        definition_id=definition_id,
        process_key=process_key,
        business_key=business_key,
        status=last.status,
        revision=saved.instance.revision,
        variables=last.variables,
        started_at=now,
        started_by=actor.user_id,
    )


def lock(session: Session, instance_id: str) -> Instance:
    """Lock the instance's row until the end of the transaction.

    :raises NotFoundError: there is none.
    """
    rows = hotsql.execute(session, _LOCK, {"id": instance_id})
    if not rows:
        raise NotFoundError(what="process instance", instance_id=instance_id)
    return read(rows[0])


def read(row: tuple[Any, ...]) -> Instance:
    """A row that begins with `COLUMNS`."""
    return Instance(*row[:10])


def advance(
    session: Session,
    instance_id: str,
    command: Command,
    *,
    actor: Actor,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> Step:
    """Take one step of an instance: lock its row, do the command, save.

    :raises WaitClosedError: what the command answers is not open any more.
    :raises ConflictError: the instance has ended or is suspended.
    :raises InlineFailure: a handler failed; `NotFoundError`.
    """
    return advance_locked(session, lock(session, instance_id), command, actor=actor, now=now, detail=detail)


def advance_locked(
    session: Session,
    instance: Instance,
    command: Command,
    *,
    actor: Actor,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    task_id: int | None = None,
    anchor: Anchor | None = None,
) -> Step:
    """As `advance` for an instance whose row is locked already. `task_id` goes to the history row."""
    key = getattr(command, "key", None)
    if key is not None and key not in instance.waits:
        raise WaitClosedError(key=key, why_zh="流程已不再等待此项", why_en="the process no longer waits for this")
    if not isinstance(command, contract.Cancel):
        require_running(instance)
    bundle = definitions.bundle_for(session, instance.definition_id)
    answers: Variables = {}
    if isinstance(command, contract.CompleteUserTask):
        answers = command.variables
        command = replace(command, variables={**answers, contract.COMPLETED_BY: actor.user_id})
    host = StepHost(session, instance.id, instance.business_key, actor, now, answers)
    with _stepping(session, instance.id):
        try:
            step = engine.step(bundle, instance.process_key, instance.state or b"", command, host=host)
        except InlineFailure as failure:
            _tell_the_person(failure, instance, command, actor)
            raise
        saved = mirror.save(
            session,
            instance,
            step,
            history.rows(instance, command, step, detail, task_id=task_id),
            actor=actor,
            now=now,
            answered=key,
            anchor=anchor,
            end_element=history.end_element(step),
        )
    return _after(session, saved, step, actor=actor, now=now)


def cancel(session: Session, instance_id: str, *, reason: str, actor: Actor, now: datetime) -> Step:
    """End an instance at once; all its open waits are cancelled.

    :raises ConflictError: it has ended already.
    """
    instance = lock(session, instance_id)
    states.INSTANCE.check(instance.status, "cancelled")
    return advance_locked(session, instance, contract.Cancel(), actor=actor, now=now, detail={"reason": reason})


def suspend(session: Session, instance_id: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """Nothing of this instance goes on until `resume`; timers that fall due meanwhile fire then."""
    _change(session, instance_id, "suspended", {"reason": reason}, actor=actor, now=now)


def resume(session: Session, instance_id: str, *, actor: Actor, now: datetime) -> None:
    """Let a suspended instance go on."""
    _change(session, instance_id, "running", {}, actor=actor, now=now)
    notify.wake_ticker(session, now)


def require_running(instance: Instance) -> None:
    """:raises ConflictError: the instance has ended or is suspended."""
    if instance.status != "running":
        zh, en = states.INSTANCE.words[instance.status]
        raise ConflictError(why_zh=f"流程{zh}", why_en=f"the process instance is {en}", status=instance.status)


def _change(
    session: Session, instance_id: str, status: str, detail: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    instance = lock(session, instance_id)
    states.INSTANCE.check(instance.status, status)
    session.execute(
        text("UPDATE process_instance SET status = :status WHERE id = :id"), {"status": status, "id": instance_id}
    )
    session.execute(text("UPDATE timer SET queued_at = NULL WHERE instance_id = :id"), {"id": instance_id})
    tag = "instance:suspend" if status == "suspended" else "instance:resume"
    history.add(session, instance_id, tag, detail, actor=actor, now=now)
    _expire(session, instance_id)


@contextmanager
def _stepping(session: Session, instance_id: str) -> Iterator[None]:
    """Mark the instance as being stepped: a handler must not step it again, and clocks it moves are followed after."""
    active: dict[str, list[Any]] = session.info.setdefault(STEPPING, {})
    if instance_id in active:
        raise ConflictError(
            why_zh="流程正在执行，处理程序不能再次推进同一流程",
            why_en="a handler cannot step the instance that calls it",
        )
    active[instance_id] = []
    try:
        yield
    except BaseException:
        active.pop(instance_id, None)
        raise


def _tell_the_person(failure: InlineFailure, instance: Instance, command: Command, actor: Actor) -> None:
    """Somebody's answer was refused by a function of the very task: they hear why, and it stays open.

    Everything else that fails is technical and becomes an incident.
    """
    cause = failure.__cause__
    if actor.system or not isinstance(command, contract.CompleteUserTask):
        return
    is_own = instance.waits[command.key][1] == failure.facts.get("element_id")
    if is_own and isinstance(cause, InvalidInputError | NotAllowedError | ConflictError):
        raise cause


def _after(session: Session, saved: Saved, step: Step, *, actor: Actor, now: datetime) -> Step:
    """What follows a saved step in the same transaction: clocks, jobs, notifications, messages that wait for it."""
    instance = saved.instance
    moved = session.info[STEPPING].pop(instance.id)
    if saved.kept_clocks:
        for name, due_for in moved:
            clockrows.follow(session, instance.id, saved.kept_clocks, name, due_for)
    if saved.next_due_at is not None:
        notify.wake_ticker(session, saved.next_due_at)
    worker.defer_jobs(session, [row_id for row_id, _ in saved.jobs])
    for topic in saved.external:
        notify.offer_job(session, topic)
    _announce(session, saved)
    buffer.post(session, instance, step.thrown, now=now)
    _expire(session, instance.id)
    if step.status == "running" and saved.messages:
        return _deliver_buffered(session, saved, step, actor=actor, now=now)
    return step


def _announce(session: Session, saved: Saved) -> None:
    instance = saved.instance
    place = {"instance": instance.id, "business_key": instance.business_key}
    for closed in saved.closed:
        groups, users = notify.audience(closed.candidates)
        notify.tell(
            session, kind="task", change="closed", task_id=closed.id, groups=groups, users=users,
            assignee=closed.assignee, **place,
        )  # fmt: skip
    for opened in saved.opened:
        wait = opened.wait
        notify.tell(
            session, kind="task", change="opened", task_id=opened.id, groups=list(wait.candidate_groups),
            users=list(wait.candidate_users), assignee=wait.assignee, **place,
        )  # fmt: skip
    notify.tell(session, kind="instance", status=instance.status, revision=instance.revision, **place)


def _deliver_buffered(session: Session, saved: Saved, step: Step, *, actor: Actor, now: datetime) -> Step:
    """Messages that came too early and are still buffered go on at once to the waits that have just opened."""
    found = buffer.take(session, saved.instance, saved.messages, now=now)
    if found is None:
        return step
    message, wait = found
    command = contract.DeliverMessage(wait.key, _variables(message.variables))
    detail = {"message": message.message_id}
    return advance(session, saved.instance.id, command, actor=actor, now=now, detail=detail)


def _variables(values: Mapping[str, Any]) -> Variables:
    return dict(values)


def _expire(session: Session, instance_id: str) -> None:
    """An object of this row that the caller may have loaded is read again when it is looked at."""
    known = session.identity_map.get(identity_key(ProcessInstance, instance_id))
    if known is not None:
        session.expire(known)
