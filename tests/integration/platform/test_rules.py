"""`bpmn.rules`: which version answers, who may publish it, and what is remembered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bpmn import rules
from bpmn.decisions import DecisionError
from bpmn.errors import DefinitionError, InvalidInputError, NotAllowedError, NotFoundError
from bpmn.rules import Origin
from bpmn.values import Actor

AUTHOR, APPROVER = Actor("1", "起草人"), Actor("2", "审批人")


def _dmn(hours: int, cell: str = "&gt;= 1") -> bytes:
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="n" name="时限">'
        '<decision id="limit" name="处置时限"><decisionTable><input><inputExpression><text>grade</text>'
        f"</inputExpression></input><output name='o'/><rule><inputEntry><text>{cell}</text></inputEntry>"
        f"<outputEntry><text>{hours}</text></outputEntry></rule></decisionTable></decision></definitions>"
    ).encode()


def _publish(session: Session, hours: int, now: datetime, **more: datetime) -> str:
    version = rules.draft(session, "limits.dmn", _dmn(hours), actor=AUTHOR, now=now)
    return rules.publish(session, version.id, actor=APPROVER, now=now, **more).id


def _limit(session: Session, at: datetime, reference: str = "limit") -> object:
    return rules.decide(session, reference, {"grade": 1}, now=at).value


def test_the_version_in_force_at_the_moment_answers(session: Session, now: datetime) -> None:
    _publish(session, 2, now)
    _publish(session, 4, now, valid_from=now + timedelta(days=1), valid_to=now + timedelta(days=2))
    hours = [_limit(session, now + timedelta(days=days)) for days in (0, 1, 2)]
    assert hours == [2, 4, 2]


def test_a_pinned_version_answers_whatever_is_in_force(session: Session, now: datetime) -> None:
    _publish(session, 2, now)
    _publish(session, 4, now)
    assert _limit(session, now) == 4
    assert _limit(session, now, "limits@1") == 2


def test_a_draft_never_answers(session: Session, now: datetime) -> None:
    rules.draft(session, "limits.dmn", _dmn(2), actor=AUTHOR, now=now)
    with pytest.raises(NotFoundError):
        _limit(session, now)


def test_the_author_cannot_publish_alone_under_four_eyes(session: Session, now: datetime) -> None:
    version = rules.draft(session, "limits.dmn", _dmn(2), actor=AUTHOR, now=now)
    with pytest.raises(NotAllowedError):
        rules.publish(session, version.id, actor=AUTHOR, now=now)
    assert rules.publish(session, version.id, actor=AUTHOR, now=now, four_eyes=False).status == "published"


def test_nothing_comes_into_force_in_the_past(session: Session, now: datetime) -> None:
    version = rules.draft(session, "limits.dmn", _dmn(2), actor=AUTHOR, now=now)
    with pytest.raises(InvalidInputError):
        rules.publish(session, version.id, actor=APPROVER, now=now, valid_from=now - timedelta(seconds=1))


def test_a_rollback_is_a_new_version_with_the_old_content(session: Session, now: datetime) -> None:
    _publish(session, 2, now)
    _publish(session, 4, now)
    back = rules.rollback(session, "limits", 1, actor=APPROVER, now=now + timedelta(hours=1))
    assert back.version == 3
    assert _limit(session, now + timedelta(hours=1)) == 2


def test_a_withdrawn_version_gives_way_to_the_one_before(session: Session, now: datetime) -> None:
    _publish(session, 2, now)
    rules.withdraw(session, _publish(session, 4, now), actor=APPROVER, now=now)
    assert _limit(session, now) == 2


def test_the_record_answers_why(session: Session, now: datetime) -> None:
    _publish(session, 2, now)
    origin = Origin(instance_id="i", business_key="HZ1", element_id="Task_Limit")
    rules.decide(session, "处置时限", {"grade": 3}, now=now, origin=origin)
    session.flush()
    ((record, version),) = rules.records_of(session, "HZ1")
    assert (record.inputs, record.hits, record.result) == ({"grade": 3}, [["处置时限", [1]]], 2)
    assert version.version == 1


def test_a_file_that_cannot_be_evaluated_is_refused_with_its_place(session: Session, now: datetime) -> None:
    with pytest.raises(DefinitionError) as caught:
        rules.draft(session, "limits.dmn", _dmn(2, "1 +"), actor=AUTHOR, now=now)
    assert "第 1 条规则" in caught.value.facts["findings"][0].zh


def test_the_same_content_is_no_new_version(session: Session, now: datetime) -> None:
    first = rules.draft(session, "limits.dmn", _dmn(2), actor=AUTHOR, now=now)
    assert rules.draft(session, "limits.dmn", _dmn(2), actor=AUTHOR, now=now).id == first.id


def test_an_error_of_the_table_leaves_no_record(session: Session, now: datetime) -> None:
    doubled = _dmn(2).replace(b"</rule>", b"</rule><rule><inputEntry><text>1</text></inputEntry><outputEntry>"
                              b"<text>9</text></outputEntry></rule>", 1)  # fmt: skip
    version = rules.draft(session, "limits.dmn", doubled, actor=AUTHOR, now=now)
    rules.publish(session, version.id, actor=APPROVER, now=now)
    with pytest.raises(DecisionError):
        _limit(session, now)
