"""Messages and signals: correlation, buffer, repeats, start events, thrown ones, broadcast."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from bpmn import messages, transactions
from bpmn.messages import Receipt
from bpmn.tables import Message, ProcessInstance
from tests.support import models
from tests.support.databases import TestDatabase
from tests.support.platform import SYSTEM, deploy, instance, start

TOP = '<message id="M1" name="answer"/><signal id="S1" name="alarm"/>'
WAITS = '<intermediateCatchEvent id="Wait_A"><messageEventDefinition messageRef="M1"/></intermediateCatchEvent>'
KEYED = (
    '<intermediateCatchEvent id="Wait_A"><messageEventDefinition messageRef="M1"><extensionElements>'
    '<gw:correlation name="ticket" value="=ticket"/></extensionElements></messageEventDefinition>'
    "</intermediateCatchEvent>"
)
HEARS = '<intermediateCatchEvent id="Wait_S"><signalEventDefinition signalRef="S1"/></intermediateCatchEvent>'


def publish(database: TestDatabase, now: datetime, name: str = "answer", **more: object) -> Receipt:
    return transactions.run(
        database.factory,
        lambda s: messages.publish(s, name, actor=SYSTEM, now=now, **more),  # type: ignore[arg-type]
    )


def test_a_message_reaches_the_instance_of_its_business_key(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(WAITS, top=TOP), now)
    first = start(committed.factory, "sample", now, business_key="C-1")
    second = start(committed.factory, "sample", now, business_key="C-2")
    receipt = publish(committed, now, business_key="C-2", variables={"word": "yes"})
    assert (receipt.status, receipt.instance_id) == ("correlated", second)
    assert instance(committed.factory, second).variables["word"] == "yes"
    assert instance(committed.factory, first).status == "running"


def test_a_repeated_message_id_is_answered_and_not_repeated(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(WAITS, WAITS.replace("Wait_A", "Wait_B"), top=TOP), now)
    instance_id = start(committed.factory, "sample", now)
    receipts = [publish(committed, now, message_id="m-1", business_key="C-1") for _ in range(3)]
    assert {(each.status, each.instance_id) for each in receipts} == {("correlated", instance_id)}
    assert [each.is_repeat for each in receipts] == [False, True, True]
    assert [wait[1] for wait in instance(committed.factory, instance_id).waits.values()] == ["Wait_B"]


def test_an_early_message_is_kept_for_whoever_comes_to_wait(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(WAITS, WAITS.replace("Wait_A", "Wait_B"), top=TOP), now)
    for number in range(2):
        assert publish(committed, now, business_key="C-1", variables={"last": number}).status == "buffered"
    instance_id = start(committed.factory, "sample", now)
    ended = instance(committed.factory, instance_id)
    assert (ended.status, ended.variables["last"]) == ("completed", 1)


def test_a_message_that_nobody_took_in_time_is_expired(committed: TestDatabase, now: datetime) -> None:
    deploy(committed.factory, models.chain(WAITS, top=TOP), now)
    publish(committed, now, business_key="C-1", message_id="m-1", ttl=timedelta(minutes=5))
    later = now + timedelta(minutes=6)
    assert transactions.run(committed.factory, lambda s: messages.expire(s, later)) == 1
    instance_id = start(committed.factory, "sample", later)
    assert instance(committed.factory, instance_id).status == "running"
    assert publish(committed, later, business_key="C-1", message_id="m-1").status == "expired"


@pytest.mark.parametrize(("ticket", "status"), [(7, "correlated"), (8, "buffered"), ("7", "buffered")])
def test_correlation_keys_must_all_agree(
    committed: TestDatabase, now: datetime, ticket: int | str, status: str
) -> None:
    deploy(committed.factory, models.chain(KEYED, top=TOP), now)
    start(committed.factory, "sample", now, ticket=7)
    assert publish(committed, now, correlation={"ticket": ticket}).status == status


def test_a_message_start_event_starts_an_instance(committed: TestDatabase, now: datetime) -> None:
    files = models.process(
        '<startEvent id="Start"><messageEventDefinition messageRef="M1"/></startEvent><userTask id="Task_A"/>'
        '<endEvent id="Stop"/><sequenceFlow id="F1" sourceRef="Start" targetRef="Task_A"/>'
        '<sequenceFlow id="F2" sourceRef="Task_A" targetRef="Stop"/>',
        top=TOP,
    )
    deploy(committed.factory, files, now)
    receipt = publish(committed, now, business_key="C-9", variables={"x": 1})
    assert receipt.instance_id is not None
    started = instance(committed.factory, receipt.instance_id)
    assert (started.business_key, started.variables["x"]) == ("C-9", 1)


def test_a_thrown_message_is_delivered_to_another_instance_by_a_job(committed: TestDatabase, now: datetime) -> None:
    throw = '<intermediateThrowEvent id="Say"><messageEventDefinition messageRef="M1"/></intermediateThrowEvent>'
    deploy(committed.factory, models.chain(WAITS, key="hearer", top=TOP), now)
    deploy(committed.factory, models.chain(throw, key="sayer", top=TOP), now)
    hearer = start(committed.factory, "hearer", now)
    start(committed.factory, "sayer", now)
    assert instance(committed.factory, hearer).status == "running"
    with committed.factory() as session:
        message_id = session.scalars(select(Message.message_id)).one()
        queued = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'message.deliver'"))
    assert queued == 1
    for _ in range(2):
        transactions.run(committed.factory, lambda s: messages.deliver(s, message_id, actor=SYSTEM, now=now))
    assert instance(committed.factory, hearer).status == "completed"


@pytest.mark.parametrize("count", [3, 12])
def test_a_signal_reaches_everybody_who_waits_for_it(committed: TestDatabase, now: datetime, count: int) -> None:
    deploy(committed.factory, models.chain(HEARS, top=TOP), now)
    for number in range(count):
        start(committed.factory, "sample", now, business_key=f"C-{number}")
    heard = transactions.run(
        committed.factory, lambda s: messages.signal(s, "alarm", {"level": 3}, actor=SYSTEM, now=now)
    )
    assert heard == count
    with committed.factory() as session:
        jobs = session.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'signal.deliver'")).all()
        done = session.scalars(select(ProcessInstance).where(ProcessInstance.status == "completed")).all()
    assert len(jobs) + len(done) == count
    assert bool(jobs) == (count > messages.AT_ONCE)
