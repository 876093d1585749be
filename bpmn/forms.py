"""Forms of bpmn.io's form-js: checked at deploy, and turned into marshmallow schemas that check every answer again.

The browser shows a form, the server decides. What the server cannot check (scripts, foreign sources, component kinds
it does not know) is a finding at deploy, so that no form promises more than it keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final

import orjson
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from bpmn.decisions import DecisionError
from bpmn.decisions.feel.compiler import compile_expression
from bpmn.decisions.feel.iteration import Compiled
from bpmn.decisions.run import Run, Scope
from bpmn.decisions.values import as_feel
from bpmn.errors import InvalidInputError
from bpmn.findings import Finding
from bpmn.values import JSON, Variables

Form = Mapping[str, Any]
Component = Mapping[str, Any]
Pair = tuple[str, str]

SHOWN_ONLY: Final = {"text", "html", "image", "separator", "spacer", "button", "expression"}
CONTAINERS: Final = {"group", "columns", "dynamiclist"}
TEXTS: Final = {"textfield", "textarea"}
CHOICES: Final = {"select", "radio"}
MANY: Final = {"checklist", "taglist"}
KINDS: Final = TEXTS | CHOICES | MANY | {"number", "checkbox", "datetime", "filepicker"}
_LONGEST = {"textfield": 500, "textarea": 5000}
_MOST_ITEMS = 100
_KEY = re.compile(r"[^\W\d]\w{0,99}")

_REQUIRED: Pair = ("此项必填。", "This is required.")
_UNKNOWN: Pair = ("没有这一项。", "There is no such field.")
_TYPE: Pair = ("内容的类型不对。", "This has the wrong type.")


def components(form: Form) -> Iterator[Component]:
    """All components in order, those inside groups too."""
    for component in form.get("components", ()):
        yield component
        if component.get("type") in CONTAINERS:
            yield from components(component)


def read(file: str, content: bytes) -> tuple[Form | None, list[Finding]]:
    """The form in a file with everything that is wrong with it; the form is None when it is none at all."""
    try:
        form = orjson.loads(content)
    except ValueError as error:
        return None, [_finding(file, "", "form.json", f"表单不是 JSON：{error}", f"The form is no JSON: {error}")]
    if not isinstance(form, dict) or not isinstance(form.get("components"), list):
        return None, [
            _finding(file, "", "form.shape", "表单没有 components 列表。", "The form has no list of components.")
        ]
    found: list[Finding] = []
    seen: set[str] = set()
    for component in components(form):
        found.extend(_check(file, component, seen))
    return form, found


def _check(file: str, component: Component, seen: set[str]) -> Iterator[Finding]:
    kind, key, place = component.get("type"), component.get("key"), str(component.get("id") or component.get("key"))
    if kind in SHOWN_ONLY or kind in CONTAINERS:
        return
    if kind not in KINDS:
        yield _finding(
            file,
            place,
            "form.kind",
            f"服务端不支持控件“{kind}”。",
            f'The server does not know components of kind "{kind}".',
        )
        return
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        yield _finding(file, place, "form.key", f"字段名“{key}”无效。", f'The key "{key}" is not valid.')
    elif key in seen:
        yield _finding(file, place, "form.duplicate", f"字段名“{key}”重复。", f'The key "{key}" is used twice.')
    else:
        seen.add(key)
    hide = (component.get("conditional") or {}).get("hide")
    if hide:
        yield from _check_condition(file, place, str(hide))
    pattern = (component.get("validate") or {}).get("pattern")
    if pattern:
        yield from _check_pattern(file, place, str(pattern))


def _check_condition(file: str, place: str, text: str) -> Iterator[Finding]:
    try:
        _condition(text)
    except DecisionError as error:
        yield _finding(
            file,
            place,
            "form.condition",
            f"隐藏条件有误：{error.message('zh')}",
            f"The condition is wrong: {error.message('en')}",
        )


def _check_pattern(file: str, place: str, text: str) -> Iterator[Finding]:
    try:
        re.compile(text)
    except re.error as error:
        yield _finding(
            file, place, "form.pattern", f"校验规则有误：{error}", f"The validation pattern is wrong: {error}"
        )


def _finding(file: str, element: str, code: str, zh: str, en: str) -> Finding:
    return Finding(file, 0, element, "error", code, zh, en)


@lru_cache(maxsize=1024)
def _condition(text: str) -> Compiled:
    """A FEEL condition (`=outcome != "done"`) as a function. :raises DecisionError:"""
    return compile_expression(text.removeprefix("="), frozenset())


def is_hidden(component: Component, values: Mapping[str, Any]) -> bool:
    """Whether the component is hidden for these answers."""
    text = (component.get("conditional") or {}).get("hide")
    if not text:
        return False
    names = {key: as_feel(value) for key, value in values.items()}
    return _condition(str(text))(Scope(Run(limit=10_000), names)) is True


def clean(form: Form, values: Mapping[str, Any], *, choices: Mapping[str, Sequence[str]] | None = None) -> Variables:
    """The answers of a form, checked and brought into shape; hidden fields are left out.

    `choices` are the allowed values of components that take theirs by `valuesKey`.

    :raises InvalidInputError: by field: missing, wrong type, too long, not among the choices, unknown.
    """
    asked = [component for component in components(form) if component.get("type") in KINDS]
    known = {str(component["key"]) for component in asked}
    errors: dict[str, list[Pair]] = {name: [_UNKNOWN] for name in values if name not in known}
    hidden = {str(component["key"]) for component in asked if is_hidden(component, values)}
    shown = [component for component in asked if str(component["key"]) not in hidden]
    given = {name: value for name, value in values.items() if name in known - hidden and not _is_blank(value)}
    schema = _schema(shown, choices or {})
    try:
        cleaned: Variables = schema.load(given, unknown=RAISE)
    except ValidationError as error:
        for name, messages in _messages(error.messages).items():
            errors.setdefault(name, []).extend(messages)
        cleaned = {}
    _forget_undecided(shown, given, errors)
    if errors:
        raise InvalidInputError(fields=errors)
    return cleaned


def _forget_undecided(shown: Sequence[Component], given: Mapping[str, Any], errors: dict[str, list[Pair]]) -> None:
    """Do not ask for a field while it hangs on another one that is itself not answered well."""
    wrong = set(errors)
    for component in shown:
        key = str(component["key"])
        condition = str((component.get("conditional") or {}).get("hide") or "")
        if key in wrong and key not in given and any(re.search(rf"\b{name}\b", condition) for name in wrong - {key}):
            del errors[key]


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def schema_of(form: Form, choices: Mapping[str, Sequence[str]] | None = None) -> Schema:
    """The marshmallow schema of all fields of a form, shown or not (for documentation and clients)."""
    return _schema([component for component in components(form) if component.get("type") in KINDS], choices or {})


def _schema(asked: Sequence[Component], choices: Mapping[str, Sequence[str]]) -> Schema:
    made = {str(component["key"]): _field(component, choices) for component in asked}
    return Schema.from_dict(made, name="Answers")(unknown=EXCLUDE)


def _field(component: Component, choices: Mapping[str, Sequence[str]]) -> fields.Field[Any]:
    kind = component["type"]
    rules = component.get("validate") or {}
    required = bool(rules.get("required"))
    if kind in TEXTS:
        return _Text(required=required, validate=_text_rules(component, rules))
    if kind == "number":
        return _number_field(component, rules, required=required)
    if kind == "checkbox":
        return _Checkbox(required=required, validate=_must_be_ticked if required else None)
    if kind == "datetime":
        return _Moment(str(component.get("subtype") or "date"), required=required)
    if kind in CHOICES:
        return _Text(required=required, validate=_choice_rules(component, choices))
    item = _Text(validate=_choice_rules(component, choices) if kind in MANY else [_Length(0, 200)])
    return _Many(item, required=required)


def _text_rules(component: Component, rules: Mapping[str, Any]) -> list[Any]:
    checks: list[Any] = [
        _Length(int(rules.get("minLength") or 0), int(rules.get("maxLength") or _LONGEST[component["type"]]))
    ]
    if rules.get("pattern"):
        checks.append(_Pattern(str(rules["pattern"])))
    return checks


def _choice_rules(component: Component, choices: Mapping[str, Sequence[str]]) -> list[Any]:
    source = component.get("valuesKey")
    if source is not None:
        allowed = choices.get(str(source))
        return [_Length(0, 200)] if allowed is None else [_OneOf(allowed)]
    return [_OneOf([str(option.get("value")) for option in component.get("values") or ()])]


def _number_field(component: Component, rules: Mapping[str, Any], *, required: bool) -> fields.Field[Any]:
    digits = component.get("decimalDigits")
    return _Number(required=required, digits=None if digits is None else int(digits), validate=[_Bounds(rules)])


def _message(pair: Pair) -> ValidationError:
    return ValidationError([pair])  # pairs travel through marshmallow unchanged


class _Base(fields.Field[Any]):
    """A field whose own errors are pairs of sentences."""

    default_error_messages: dict[str, Any] = {"required": _REQUIRED, "null": _REQUIRED}  # noqa: RUF012 - marshmallow's


class _Text(_Base):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str):
            raise _message(_TYPE)
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise _message(("含有不能保存的字符。", "This contains characters that cannot be stored."))
        return value.strip()


class _Number(_Base):
    def __init__(self, *, digits: int | None, **more: Any) -> None:
        super().__init__(**more)
        self.digits = digits

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int | float:
        if isinstance(value, str):
            value = _number_of(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
            raise _message(("请输入数字。", "Please enter a number."))
        if self.digits is not None and round(value, self.digits) != value:
            raise _message((f"最多 {self.digits} 位小数。", f"At most {self.digits} decimal places."))
        return value


def _number_of(text: str) -> int | float | None:
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?\d{1,15}\.\d{1,12}", text) else None


class _Checkbox(_Base):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "on"):
            return True
        if value == "false":
            return False
        raise _message(_TYPE)


class _Moment(_Base):
    """A date, time or date and time as ISO 8601 text, kept as text."""

    def __init__(self, subtype: str, **more: Any) -> None:
        super().__init__(**more)
        self.subtype = subtype

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        readers: dict[str, Any] = {"date": date, "time": time, "datetime": datetime}
        try:
            readers.get(self.subtype, date).fromisoformat(value)
        except (ValueError, TypeError):
            raise _message(("请输入有效的日期或时间。", "Please enter a valid date or time.")) from None
        return str(value)


class _Many(_Base):
    def __init__(self, item: _Text, **more: Any) -> None:
        super().__init__(**more)
        self.item = item

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> list[str]:
        if not isinstance(value, list):
            raise _message(_TYPE)
        if len(value) > _MOST_ITEMS:
            raise _message((f"最多 {_MOST_ITEMS} 项。", f"At most {_MOST_ITEMS} items."))
        return [str(self.item.deserialize(item)) for item in value]


def _must_be_ticked(value: bool) -> None:
    if not value:
        raise _message(_REQUIRED)


class _Length(validate.Validator):
    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, value: str) -> str:
        if len(value) > self.most:
            raise _message(
                (f"最多 {self.most} 个字，现有 {len(value)} 个。", f"At most {self.most} characters, not {len(value)}.")
            )
        if len(value) < self.least:
            raise _message((f"至少 {self.least} 个字。", f"At least {self.least} characters."))
        return value


class _Pattern(validate.Validator):
    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern)

    def __call__(self, value: str) -> str:
        if not self.pattern.search(value):
            raise _message(("格式不对。", "This has the wrong format."))
        return value


class _OneOf(validate.Validator):
    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = frozenset(allowed)

    def __call__(self, value: str) -> str:
        if value not in self.allowed:
            raise _message(("请从给出的选项中选择。", "Please choose one of the options."))
        return value


class _Bounds(validate.Validator):
    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.least, self.most = rules.get("min"), rules.get("max")

    def __call__(self, value: float) -> float:
        if self.least is not None and value < self.least:
            raise _message((f"不能小于 {self.least}。", f"At least {self.least}."))
        if self.most is not None and value > self.most:
            raise _message((f"不能大于 {self.most}。", f"At most {self.most}."))
        return value


def _messages(messages: Any) -> dict[str, list[Pair]]:
    """marshmallow's messages as pairs by field."""
    found: dict[str, list[Pair]] = {}
    for name, given in messages.items():
        listed = given if isinstance(given, list) else [given]
        found[str(name)] = [item if isinstance(item, tuple) else (str(item), str(item)) for item in listed]
    return found


def defaults(form: Form) -> dict[str, JSON]:
    """The default values that a form gives."""
    return {
        str(component["key"]): component["defaultValue"]
        for component in components(form)
        if component.get("type") in KINDS and "defaultValue" in component
    }
