"""The engine's host inside a step: calls handlers and listeners in the step's session, answers about the case.

One object per step. Whether a topic is answered inline, by our worker or from outside is decided by the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bpmn import registry, rules
from bpmn.engine.contract import PENDING, ElementRef
from bpmn.errors import HandlerArgumentError
from bpmn.registry import HandlerContext
from bpmn.rules import Origin
from bpmn.transactions import FAILURES
from bpmn.values import JSON, Actor, Variables


class StepHost:
    """Answers the engine's questions (`bpmn.engine.contract.Host`) for one instance in one step."""

    def __init__(
        self,
        session: Session,
        instance_id: str,
        business_key: str,
        actor: Actor,
        now: datetime,
        answers: Mapping[str, JSON] | None = None,
    ) -> None:
        self.session = session
        self.instance_id = instance_id
        self.business_key = business_key
        self.actor = actor
        self.now = now
        self.answers: Mapping[str, JSON] = answers or {}
        """What the person of this step typed: inline functions see it even where the diagram does not keep it."""
        self._case: Mapping[str, JSON] | None = None

    def call(self, topic: str, parameters: Variables, element: ElementRef) -> Mapping[str, JSON]:
        handler = registry.find(topic)
        if handler is None or handler.background:
            pending: Mapping[str, JSON] = PENDING
            return pending
        given = {**self.answers, **parameters}
        result = handler(given, self._context(element, "", given))
        self._case = None
        return result

    def listen(self, event: str, topic: str, parameters: Variables, element: ElementRef, key: str) -> None:
        listener = registry.find_listener(topic)
        if listener is None:
            raise HandlerArgumentError(topic=topic, why_zh="没有登记该监听器", why_en="no such listener is registered")
        given = {**self.answers, **element.variables, **parameters}
        listener(given, self._context(element, key, given, event))
        self._case = None

    def decide(self, decision: str, variables: Variables, element: ElementRef) -> Mapping[str, JSON]:
        """The decision by the version in force now; an answer that is no context stands under the decision's name."""
        origin = Origin(self.instance_id, self.business_key, element.element_id)
        value = rules.decide(self.session, decision, variables, now=self.now, origin=origin).value
        return value if isinstance(value, dict) else {decision: value}

    def case(self) -> Mapping[str, JSON]:
        if self._case is None:
            self._case = registry.case_of(self.session, self.business_key)
        return self._case

    def failure_at(self, element_id: str) -> tuple[str, str, str, str] | None:
        failures: Mapping[str, tuple[str, str, str, str]] = self.session.info.get(FAILURES, {})
        return failures.get(element_id)

    def _context(self, element: ElementRef, key: str, variables: Variables, event: str = "") -> HandlerContext:
        return HandlerContext(
            session=self.session,
            now=self.now,
            actor=self.actor,
            instance_id=self.instance_id,
            business_key=self.business_key,
            element=element,
            wait_key=key,
            variables=variables,
            idempotency_key=f"{self.instance_id}:{key or element.element_id}",
            event=event,
        )
