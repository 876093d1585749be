"""The errors of the domain: subclasses of the platform's, each with its sentence in Chinese and English.

The tree and how a sentence is filled are `bpmn.errors`'; which HTTP status a class becomes is decided by `webapp`.
"""

from __future__ import annotations

from bpmn.errors import ConflictError, GridWhistleError, InvalidInputError, NotFoundError

# --- clocks and calendars ---------------------------------------------------------------------------------------


class InvalidLimitError(InvalidInputError):
    """A limit cannot be read. Facts: text, why_zh, why_en."""

    code = "invalid_limit"
    en = "The limit {text!r} cannot be used: {why_en}"
    zh = "时限“{text}”无法使用：{why_zh}"

    def __init__(self, text: object, *, why_zh: str, why_en: str) -> None:
        super().__init__(text=str(text), why_zh=why_zh, why_en=why_en, fields={"limit": [(why_zh, why_en)]})


class LimitTooLongError(InvalidLimitError):
    """A limit ends beyond what a calendar may be asked for."""

    code = "limit_too_long"

    def __init__(self, text: object, *, years: int) -> None:
        super().__init__(
            text,
            why_zh=f"在该工作日历中超过 {years} 年也到不了期。",
            why_en=f"it would not end within {years} years of this calendar.",
        )


class InvalidCalendarError(InvalidInputError):
    """A calendar's days or shifts contradict themselves. Facts: fields."""

    code = "invalid_calendar"
    en = "The calendar cannot be used: {why_en}"
    zh = "工作日历无法使用：{why_zh}"

    def __init__(self, field: str, *, why_zh: str, why_en: str) -> None:
        super().__init__(why_zh=why_zh, why_en=why_en, fields={field: [(why_zh, why_en)]})


class CalendarNotFoundError(NotFoundError):
    """There is no calendar of that code. Facts: calendar."""

    code = "calendar_not_found"
    en = "There is no calendar {calendar!r}."
    zh = "没有代码为“{calendar}”的工作日历。"


class ClockNotFoundError(NotFoundError):
    """The case has no such clock. Facts: case_number, name, zh, en."""

    code = "clock_not_found"
    en = "Case {case_number} has no {name_en} clock."
    zh = "案件 {case_number} 没有“{name_zh}”时限。"


class ClockStateError(ConflictError):
    """The clock's state does not permit the change. Facts: case_number, name_*, status_*, action_*."""

    code = "clock_state"
    en = "The {name_en} clock of case {case_number} is {status_en}; it cannot be {action_en}."
    zh = "案件 {case_number} 的“{name_zh}”时限{status_zh}，不能{action_zh}。"


class ClockOverdueError(ConflictError):
    """An overdue clock cannot be extended. Facts: case_number, name_*, due_at."""

    code = "clock_overdue"
    en = "The {name_en} clock of case {case_number} was due at {due_at_en}; it can no longer be extended."
    zh = "案件 {case_number} 的“{name_zh}”时限已于{due_at_zh}到期，不能再延期。"


class ExtensionLimitError(ConflictError):
    """The clock was extended as often as allowed. Facts: case_number, name_*, allowed."""

    code = "extension_limit"
    en = "The {name_en} clock of case {case_number} may be extended at most {allowed} times."
    zh = "案件 {case_number} 的“{name_zh}”时限最多延期 {allowed} 次。"


class SuspensionLimitError(ConflictError):
    """The clock was suspended as often as allowed, or for too long. Facts: case_number, name_*, allowed, days."""

    code = "suspension_limit"
    en = "The {name_en} clock of case {case_number} may be suspended at most {allowed} times, for at most {days} days."
    zh = "案件 {case_number} 的“{name_zh}”时限最多挂账 {allowed} 次，每次不超过 {days} 天。"


# --- organisation -----------------------------------------------------------------------------------------------


def refused(field: str, zh: str, en: str) -> InvalidInputError:
    """The error that names one field and says what is wrong with it."""
    return InvalidInputError(fields={field: [(zh, en)]})


class UsernameTakenError(ConflictError):
    """Another account has this user name. Facts: username."""

    code = "username_taken"
    en = "The user name {username} is taken."
    zh = "用户名“{username}”已被使用。"


class DataKeyMissingError(GridWhistleError):
    """Personal data cannot be read or written because no key is configured."""

    code = "data_key_missing"
    en = "No key for personal data is configured; telephone numbers stay closed."
    zh = "未配置个人信息密钥，电话号码无法读写。"


class DataKeyWrongError(GridWhistleError):
    """Personal data was encrypted with a key that is not configured any more."""

    code = "data_key_wrong"
    en = "This value was encrypted with another key."
    zh = "该内容是用另一把密钥加密的。"


# --- cases -------------------------------------------------------------------------------------------------------


class KeyReusedError(InvalidInputError):
    """The key was used before for another request."""

    code = "idempotency_key_reused"
    en = "This Idempotency-Key was used for another request. Take a new key for a new request."
    zh = "该 Idempotency-Key 已用于另一个请求，请为新请求使用新的键。"


class SubmissionReusedError(KeyReusedError):
    """A report's id or key came before with other content. Facts: number, fields."""

    en = "A report with this key arrived before with other content, as case {number}. Send this one under a new key."
    zh = "此编号的上报已按案号 {number} 收到，内容与这次不同。如是另一件，请重新提交。"

    def __init__(self, number: str) -> None:
        sentences = (self.zh.format(number=number), self.en.format(number=number))
        super().__init__(number=number, fields={"submission_id": [sentences]})


# --- catalogue --------------------------------------------------------------------------------------------------


class NoRouteError(GridWhistleError):
    """The routing table names no department that exists. Facts: category, kind, area."""

    code = "no_route"
    en = "The routing table names no department for category {category} in {area}."
    zh = "分派表没有为 {area} 的类别 {category} 指定部门。"


class CatalogueRefusedError(InvalidInputError):
    """A catalogue file is refused as a whole. Facts: count, file, row, findings, fields."""

    code = "catalogue_refused"
    en = "The catalogue was refused: {count} errors, first in {file}, row {row}: {first_en}."
    zh = "类别表被拒绝：共 {count} 处错误，第一处在 {file} 第 {row} 行：{first_zh}。"
