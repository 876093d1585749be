"""The shapes of the API. Unknown fields are refused; moments are ISO 8601 with a zone."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

NAME = validate.Length(min=1, max=200)


class Strict(Schema):
    """A request body that refuses what it does not know."""

    class Meta:
        unknown = RAISE


class PageQuery(Schema):
    """Where a page begins and how long it is."""

    cursor = fields.String(load_default=None, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class TaskQuery(PageQuery):
    """Which open tasks."""

    scope = fields.String(load_default="mine", validate=validate.OneOf(["mine", "queue", "all"]))
    step = fields.List(fields.String(validate=NAME), load_default=list)
    community = fields.List(fields.String(validate=NAME), load_default=list)
    category = fields.List(fields.String(validate=NAME), load_default=list)
    holder = fields.String(load_default=None, validate=validate.OneOf(["free", "me", "others"]))
    state = fields.String(load_default=None, validate=validate.OneOf(["over", "soon", "paused"]))
    q = fields.String(load_default="", validate=validate.Length(max=60))


class Task(Schema):
    """An open user task with what is known of its case."""

    id = fields.Integer()
    name = fields.String()
    element_id = fields.String()
    process_key = fields.String()
    instance_id = fields.String()
    business_key = fields.String()
    status = fields.String()
    assignee = fields.String(allow_none=True)
    assignee_name = fields.String(allow_none=True)
    claimed_at = fields.AwareDateTime(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()
    priority = fields.Integer()
    category_code = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    community_code = fields.String(allow_none=True)


class TaskPage(Schema):
    """One page; `next` is the cursor of the following one."""

    items = fields.List(fields.Nested(Task))
    next = fields.String(allow_none=True)
    is_partial = fields.Boolean()


class Values(Strict):
    """The answers of a form."""

    values = fields.Dict(keys=fields.String(validate=NAME), required=True)


class Case(Schema):
    """A case without personal data."""

    number = fields.String()
    status = fields.String()
    kind = fields.String()
    category_code = fields.String()
    category_name = fields.String()
    title = fields.String()
    address = fields.String()
    lon = fields.Float()
    lat = fields.Float()
    community_code = fields.String(allow_none=True)
    street_code = fields.String()
    source = fields.String()
    lead_unit = fields.String(allow_none=True)
    reported_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)


class NewCase(Strict):
    """A report. What it must hold beyond its shape is checked with every complaint at once."""

    category_code = fields.String(required=True, validate=NAME)
    kind = fields.String(load_default="event", validate=validate.OneOf(["event", "component"]))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100000))
    title = fields.String(load_default="")
    description = fields.String(load_default="")
    address = fields.String(load_default="")
    source = fields.String(load_default=None, allow_none=True, validate=NAME)
    urgency = fields.String(load_default="normal", validate=NAME)
    occurred_at = fields.AwareDateTime(load_default=None, allow_none=True)
    self_handled = fields.Boolean(load_default=False)
    result = fields.String(load_default="")
    reporter_name = fields.String(load_default="")
    reporter_contact = fields.String(load_default="")
    photo_ids = fields.List(fields.String(validate=NAME), load_default=list, validate=validate.Length(max=20))
    photo_ids_after = fields.List(fields.String(validate=NAME), load_default=list, validate=validate.Length(max=20))
    duplicate_of = fields.String(load_default=None, allow_none=True, validate=NAME)
    submission_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))


class FetchAndLock(Strict):
    """What an external worker takes, and how long it waits when there is nothing."""

    worker_id = fields.String(required=True, validate=NAME)
    topics = fields.List(fields.String(validate=NAME), required=True, validate=validate.Length(1, 50))
    max_tasks = fields.Integer(load_default=10, validate=validate.Range(1, 100))
    lock_seconds = fields.Integer(load_default=60, validate=validate.Range(1, 3600))
    wait_seconds = fields.Integer(load_default=0, validate=validate.Range(0, 30))


class Lock(Strict):
    """The fence that came with the lock: only the newest one may answer."""

    fence = fields.Integer(required=True, validate=validate.Range(0, 2**63 - 1))


class Extend(Lock):
    """A longer lock."""

    lock_seconds = fields.Integer(required=True, validate=validate.Range(1, 3600))


class CompleteExternal(Lock):
    """The result of an external task."""

    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)


class Failure(Lock):
    """A technical failure: tried again while retries are left, then an incident."""

    message = fields.String(required=True, validate=validate.Length(1, 2000))
    details = fields.String(load_default="", validate=validate.Length(max=20000))
    retries = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 100))
    retry_after_seconds = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 86400))


class BusinessError(Lock):
    """A business error that the diagram handles."""

    error_code = fields.String(required=True, validate=NAME)
    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)


class ExternalTask(Schema):
    """A locked external task."""

    id = fields.Integer()
    topic = fields.String()
    business_key = fields.String()
    instance_id = fields.String()
    element_id = fields.String()
    variables = fields.Dict()
    retries = fields.Integer()
    fence = fields.Integer()
    locked_until = fields.AwareDateTime()
    attempts = fields.Integer()


class NewMessage(Strict):
    """A message for the instance with the business key, buffered until it is wanted or `ttl_seconds` have passed."""

    name = fields.String(required=True, validate=NAME)
    message_id = fields.String(load_default=None, allow_none=True, validate=NAME)
    business_key = fields.String(load_default=None, allow_none=True, validate=NAME)
    correlation = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)
    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)
    ttl_seconds = fields.Integer(load_default=3600, validate=validate.Range(0, 30 * 86400))


class Receipt(Schema):
    """What became of a message."""

    message_id = fields.String()
    status = fields.String()
    instance_id = fields.String(allow_none=True)


class NewSignal(Strict):
    """A signal for everybody who waits for it."""

    name = fields.String(required=True, validate=NAME)
    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)


class File(Strict):
    """One file of a deployment; `content` is text, or base64 with `encoding` base64."""

    path = fields.String(required=True, validate=NAME)
    content = fields.String(required=True)
    encoding = fields.String(load_default="utf-8", validate=validate.OneOf(["utf-8", "base64"]))


class NewDeployment(Strict):
    """Files that belong together."""

    name = fields.String(required=True, validate=NAME)
    files = fields.List(fields.Nested(File), required=True, validate=validate.Length(1, 200))
    activate = fields.Boolean(load_default=True)


class Deployment(Schema):
    """A deployment."""

    id = fields.String()
    name = fields.String()
    content_hash = fields.String()
    deployed_at = fields.AwareDateTime()
    deployed_by = fields.String()


class Incident(Schema):
    """An incident without its traceback."""

    id = fields.Integer()
    instance_id = fields.String()
    business_key = fields.String()
    element_id = fields.String()
    kind = fields.String()
    message = fields.String()
    created_at = fields.AwareDateTime()
    resolved_at = fields.AwareDateTime(allow_none=True)


class IncidentPage(Schema):
    """One page of incidents."""

    items = fields.List(fields.Nested(Incident))
    next = fields.String(allow_none=True)


class Retry(Strict):
    """Variables to set before the element is tried again."""

    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)
