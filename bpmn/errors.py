"""The errors of the process platform: one class per situation, its docstring the English sentence.

Every error says the same thing in Chinese and English and may name its place. Which HTTP status a class
becomes is decided by `webapp`; which sentence a person sees is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone in which people read moments."""


class GridWhistleError(Exception):
    """Something went wrong.

    `code` is stable and machine-readable; `en` and `zh` are templates filled with the keyword arguments,
    which stay available as `facts`.
    """

    code: ClassVar[str] = "error"
    en: ClassVar[str] = "Something went wrong."
    zh: ClassVar[str] = "出错了。"

    def __init__(self, **facts: Any) -> None:
        self.facts: Mapping[str, Any] = facts
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The sentence in `language` (`zh…` is Chinese, anything else English)."""
        template = self.zh if language.startswith("zh") else self.en
        return template.format_map(_Facts({**self.facts, **_spoken(self.facts)}))

    def __str__(self) -> str:
        return self.message("en")


def _spoken(facts: Mapping[str, Any]) -> dict[str, str]:
    """Every moment among the facts as people of the town read it: `at_zh` 11月2日 14:30, `at_en` 2026-11-02 14:30."""
    words: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, datetime):
            local = value.astimezone(ZONE)
            words[f"{name}_zh"] = f"{local.month}月{local.day}日 {local:%H:%M}"
            words[f"{name}_en"] = f"{local:%Y-%m-%d %H:%M}"
    return words


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


class NotFoundError(GridWhistleError):
    """The object does not exist, or the actor may not know that it does."""

    code = "not_found"
    en = "There is no such {what}."
    zh = "找不到该对象（{what}）。"


class NotAllowedError(GridWhistleError):
    """The actor may see the object but not do this with it."""

    code = "not_allowed"
    en = "You may not do this: {why_en}"
    zh = "您不能这样做：{why_zh}"


class ConflictError(GridWhistleError):
    """The object is in a state that does not permit the action."""

    code = "conflict"
    en = "This is no longer possible: {why_en}"
    zh = "现在不能这样做：{why_zh}"


class TaskAlreadyClaimedError(ConflictError):
    """Somebody else holds the task. Facts: holder (name), since (datetime)."""

    code = "task_already_claimed"
    en = "{holder} has held this task since {since_en}."
    zh = "该任务已由{holder}于{since_zh}领取。"


class TaskClosedError(ConflictError):
    """The task was completed or cancelled before. Facts: outcome, by, at."""

    code = "task_closed"
    en = "This task was already {outcome_en} by {by} at {at_en}."
    zh = "该任务已于{at_zh}由{by}{outcome_zh}。"


class InvalidInputError(GridWhistleError):
    """Input refused, field by field. Facts: fields = {field: [(zh, en), ...]}."""

    code = "invalid_input"
    en = "Some fields need attention."
    zh = "有些内容需要修改。"

    def fields(self, language: str) -> dict[str, list[str]]:
        """Messages by field in one language."""
        chosen = 0 if language.startswith("zh") else 1
        return {name: [pair[chosen] for pair in pairs] for name, pairs in self.facts["fields"].items()}


class VariableError(InvalidInputError):
    """A process variable is no JSON value, too large, too deep or uses a reserved key."""

    code = "invalid_variable"
    en = "Variable {path}: {why_en}"
    zh = "变量 {path}：{why_zh}"

    def __init__(self, path: str, *, why_zh: str, why_en: str) -> None:
        super().__init__(path=path, why_zh=why_zh, why_en=why_en, fields={path: [(why_zh, why_en)]})


class DefinitionError(GridWhistleError):
    """A deployment is refused as a whole. Facts: findings (a tuple of `bpmn.findings.Finding`)."""

    code = "definition_refused"
    en = "The deployment was refused: {count} findings, first: {first_en}"
    zh = "部署被拒绝：共 {count} 处问题，第一处：{first_zh}"


class BpmnError(GridWhistleError):
    """A business error that the diagram handles by its error boundary events (BPMN 2.0 section 10.5.6)."""

    code = "bpmn_error"
    en = "Business error {error_code}: {text}"
    zh = "业务错误 {error_code}：{text}"

    def __init__(self, error_code: str, text: str = "", variables: Mapping[str, Any] | None = None) -> None:
        self.error_code = error_code
        self.variables: Mapping[str, Any] = variables or {}
        super().__init__(error_code=error_code, text=text)


class InlineFailure(GridWhistleError):
    """An inline handler, script or expression failed: the step is rolled back and redone with an incident there.

    Facts: element_id, kind. `__cause__` is the original exception.
    """

    code = "inline_failure"
    en = "Element {element_id} failed."
    zh = "环节 {element_id} 执行失败。"


class ClockPendingError(GridWhistleError):
    """A moment cannot be computed yet."""

    code = "clock_pending"
    en = "The moment {reference} cannot be computed: {why_en}"
    zh = "无法计算时间 {reference}：{why_zh}"


class UnavailableError(GridWhistleError):
    """The database or another part does not answer; try again later."""

    code = "unavailable"
    en = "The service is not available at this moment. Nothing was changed; please try again."
    zh = "服务暂时不可用，没有任何改动，请稍后重试。"


class OutcomeUnknownError(UnavailableError):
    """The connection was lost during the commit: it may or may not have happened."""

    code = "outcome_unknown"
    en = "The connection was lost while saving. Please look whether the change is there before you try again."
    zh = "保存时连接中断，请先查看修改是否已生效，再决定是否重试。"


class ExpressionError(GridWhistleError):
    """A condition, mapping or script is not allowed, or failed. Facts: text, why_zh, why_en, line, column."""

    code = "expression"
    en = "`{text}` line {line}, column {column}: {why_en}"
    zh = "“{text}”第 {line} 行第 {column} 列：{why_zh}"


class BudgetError(ExpressionError):
    """A script or expression used more steps or memory than it may."""

    code = "budget"


class WaitClosedError(ConflictError):
    """The wait that the command answers is not open any more, or is of another kind. Facts: key."""

    code = "wait_closed"
    en = "The process no longer waits for this (wait {key})."
    zh = "流程已不再等待此项（等待 {key}）。"


class StateError(GridWhistleError):
    """A stored state cannot be read with this definition. Facts: why_zh, why_en."""

    code = "state_unreadable"
    en = "The stored state cannot be read: {why_en}"
    zh = "无法读取已保存的流程状态：{why_zh}"


class StartError(GridWhistleError):
    """The process cannot be started like this. Facts: process, why_zh, why_en."""

    code = "start_refused"
    en = "Process {process} cannot be started: {why_en}"
    zh = "流程 {process} 无法启动：{why_zh}"


class StuckError(GridWhistleError):
    """A step does not come to a wait: an endless loop or recursion in the diagram. Facts: element_id, limit."""

    code = "runaway"
    en = "The step did not come to rest after {limit} elements; it was last at {element_id}."
    zh = "流程在 {limit} 个环节之后仍未停下，最后位于 {element_id}。"


class HandlerArgumentError(GridWhistleError):
    """A handler cannot be called with the variables there are, or answered with something else than variables."""

    code = "handler_argument"
    en = "Handler {topic}: {why_en}."
    zh = "处理程序 {topic}：{why_zh}。"


class StaleFenceError(ConflictError):
    """The lease of an external task has expired and somebody else may have it: the answer comes too late."""

    code = "stale_fence"
    en = "The lease of this external task has passed to somebody else; the answer was not taken."
    zh = "该外部任务的锁定已失效或已转给其他执行者，结果未被接受。"


class MomentError(GridWhistleError):
    """The text of a timer or due date names no moment. Facts: text, example."""

    code = "invalid_moment"
    en = "`{text}` is no valid time; write for example {example}."
    zh = "“{text}”不是有效的时间写法，例如 {example}。"
