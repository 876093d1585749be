"""The policy: one rule per action, and the functions that ask it.

A rule has up to three questions: the position (do the person's positions include one that does this), the scope
(may they know of this object) and the part (is it theirs to do). A failed scope is a NotFoundError, anything else
a NotAllowedError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bpmn.errors import NotAllowedError, NotFoundError
from bpmn.tables import UserTask
from handlers.cases.tables import Case
from handlers.org import Viewer
from handlers.org.positions import POSITIONS
from handlers.org.tables import OrgUnit, Person
from handlers.permissions.checks import Check
from handlers.permissions.personal import may_see_personal
from handlers.permissions.visibility import administers, is_candidate, sees

Part = Callable[[Viewer, Any], Check]

STAFF = frozenset(POSITIONS) - {"grid_volunteer"}
WORKERS = STAFF - {"administrator", "process_designer", "evaluator"}
ADMINISTRATORS = frozenset({"administrator"})
DESIGNERS = frozenset({"administrator", "process_designer"})
LEADERS_OF_SHIFT = frozenset({"shift_leader", "street_grid_leader", "street_grid_deputy", "supervisor"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do an action. `holders` None: everybody with an account, volunteers and people without a seat too."""

    action: str
    zh: str
    en: str
    holders: frozenset[str] | None
    part: Part | None = None


def _mine_or_in_my_queue(viewer: Viewer, task: Any) -> Check:
    holds = isinstance(task, UserTask) and (task.assignee == viewer.person_id or is_candidate(viewer, task))
    return Check(
        "part",
        holds,
        "任务在您的待办或队列里" if holds else "任务不在您的待办和队列里",
        "the task is in your list or queues" if holds else "the task is in none of your lists and queues",
    )


def _assignable(viewer: Viewer, task: Any) -> Check:
    """Shift leaders and street leaders assign what they see, department leads what waits in their own department."""
    holds = viewer.holds(*LEADERS_OF_SHIFT) or _mine_or_in_my_queue(viewer, task).holds
    return Check(
        "part",
        holds,
        "可以指派" if holds else "只能指派本部门队列里的任务",
        "may be assigned by you" if holds else "you assign only tasks in your department's queue",
    )


def _personal(viewer: Viewer, case: Any) -> Check:
    holds = isinstance(case, Case) and may_see_personal(viewer, case)
    return Check(
        "part",
        holds,
        "管辖或经手此案" if holds else "不管辖也不经手此案，没有查看个人信息的目的",
        "in charge of or at work on the case" if holds else "you are neither in charge of the case nor at work on it",
    )


def _administered(viewer: Viewer, obj: Any) -> Check:
    if isinstance(obj, OrgUnit):
        holds = administers(viewer, obj.path)
    else:
        holds = isinstance(obj, Person)
    return Check(
        "part",
        holds,
        "在您的管理范围内" if holds else "不在您的管理范围内",
        "in the area you administer" if holds else "outside the area you administer",
    )


def _rules(*rules: Rule) -> Mapping[str, Rule]:
    return {rule.action: rule for rule in rules}


POLICY: Mapping[str, Rule] = _rules(
    Rule("task.list", "任务 · 列表", "see the task list", None),
    Rule("task.view", "任务 · 查看", "see a task", None),
    Rule("task.claim", "任务 · 领取", "claim a task", STAFF, _mine_or_in_my_queue),
    Rule("task.complete", "任务 · 办理", "complete a task", STAFF, _mine_or_in_my_queue),
    Rule("task.assign", "任务 · 指派", "assign a task", LEADERS_OF_SHIFT | {"department_lead"}, _assignable),
    Rule("case.list", "案件 · 列表", "see the list of cases", None),
    Rule("case.view", "案件 · 查看", "see a case", None),
    Rule("case.report", "案件 · 上报", "report a case", None),
    Rule("case.photo", "案件 · 照片", "see and add photos", None),
    Rule("case.link", "案件 · 关联", "link a case to places, households and cases", WORKERS),
    Rule("case.personal", "案件 · 个人信息", "read personal data of a case", WORKERS, _personal),
    Rule("people.admin", "人员 · 管理", "administer people", ADMINISTRATORS, _administered),
    Rule("org.view", "组织 · 查看", "see the organisation", STAFF),
    Rule("org.admin", "组织 · 管理", "administer the organisation", ADMINISTRATORS, _administered),
    Rule("deployments.admin", "流程 · 部署", "administer deployments", DESIGNERS),
    Rule("incidents.view", "异常 · 查看", "see incidents", DESIGNERS | {"supervisor"}),
    Rule("incidents.retry", "异常 · 重试", "retry incidents", DESIGNERS),
    Rule("api.external_tasks", "接口 · 外部任务", "work on external tasks", ADMINISTRATORS),
    Rule("api.messages", "接口 · 消息", "publish messages and signals", DESIGNERS),
    Rule("api.deploy", "接口 · 部署", "deploy over the API", DESIGNERS),
    Rule("ops.metrics", "运行 · 指标", "read metrics", ADMINISTRATORS),
    Rule("live.listen", "实时 · 收听", "hear live changes", None),
)
"""Action to its rule."""


def can(viewer: Viewer, action: str, obj: Any = None) -> bool:
    """True when the viewer may do the action, with this object if one is given."""
    return all(check.holds for check in explain(viewer, action, obj))


def require(viewer: Viewer, action: str, obj: Any = None) -> None:
    """Raise unless the viewer may do the action.

    :raises NotFoundError: the viewer may not know of the object.
    :raises NotAllowedError: the viewer may know of it, or there is none, but not do this.
    """
    failed = [check for check in explain(viewer, action, obj) if not check.holds]
    if any(check.key == "scope" for check in failed):
        raise NotFoundError(what=type(obj).__name__.lower())
    if failed:
        raise NotAllowedError(action=action, why_zh=f"{failed[0].zh}。", why_en=f"{failed[0].en}.")


def explain(viewer: Viewer, action: str, obj: Any = None) -> tuple[Check, ...]:
    """Every question of the rule with its answer, up to the first scope that fails."""
    rule = POLICY[action]
    checks = [_position(viewer, rule)]
    if obj is None:
        return tuple(checks)
    in_scope = sees(viewer, obj)
    checks.append(
        Check(
            "scope",
            in_scope,
            "在您的可见范围内" if in_scope else "不在您的可见范围内",
            "among what you may see" if in_scope else "not among what you may see",
        )
    )
    if in_scope and rule.part is not None:
        checks.append(rule.part(viewer, obj))
    return tuple(checks)


def _position(viewer: Viewer, rule: Rule) -> Check:
    if rule.holders is None:
        return Check("position", True, f"「{rule.zh}」对所有账号开放", f"everybody may {rule.en}")
    held = [seat.position for seat in viewer.seats if seat.position in rule.holders]
    if held:
        position = POSITIONS[held[0]]
        return Check("position", True, f"{position.zh}可「{rule.zh}」", f"a {position.en} may {rule.en}")
    own = "、".join(dict.fromkeys(POSITIONS[seat.position].zh for seat in viewer.seats)) or "没有岗位的账号"
    names = (
        ", ".join(dict.fromkeys(POSITIONS[seat.position].en for seat in viewer.seats)) or "a person without position"
    )
    return Check("position", False, f"{own}没有「{rule.zh}」的权限", f"{names}: may not {rule.en}")
