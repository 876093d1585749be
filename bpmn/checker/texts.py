"""Checks the texts of a diagram: conditions, mappings, scripts, timers. Positions are told in the message."""

from __future__ import annotations

from bpmn.checker.reading import Findings
from bpmn.checker.timers import TimerText
from bpmn.errors import ExpressionError
from bpmn.sandbox import compile_expression, compile_script, compile_template

_PYTHON = frozenset({"", "python", "python3", "text/python", "text/x-python", "application/python", "py"})


def check_language(language: str, line: int, element_id: str, notes: Findings) -> bool:
    """Whether an expression's declared language is ours; noted when it is not."""
    wanted = language.strip().lower()
    if not wanted or "python" in wanted or wanted.endswith(("xpath", "/bpmn/20100524/model")):
        return True
    notes.error(
        "expression.language",
        line,
        element_id,
        f"不支持表达式语言 {language}。",
        f"The expression language {language} is not supported.",
        ("改写为 Python 表达式。", "Write it as a Python expression."),
    )
    return False


def check_expression(text: str, line: int, element_id: str, notes: Findings, *, name: str = "") -> None:
    """A condition or a mapping's expression."""
    try:
        compile_expression(text)
    except ExpressionError as error:
        _refuse("expression.invalid", error, line, element_id, notes, name)


def check_template(text: str, line: int, element_id: str, notes: Findings, *, name: str = "") -> bool:
    """A text with places; True when it is right."""
    try:
        compile_template(text)
    except ExpressionError as error:
        _refuse("expression.invalid", error, line, element_id, notes, name)
        return False
    return True


def check_script(text: str, script_format: str, line: int, element_id: str, notes: Findings, *, name: str) -> None:
    """A script task's text and language."""
    if script_format.strip().lower() not in _PYTHON:
        notes.error(
            "script.language",
            line,
            element_id,
            f"不支持脚本语言 {script_format}。",
            f"The script language {script_format} is not supported.",
            ("改写为 Python 脚本。", "Write the script in Python."),
            name,
        )
        return
    if not text.strip():
        notes.error(
            "script.missing",
            line,
            element_id,
            "脚本任务没有脚本。",
            "The script task has no script.",
            ("写上脚本，或改为普通任务。", "Write a script or make it a plain task."),
            name,
        )
        return
    try:
        compile_script(text)
    except ExpressionError as error:
        leading = len(text) - len(text.lstrip("\r\n"))
        offset = text[:leading].count("\n")
        at = line + offset + int(error.facts.get("line", 1)) - 1
        _refuse("script.invalid", error, at, element_id, notes, name)


def check_timer(written: str, text: str, line: int, element_id: str, notes: Findings, *, name: str) -> None:
    """A timer's text, as far as it is known before it runs."""
    if not text or not written:
        notes.error(
            "timer.missing",
            line,
            element_id,
            "定时器没有写明时间。",
            "The timer does not say when.",
            ("例如写 <timeDuration>PT4H</timeDuration>。", "Write for example <timeDuration>PT4H</timeDuration>."),
            name,
        )
        return
    if text[:1] in "\"'" and text[-1:] == text[:1]:
        notes.warning(
            "timer.quoted",
            line,
            element_id,
            "定时器的时间不需要引号。",
            "The time of a timer needs no quotes.",
            (f"写 {text[1:-1]}。", f"Write {text[1:-1]}."),
            name,
        )
    if text.startswith("=") or "{" in text:
        check_template(text, line, element_id, notes, name=name)
        return
    problem = TimerText.read(written, text).problem
    if problem is not None:
        notes.error("timer.invalid", line, element_id, f"{problem[0]}。", f"{problem[1]}.", name=name)


def _refuse(code: str, error: ExpressionError, line: int, element_id: str, notes: Findings, name: str) -> None:
    notes.error(code, line, element_id, error.message("zh") + "。", error.message("en") + ".", name=name)
