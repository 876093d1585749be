"""Who answers a task of a demo case, when, and what: one habit per element of `case_handling`."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from handlers import catalogue
from handlers.cases.tables import Case
from tools.demo import habits

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """An open task as a person finds it."""

    number: str
    element_id: str
    opened_at: datetime
    due_at: datetime | None
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Habit:
    """How long it takes, when people work, which answer they give."""

    takes: Callable[[Ask, random.Random], timedelta]
    answers: Callable[[Ask, Case, random.Random], Values]
    shifts: tuple[tuple[int, int], ...] = habits.CENTRE
    weekends: bool = True
    photos: str | None = None
    """The phase of the photos that go with a good answer."""


def _review(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < 0.06:
        return {"outcome": "reopen", "reason": "处置后照片看不出已解决"}
    return {"outcome": "close"}


def _accept(ask: Ask, case: Case, dice: random.Random) -> Values:
    public = case.source in ("resident", "hotline")
    is_verified = ask.variables.get("outcome") in ("exists", "absent")
    if ask.variables.get("outcome") == "absent":
        return {"outcome": "void", "reason": "现场核实不存在"}
    luck = dice.random()
    if public and not is_verified and luck < 0.35:
        return {"outcome": "verify", "reason": "请到现场核实位置和范围，拍照"}
    if luck > (0.90 if public else 0.985):
        return {"outcome": "refuse", "reason": dice.choice(habits.REFUSE_REASONS)}
    if luck > (0.86 if public else 0.97):
        return {"outcome": "void", "reason": dice.choice(habits.VOID_REASONS)}
    return {"outcome": "submit", "condition": _condition(case, dice)}


def _verify(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < 0.25:
        return {"outcome": "absent", "note": "现场未发现所述问题"}
    return {"outcome": "exists", "note": "属实，" + dice.choice(habits.OTHER_WORDS)}


def _file(ask: Ask, case: Case, dice: random.Random) -> Values:
    if case.condition is None:
        return {"outcome": "void", "reason": "同意作废"}
    if dice.random() < 0.015:
        return {"outcome": "back", "reason": "类别选择不准确，请重新登记"}
    grade = dice.choices("CBA", (85, 12, 3))[0]
    return {"outcome": "file", "condition": case.condition, "grade": grade}


def _dispatch(ask: Ask, case: Case, dice: random.Random) -> Values:
    lead = str(ask.variables["lead_unit"])
    if ask.variables.get("return_count") and dice.random() < 0.6:
        lead = dice.choice([unit for unit in STREET_UNITS if unit != lead])
    return {"lead_unit": lead}


def _decide(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < 0.2:
        return {"outcome": "void", "reason": "属小区物业责任，已书面移交"}
    return {
        "outcome": "assign",
        "lead_unit": STREET_UNITS[0],
        "reason": "城管中队、环卫所会商，依权责清单由城管中队主办",
    }


def _sign(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < (0.25 if ask.variables.get("return_count") else 0.06):
        return {"outcome": "return", "reason": dice.choice(habits.RETURN_REASONS)}
    return {"outcome": "accept"}


def _handle(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < 0.012:
        return {"outcome": "return", "reason": dice.choice(habits.RETURN_REASONS)}
    return {"outcome": "done", "result": dice.choice(habits.RESULTS)}


def _inspect(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < 0.05:
        return {"outcome": "fail", "reason": dice.choice(habits.REWORK_REASONS)}
    return {"outcome": "pass", "note": "现场已恢复" if dice.random() < 0.5 else ""}


def _close(ask: Ask, case: Case, dice: random.Random) -> Values:
    if dice.random() < 0.02:
        return {"outcome": "rework", "reason": "处置后照片不清，请补拍并复查"}
    found = catalogue.condition(case.category_code, case.kind, case.condition or "", code_set=case.code_set)
    return {"outcome": "close", "closing_condition": found.closing}


def _handling_time(ask: Ask, dice: random.Random) -> timedelta:
    """A share of the time that is left, seldom more than that."""
    left = max((ask.due_at - ask.opened_at) if ask.due_at else timedelta(hours=8), timedelta(minutes=30))
    share = dice.uniform(1.02, 1.3) if dice.random() < 0.045 else dice.triangular(0.08, 0.92, 0.3)
    return left * share


def _condition(case: Case, dice: random.Random) -> str:
    usable = [
        each
        for each in catalogue.conditions(case.category_code, case.kind, code_set=case.code_set)
        if each.limit is not None
    ]
    return usable[0 if dice.random() < 0.75 else dice.randrange(len(usable))].code


STREET_UNITS: Final = ("441302008-cg", "441302008-hw", "441302008-sz", "441302008-yl")

HABITS: Final[Mapping[str, Habit]] = {
    "Task_ReviewSelfHandled": Habit(lambda _, d: habits.minutes(d, 2, 13, late=0.03), _review),
    "Task_Accept": Habit(lambda _, d: habits.minutes(d, 1, 8, late=0.03), _accept),
    "Task_Verify": Habit(
        lambda _, d: habits.minutes(d, 8, 28, late=0.08), _verify, shifts=habits.FIELD, photos="verify"
    ),
    "Task_File": Habit(lambda _, d: habits.minutes(d, 0.5, 5, late=0.03, until=20), _file),
    "Task_Dispatch": Habit(lambda _, d: habits.minutes(d, 1, 12, late=0.04), _dispatch),
    "Task_Decide": Habit(lambda _, d: habits.minutes(d, 60, 600), _decide, shifts=habits.OFFICE, weekends=False),
    "Task_SignFor": Habit(lambda _, d: habits.minutes(d, 3, 45, late=0.05, until=180), _sign, shifts=habits.FIELD),
    "Task_Handle": Habit(_handling_time, _handle, shifts=habits.FIELD, photos="after"),
    "Task_Inspect": Habit(
        lambda _, d: habits.minutes(d, 6, 28, late=0.07, until=90), _inspect, shifts=habits.FIELD, photos="check"
    ),
    "Task_Close": Habit(lambda _, d: habits.minutes(d, 1, 13, late=0.04), _close),
}
