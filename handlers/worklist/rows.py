"""From task ids to rows: joins case, clock, community and holder, and puts the filters into SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import FromClause

from bpmn.tables import UserTask
from handlers import permissions
from handlers.cases.tables import Case
from handlers.clocks.tables import CaseClock
from handlers.org import Viewer
from handlers.org.tables import OrgUnit, Person
from handlers.worklist.values import Filters, Row, Scope

Statement = Select[*tuple[Any, ...]]
COMMUNITY = aliased(OrgUnit, name="community")
HOLDER = aliased(Person, name="holder")
_CLOCK_PREFIX = "clock:"

COLUMNS = (
    UserTask,
    Case.number,
    Case.category_code,
    Case.category_name,
    Case.title,
    Case.address,
    Case.community_code,
    Case.urgency,
    Case.status.label("case_status"),
    COMMUNITY.name_zh.label("community_name"),
    COMMUNITY.name_en.label("community_name_en"),
    HOLDER.name_zh.label("holder_name"),
    HOLDER.name_en.label("holder_name_en"),
    CaseClock,
)


def joined(source: FromClause) -> Statement:
    """Every task of `source` (columns sort_at, task_id) with everything a row shows."""
    return (
        with_case(select(*COLUMNS), source)
        .outerjoin(COMMUNITY, COMMUNITY.code == Case.community_code)
        .outerjoin(HOLDER, HOLDER.id == UserTask.assignee)
    )


def with_case(statement: Statement, source: FromClause) -> Statement:
    """`statement` from the tasks of `source` with case and clock, for filters and counts."""
    return (
        statement.select_from(source)
        .join(UserTask, UserTask.id == source.c.task_id)
        .outerjoin(Case, Case.number == UserTask.business_key)
        .outerjoin(
            CaseClock,
            and_(
                CaseClock.case_number == UserTask.business_key,
                CaseClock.name == func.substr(UserTask.due_ref, len(_CLOCK_PREFIX) + 1),
            ),
        )
    )


def conditions(filters: Filters, scope: Scope, viewer: Viewer, now: datetime) -> list[ColumnElement[bool]]:
    """The filters as conditions; in the scope `all` also what the viewer may see."""
    wanted: list[ColumnElement[bool]] = []
    if scope == "all":
        wanted.append(permissions.case_filter(viewer))
    if filters.steps:
        wanted.append(UserTask.element_id.in_(filters.steps))
    if filters.communities:
        wanted.append(Case.community_code.in_(filters.communities))
    if filters.categories:
        wanted.append(Case.category_code.in_(filters.categories))
    if filters.holder is not None:
        wanted.append(_held(filters, viewer))
    if filters.state is not None:
        wanted.append(state_condition(filters.state, now))
    if filters.text:
        wanted.append(_matches(filters.text))
    return wanted


def state_condition(state: str, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Overdue; warned and not yet overdue; standing still."""
    if state == "over":
        return UserTask.due_at <= now
    if state == "soon":
        return and_(CaseClock.status == "running", CaseClock.warned_at.is_not(None), UserTask.due_at > now)
    return CaseClock.status == "paused"


def _held(filters: Filters, viewer: Viewer) -> ColumnElement[bool]:
    if filters.holder == "free":
        return UserTask.assignee.is_(None)
    if filters.holder == "me":
        return UserTask.assignee == viewer.person_id
    return and_(UserTask.assignee.is_not(None), UserTask.assignee != viewer.person_id)


def _matches(text: str) -> ColumnElement[bool]:
    """Any word of the row: a case number's end, place, problem, category."""
    found = [
        Case.number.icontains(text, autoescape=True),
        Case.title.icontains(text, autoescape=True),
        Case.address.icontains(text, autoescape=True),
        Case.category_name.icontains(text, autoescape=True),
        Case.category_code.startswith(text, autoescape=True),
        Case.community_code.in_(
            select(OrgUnit.code).where(OrgUnit.level == "community", OrgUnit.name_zh.icontains(text, autoescape=True))
        ),
    ]
    return or_(*found)


def row_from(result: Any) -> Row:
    """A database row as a value."""
    task: UserTask = result.UserTask
    return Row(
        task_id=task.id,
        wait_key=task.wait_key,
        instance_id=task.instance_id,
        business_key=task.business_key,
        process_key=task.process_key,
        element_id=task.element_id,
        scope_id=task.scope_id,
        name=task.name,
        status=task.status,
        assignee=task.assignee,
        assignee_name=result.holder_name or "",
        assignee_name_en=result.holder_name_en or "",
        claimed_at=task.claimed_at,
        due_at=task.due_at,
        due_ref=task.due_ref,
        sort_at=task.sort_at,
        created_at=task.created_at,
        priority=task.priority,
        case_number=result.number,
        category_code=result.category_code or "",
        category_name=result.category_name or "",
        title=result.title or "",
        address=result.address or "",
        community_code=result.community_code,
        community_name=result.community_name or "",
        community_name_en=result.community_name_en or "",
        urgency=result.urgency or "",
        case_status=result.case_status or "",
        clock=result.CaseClock,
    )
