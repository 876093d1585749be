"""The registry of what diagrams can call: handlers by topic, listeners, the clock resolver and the case view.

Owns names, parameter matching and the context a function gets. When it is called is decided by the engine and
`bpmn.execution` (inline) or `bpmn.jobs` (background); a topic without a handler is an external task.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bpmn.engine.contract import ElementRef
from bpmn.errors import HandlerArgumentError
from bpmn.values import JSON, Actor, Variables

Function = TypeVar("Function", bound=Callable[..., Any])
ClockResolver = Callable[[Session, str, str, str, float, datetime], datetime | None]
CaseView = Callable[[Session, str], Mapping[str, JSON]]


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What a handler or listener may know and use beside its parameters.

    Inline functions share the step's transaction through `session`; a background handler has a transaction of its
    own, committed when it returns, and may be called again: `idempotency_key` is then the same.
    """

    session: Session
    now: datetime
    actor: Actor
    instance_id: str
    business_key: str
    element: ElementRef
    wait_key: str
    """Of the element's open wait; empty for inline handlers, which have none."""
    variables: Variables
    idempotency_key: str
    event: str = ""
    """enter, complete or cancel for a listener."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered function. `retries` and `backoff` are defaults; attributes of the diagram win."""

    topic: str
    function: Callable[..., Any]
    background: bool
    retries: int
    backoff: str
    parameters: frozenset[str]
    required: frozenset[str]
    takes_context: bool
    takes_everything: bool

    def __call__(self, variables: Mapping[str, JSON], context: HandlerContext) -> dict[str, JSON]:
        """Call the function with the variables it names. What it returns is a dictionary of variables or None.

        :raises HandlerArgumentError: a parameter without default is missing, or something else came back.
        """
        missing = sorted(self.required - variables.keys())
        if missing:
            raise HandlerArgumentError(
                topic=self.topic,
                why_zh=f"缺少变量 {'、'.join(missing)}",
                why_en=f"missing variables {', '.join(missing)}",
            )
        if self.takes_everything:
            arguments: dict[str, Any] = dict(variables)
        else:
            arguments = {name: variables[name] for name in self.parameters & variables.keys()}
        if self.takes_context:
            arguments["context"] = context
        result = self.function(**arguments)
        if result is None:
            return {}
        if not isinstance(result, Mapping):
            kind = type(result).__name__
            raise HandlerArgumentError(
                topic=self.topic, why_zh=f"返回值不是变量字典（{kind}）", why_en=f"it returned no dictionary but {kind}"
            )
        return dict(result)


_handlers: dict[str, Handler] = {}
_listeners: dict[str, Handler] = {}
_clock_resolver: list[ClockResolver] = []
_case_view: list[CaseView] = []


def handler(
    topic: str, *, background: bool = False, retries: int = 3, backoff: str = "PT10S"
) -> Callable[[Function], Function]:
    """Register the function that answers `topic` of service, send and business rule tasks.

    `background=True` for anything that leaves the process: it is run by a worker, at least once.
    """

    def register(function: Function) -> Function:
        _add(_handlers, topic, function, background=background, retries=retries, backoff=backoff)
        return function

    return register


def listener(topic: str) -> Callable[[Function], Function]:
    """Register the function of a `gw:listener`: called inside the step; it returns nothing."""

    def register(function: Function) -> Function:
        _add(_listeners, topic, function, background=False, retries=0, backoff="PT10S")
        return function

    return register


def clock_resolver(function: ClockResolver) -> ClockResolver:
    """Register what `clock:NAME@percent` means: `(session, business_key, instance_id, name, fraction, now)` to a
    moment, or None while the clock does not run. It never raises."""
    _clock_resolver[:] = [function]
    return function


def case_view(function: CaseView) -> CaseView:
    """Register what conditions and scripts see as `case`: `(session, business_key)` to a dictionary."""
    _case_view[:] = [function]
    return function


def find(topic: str) -> Handler | None:
    """The handler of a topic; None: an external worker answers it."""
    return _handlers.get(topic)


def find_listener(topic: str) -> Handler | None:
    return _listeners.get(topic)


def topics() -> Mapping[str, Handler]:
    """All handlers by topic."""
    return dict(_handlers)


def listener_topics() -> frozenset[str]:
    return frozenset(_listeners)


def clock_moment(
    session: Session, reference: str, *, business_key: str, instance_id: str, now: datetime
) -> datetime | None:
    """The moment of `clock:NAME` or `clock:NAME@percent`; None while it does not run or nobody resolves clocks."""
    name, fraction = split_clock(reference)
    if not _clock_resolver:
        return None
    return _clock_resolver[0](session, business_key, instance_id, name, fraction, now)


def split_clock(reference: str) -> tuple[str, float]:
    """`clock:handling@80` is ("handling", 0.8); without a percentage the fraction is 1."""
    name, _, percent = reference.removeprefix("clock:").partition("@")
    return name, float(percent) / 100 if percent else 1.0


def case_of(session: Session, business_key: str) -> Mapping[str, JSON]:
    """The read-only `case`; empty when nobody registered a view."""
    return _case_view[0](session, business_key) if _case_view else {}


def _add(
    table: dict[str, Handler], topic: str, function: Callable[..., Any], *, background: bool, retries: int, backoff: str
) -> None:
    known = table.get(topic)
    if known is not None and _place(known.function) != _place(function):
        raise ValueError(f"topic {topic!r} is taken by {_place(known.function)}")
    parameters = inspect.signature(function).parameters
    named = {
        name: parameter
        for name, parameter in parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY) and name != "context"
    }
    table[topic] = Handler(
        topic=topic,
        function=function,
        background=background,
        retries=retries,
        backoff=backoff,
        parameters=frozenset(named),
        required=frozenset(name for name, parameter in named.items() if parameter.default is parameter.empty),
        takes_context="context" in parameters,
        takes_everything=any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()),
    )


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
