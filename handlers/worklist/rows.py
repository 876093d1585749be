"""From task ids to rows: joins case, clock, community and holder, and puts the filters into SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, any_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import FromClause

from bpmn.tables import TaskCandidate, UserTask
from handlers import permissions
from handlers.cases.tables import Case
from handlers.clocks.tables import CaseClock
from handlers.org import Viewer
from handlers.org.tables import OrgUnit, Person
from handlers.worklist.values import ClockRow, Filters, Row, Scope

Statement = Select[*tuple[Any, ...]]
COMMUNITY = aliased(OrgUnit, name="community")
HOLDER = aliased(Person, name="holder")
_CLOCK_PREFIX = "clock:"

CLOCK_COLUMNS = tuple(getattr(CaseClock, name) for name in ClockRow._fields)
COLUMNS = (
    UserTask.id,
    UserTask.instance_id,
    UserTask.business_key,
    UserTask.process_key,
    UserTask.element_id,
    UserTask.name,
    UserTask.status,
    UserTask.assignee,
    UserTask.claimed_at,
    UserTask.due_at,
    UserTask.sort_at,
    UserTask.created_at,
    UserTask.priority,
    Case.number,
    Case.category_code,
    Case.category_name,
    Case.title,
    Case.address,
    Case.community_code,
    COMMUNITY.name_zh,
    COMMUNITY.name_en,
    HOLDER.name_zh,
    HOLDER.name_en,
    exists()
    .where(
        TaskCandidate.task_id == UserTask.id,
        TaskCandidate.candidate == any_(bindparam("candidates", type_=ARRAY(Text()))),
    )
    .label("is_candidate"),
    UserTask.excluded_users.contains(func.jsonb_build_array(bindparam("person_id", type_=Text()))).label("is_excluded"),
)
"""In the order of `Row`; the clock's follow."""


def joined(source: FromClause) -> Statement:
    """Every task of `source` (columns sort_at, task_id) with everything a row shows."""
    return (
        with_case(select(*COLUMNS, *CLOCK_COLUMNS), source)
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
        return UserTask.due_at < now
    if state == "soon":
        return and_(CaseClock.status == "running", CaseClock.warned_at.is_not(None), UserTask.due_at >= now)
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
    width = len(COLUMNS)
    clock = ClockRow(*result[width:]) if result[width] is not None else None
    return Row._make((*result[:width], clock))
