"""The one SQL statement of a step, composed of the parts that it needs. Used by `bpmn.mirror` alone.

The parameters are JSON documents of rows, so that the text depends on the kinds of rows and not on their number:
few texts ever occur, and PostgreSQL keeps their plans.
"""

from __future__ import annotations

from functools import lru_cache

from bpmn import hotsql

_INSTANCE_NEW = """new_instance AS (
  INSERT INTO process_instance (id, definition_id, process_key, business_key, status, revision, state, variables,
    waits, started_at, started_by, ended_at, end_element)
  VALUES (:id, :definition_id, :process_key, :business_key, :status, :revision, :state, CAST(:variables AS jsonb),
    CAST(:waits AS jsonb), :started_at, :started_by, :ended_at, :end_element))"""
_INSTANCE = """instance AS (
  UPDATE process_instance SET status = :status, revision = :revision, state = :state,
    variables = CAST(:variables AS jsonb), waits = CAST(:waits AS jsonb), ended_at = :ended_at,
    end_element = :end_element
  WHERE id = :id)"""
_PARTS = {
    "del_task": """gone AS (
  DELETE FROM user_task WHERE instance_id = :id AND wait_key = ANY(:del_task)
  RETURNING id, wait_key, element_id, name, assignee,
    (SELECT array_agg(c.candidate) FROM task_candidate c WHERE c.task_id = user_task.id) AS candidates),
cancelled AS (
  INSERT INTO history (instance_id, at, actor, tag, element_id, task_id, detail)
  SELECT :id, :now, :actor, 'task:cancel', element_id, id, jsonb_build_object('name', name)
  FROM gone WHERE wait_key <> :answered)""",
    "del_timer": "del_timer AS (DELETE FROM timer WHERE instance_id = :id AND wait_key = ANY(:del_timer))",
    "del_sub": "del_sub AS (DELETE FROM subscription WHERE instance_id = :id AND wait_key = ANY(:del_sub))",
    "del_job": "del_job AS (DELETE FROM job WHERE instance_id = :id AND wait_key = ANY(:del_job))",
    "del_incident": """del_incident AS (
  UPDATE incident SET resolved_at = :now, resolved_by = :actor
  WHERE instance_id = :id AND wait_key = ANY(:del_incident) AND resolved_at IS NULL)""",
    "add_task": """new_task AS (
  INSERT INTO user_task (instance_id, wait_key, process_key, business_key, element_id, scope_id, name, status,
    assignee, claimed_at, priority, due_at, due_ref, follow_up_at, sort_at, excluded_users, form, data, created_at)
  SELECT :id, wait_key, :process_key, :business_key, element_id, scope_id, name, status, assignee, claimed_at,
    priority, due_at, due_ref, follow_up_at, sort_at, excluded_users, form, data, :now
  FROM jsonb_to_recordset(CAST(:add_task AS jsonb)) AS r(wait_key text, element_id text, scope_id text, name text,
    status text, assignee text, claimed_at timestamptz, priority smallint, due_at timestamptz, due_ref text,
    follow_up_at timestamptz, sort_at timestamptz, excluded_users jsonb, form text, data jsonb)
  RETURNING id, wait_key, sort_at)""",
    "add_cand": """new_candidate AS (
  INSERT INTO task_candidate (task_id, candidate, sort_at)
  SELECT t.id, r.candidate, t.sort_at FROM new_task t
  JOIN jsonb_to_recordset(CAST(:add_cand AS jsonb)) AS r(wait_key text, candidate text) USING (wait_key))""",
    "add_timer": """new_timer AS (
  INSERT INTO timer (instance_id, wait_key, element_id, kind, value, occurrence, catch_up, due_at, created_at)
  SELECT :id, wait_key, element_id, kind, value, occurrence, catch_up, due_at, :now
  FROM jsonb_to_recordset(CAST(:add_timer AS jsonb)) AS r(wait_key text, element_id text, kind text, value text,
    occurrence int, catch_up text, due_at timestamptz))""",
    "add_sub": """new_sub AS (
  INSERT INTO subscription (kind, name, business_key, correlation, instance_id, wait_key, element_id, created_at)
  SELECT kind, name, business_key, correlation, :id, wait_key, element_id, :now
  FROM jsonb_to_recordset(CAST(:add_sub AS jsonb)) AS r(kind text, name text, business_key text, correlation jsonb,
    wait_key text, element_id text))""",
    "add_job": """new_job AS (
  INSERT INTO job (instance_id, wait_key, element_id, business_key, kind, topic, parameters, status, retries,
    backoff, attempts, available_at, fence, created_at)
  SELECT :id, wait_key, element_id, :business_key, kind, topic, parameters, 'waiting', retries, backoff, 0, :now,
    0, :now
  FROM jsonb_to_recordset(CAST(:add_job AS jsonb)) AS r(wait_key text, element_id text, kind text, topic text,
    parameters jsonb, retries smallint, backoff text)
  RETURNING id, wait_key)""",
    "add_incident": """new_incident AS (
  INSERT INTO incident (instance_id, wait_key, element_id, business_key, kind, zh, en, traceback, created_at)
  SELECT :id, wait_key, element_id, :business_key, kind, zh, en, traceback, :now
  FROM jsonb_to_recordset(CAST(:add_incident AS jsonb)) AS r(wait_key text, element_id text, kind text, zh text,
    en text, traceback text))""",
    "add_history": """new_history AS (
  INSERT INTO history (instance_id, at, actor, tag, element_id, task_id, detail)
  SELECT :id, :now, :actor, tag, element_id, task_id, detail
  FROM jsonb_to_recordset(CAST(:add_history AS jsonb)) AS r(tag text, element_id text, task_id bigint,
    detail jsonb))""",
}
_RETURNED = {
    "del_task": "SELECT 'gone' AS what, id, wait_key, assignee, candidates FROM gone",
    "add_task": "SELECT 'task', id, wait_key, NULL, NULL FROM new_task",
    "add_job": "SELECT 'job', id, wait_key, NULL, NULL FROM new_job",
}


@lru_cache(maxsize=512)
def statement(parts: frozenset[str], is_new: bool) -> str:
    """The statement of a step, composed of the parts it needs; few combinations ever occur."""
    pieces = [_INSTANCE_NEW if is_new else _INSTANCE, *(sql for name, sql in _PARTS.items() if name in parts)]
    returned = [sql for name, sql in _RETURNED.items() if name in parts]
    final = " UNION ALL ".join(returned) or "SELECT NULL, NULL, NULL, NULL, NULL WHERE false"
    return hotsql.prepare("WITH " + ",\n".join(pieces) + "\n" + final)
