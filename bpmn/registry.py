"""Handlers by topic: what a service task or a listener calls. Filled by decorators when the domain is imported.

Owns names and calling; where a call happens (inside the step or by a worker) is decided by `bpmn.execution` and
`bpmn.jobs`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bpmn.engine.contract import ElementRef
from bpmn.errors import GridWhistleError
from bpmn.values import JSON, Actor, Variables

Function = Callable[..., Mapping[str, JSON] | None]
ClockResolver = Callable[[Session, str, str, str, float, datetime], datetime | None]
CaseView = Callable[[Session, str], Mapping[str, JSON]]


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What a handler knows of its call. `idempotency_key` is the same for every try of one visit of the element."""

    session: Session
    now: datetime
    actor: Actor
    instance_id: str
    business_key: str
    element: ElementRef
    variables: Variables
    wait_key: str = ""
    idempotency_key: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered function. `parameters`: the names it takes; `takes_all`: it has `**variables`."""

    topic: str
    function: Function
    background: bool
    retries: int
    backoff: str
    parameters: frozenset[str]
    required: frozenset[str]
    takes_all: bool
    takes_context: bool

    def call(self, parameters: Mapping[str, JSON], context: HandlerContext) -> Variables:
        """Call with `parameters` over the context's variables, by name.

        :raises MissingParameterError: a parameter without default is neither.
        """
        given = {**context.variables, **parameters}
        missing = sorted(self.required - given.keys())
        if missing:
            raise MissingParameterError(topic=self.topic, names=", ".join(missing))
        chosen: dict[str, Any] = (
            dict(given) if self.takes_all else {name: given[name] for name in self.parameters & given.keys()}
        )
        if self.takes_context:
            chosen["context"] = context
        return dict(self.function(**chosen) or {})


class MissingParameterError(GridWhistleError):
    """A handler needs a variable that the diagram does not give. Facts: topic, names."""

    code = "missing_parameter"
    en = "Handler {topic} needs {names}."
    zh = "处理程序 {topic} 缺少参数：{names}。"


class DuplicateTopicError(GridWhistleError):
    """Two functions for one topic. Facts: topic."""

    code = "duplicate_topic"
    en = "There are two handlers for {topic}."
    zh = "主题 {topic} 有两个处理程序。"


_handlers: dict[str, Handler] = {}
_clock_resolver: ClockResolver | None = None
_case_view: CaseView | None = None


def handler(
    topic: str, *, background: bool = False, retries: int = 3, backoff: str = "PT10S"
) -> Callable[[Function], Function]:
    """Register the function of a topic. Inline handlers run inside the step's transaction, background ones by a worker.

    :raises DuplicateTopicError: the topic is taken.
    """

    def register(function: Function) -> Function:
        known = _handlers.get(topic)
        if known is not None and known.function is not function:
            raise DuplicateTopicError(topic=topic)
        _handlers[topic] = _describe(topic, function, background, retries, backoff)
        return function

    return register


def listener(topic: str) -> Callable[[Function], Function]:
    """Register a function for `gw:listener` elements; it shares the topics with handlers and is always inline."""
    return handler(topic)


def _describe(topic: str, function: Function, background: bool, retries: int, backoff: str) -> Handler:
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "context"]
    return Handler(
        topic=topic,
        function=function,
        background=background,
        retries=retries,
        backoff=backoff,
        parameters=frozenset(p.name for p in named),
        required=frozenset(p.name for p in named if p.default is p.empty),
        takes_all=any(p.kind is p.VAR_KEYWORD for p in parameters),
        takes_context="context" in inspect.signature(function).parameters,
    )


def find(topic: str) -> Handler | None:
    """The handler of `topic`, or None: then the topic is an external task."""
    return _handlers.get(topic)


def topics() -> frozenset[str]:
    """All registered topics."""
    return frozenset(_handlers)


def clock_resolver(function: ClockResolver) -> ClockResolver:
    """Register what answers `clock:NAME[@percent]`: (session, business key, instance id, name, fraction, now) → moment."""
    global _clock_resolver  # noqa: PLW0603 - one registry per process
    _clock_resolver = function
    return function


def resolve_clock(
    session: Session, business_key: str, instance_id: str, name: str, fraction: float, now: datetime
) -> datetime | None:
    """The moment at which `fraction` of the clock's limit is used, or None while it is unknown or paused."""
    if _clock_resolver is None:
        return None
    return _clock_resolver(session, business_key, instance_id, name, fraction, now)


def case_view(function: CaseView) -> CaseView:
    """Register what scripts and conditions see as `case`."""
    global _case_view  # noqa: PLW0603 - one registry per process
    _case_view = function
    return function


def view_case(session: Session, business_key: str) -> Mapping[str, JSON]:
    """The read-only `case` of a business key; empty without a domain."""
    return {} if _case_view is None else _case_view(session, business_key)


@contextmanager
def temporary() -> Iterator[None]:
    """Forget on leaving what was registered inside (for tests and benchmarks with handlers of their own)."""
    global _clock_resolver, _case_view  # noqa: PLW0603 - restores the registry
    saved = dict(_handlers), _clock_resolver, _case_view
    try:
        yield
    finally:
        _handlers.clear()
        _handlers.update(saved[0])
        _clock_resolver, _case_view = saved[1], saved[2]
