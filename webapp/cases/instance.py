"""Reads the process instance of a case: its diagram, its history, its open tasks. Rows only, never the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import queries
from bpmn.checker.reader import read_files
from bpmn.findings import Finding
from bpmn.tables import DeploymentFile, Incident, ProcessDefinition, ProcessInstance, TaskCandidate, UserTask
from handlers.cases.tables import Case
from webapp.cases.diagram import Node, Progress, Visit

PROCESS_KEY = "case_handling"


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the page needs of the instance."""

    instance: ProcessInstance | None
    definition: ProcessDefinition | None
    progress: Progress
    tasks: list[UserTask]
    groups: dict[int, list[str]]
    incidents: list[Incident]


def read(session: Session, case: Case) -> Reading:
    """The instance of a case with its open tasks, candidates, incidents and history: five statements."""
    instance = session.get(ProcessInstance, case.instance_id) if case.instance_id else None
    definition = session.get(ProcessDefinition, instance.definition_id) if instance else None
    tasks = list(session.scalars(select(UserTask).where(UserTask.business_key == case.number).order_by(UserTask.id)))
    groups: dict[int, list[str]] = {}
    if tasks:
        rows = session.execute(
            select(TaskCandidate.task_id, TaskCandidate.candidate).where(
                TaskCandidate.task_id.in_([task.id for task in tasks])
            )
        )
        for task_id, candidate in rows:
            if candidate.startswith("g:"):
                groups.setdefault(task_id, []).append(candidate[2:])
    incidents = list(
        session.scalars(select(Incident).where(Incident.business_key == case.number, Incident.resolved_at.is_(None)))
    )
    progress = (
        progress_of(session, instance, definition, tasks) if instance and definition else Progress(PROCESS_KEY, {})
    )
    return Reading(instance, definition, progress, tasks, groups, incidents)


def progress_of(
    session: Session, instance: ProcessInstance, definition: ProcessDefinition, tasks: list[UserTask]
) -> Progress:
    """What happened in the instance, from its history."""
    view = queries.instance_view(session, instance.id)
    return Progress(
        instance.process_key,
        nodes_of(session, definition),
        done=[Visit(visit.element_id, visit.at, visit.actor) for visit in view.visits],
        current={task.element_id for task in tasks} | view.current & nodes_of(session, definition).keys(),
        failed=view.failed,
        flows=set(view.flows),
    )


def nodes_of(session: Session, definition: ProcessDefinition) -> Mapping[str, Node]:
    """The elements of a version by id; versions never change, so they are read once per process."""
    found = _cached(definition.id)
    if found is None:
        found = _read_nodes(session, definition)
        _keep(definition.id, found)
    return found


def diagram_xml(session: Session, definition: ProcessDefinition) -> bytes:
    """The file that holds the process of a definition."""
    return _file_of(session, definition)[1]


_kept: dict[str, Mapping[str, Node]] = {}


def _cached(definition_id: str) -> Mapping[str, Node] | None:
    return _kept.get(definition_id)


def _keep(definition_id: str, nodes: Mapping[str, Node]) -> None:
    if len(_kept) >= 64:
        _kept.pop(next(iter(_kept)), None)
    _kept[definition_id] = nodes


def _file_of(session: Session, definition: ProcessDefinition) -> tuple[str, bytes]:
    rows = session.execute(
        select(DeploymentFile.path, DeploymentFile.content).where(
            DeploymentFile.deployment_id == definition.deployment_id, DeploymentFile.path.ilike("%.bpmn")
        )
    ).all()
    wanted = f'id="{definition.key}"'.encode()
    return next(((path, content) for path, content in rows if wanted in content), (rows[0].path, rows[0].content))


def _read_nodes(session: Session, definition: ProcessDefinition) -> Mapping[str, Node]:
    path, content = _file_of(session, definition)
    found: list[Finding] = []
    process = read_files({path: content}, found).processes[definition.key]
    return {
        node.id: Node(
            id=node.id,
            kind=node.kind,
            name=node.name,
            lane=process.lanes[node.lane].name if node.lane in process.lanes else node.lane,
            attached_to=node.attached_to,
            outgoing=tuple(
                (flow.id, flow.target, flow.name) for flow in scope.flows.values() if flow.source == node.id
            ),
            documentation=node.documentation,
        )
        for scope, node in process.body.everywhere()
    }
