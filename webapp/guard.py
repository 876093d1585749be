"""Acting on a task without giving away that it exists: who may not know of it hears "not found", never who holds it.

The platform's guards (`bpmn.tasks`) speak of candidates only; what a person may know is `handlers.permissions`.
The question is asked after a refusal, so that an allowed action costs no statement more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.errors import ConflictError, NotAllowedError, NotFoundError
from bpmn.tables import History, ProcessInstance, UserTask
from handlers import permissions
from handlers.cases.tables import Case
from handlers.org import Viewer
from webapp import db
from webapp.access import viewer

T = TypeVar("T")


def write(task_id: int, work: Callable[[Session], T]) -> T:
    """Run `work` on the task in one transaction.

    :raises NotFoundError: there is no such task, or the person may not know of it.
    :raises NotAllowedError: the person may see the task, but not do this.
    :raises ConflictError: the task is closed or somebody else's, and the person may know that.
    """
    person = viewer()
    try:
        return db.write(work)
    except (NotAllowedError, ConflictError) as refusal:
        if not may_know(db.read(), task_id, person):
            raise NotFoundError(what="task", task_id=task_id) from refusal
        raise


def require_known(task_id: int) -> None:
    """For actions that change nothing on a task in the wanted state, and would so answer anybody.

    :raises NotFoundError: the person may not know of the task.
    """
    if not may_know(db.read(), task_id, viewer()):
        raise NotFoundError(what="task", task_id=task_id)


def may_know(session: Session, task_id: int, person: Viewer) -> bool:
    """Whether the person may know of the task, open or closed."""
    task = session.get(UserTask, task_id)
    if task is not None:
        return permissions.sees(person, task)
    case = session.scalar(
        select(Case)
        .join(ProcessInstance, ProcessInstance.business_key == Case.number)
        .join(History, History.instance_id == ProcessInstance.id)
        .where(History.task_id == task_id)
        .limit(1)
    )
    return case is not None and permissions.sees(person, case)
