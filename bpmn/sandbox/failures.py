"""Says why an evaluation failed, to people who know the diagram and not Python."""

from __future__ import annotations

from bpmn.errors import BudgetError, ExpressionError
from bpmn.sandbox.guards import Exhausted, Forbidden


def explain(error: BaseException) -> tuple[str, str]:
    """Why evaluation failed, in Chinese and English, for people who know the diagram and not Python."""
    if isinstance(error, Forbidden | Exhausted) and len(error.args) == 2:
        return error.args[0], error.args[1]
    if isinstance(error, NameError):
        name = error.name or str(error)
        return f"没有变量 {name}", f"there is no variable `{name}`"
    if isinstance(error, ZeroDivisionError):
        return "除数为零", "division by zero"
    if isinstance(error, KeyError):
        return f"没有字段 {error}", f"there is no field {error}"
    if isinstance(error, IndexError):
        return "列表没有这一项", "the list has no such item"
    if isinstance(error, RecursionError):
        return "嵌套调用过深", "calls are nested too deeply"
    text = f"{type(error).__name__}: {error}"[:300]
    return f"计算失败（{text}）", f"it failed ({text})"


def failure(text: str, error: BaseException, line: int = 1, column: int = 1) -> ExpressionError:
    """The error that leaves the sandbox."""
    zh, en = explain(error)
    kind = BudgetError if isinstance(error, Exhausted | RecursionError | MemoryError) else ExpressionError
    return kind(text=shorten(text), why_zh=zh, why_en=en, line=line, column=column)


def shorten(text: str) -> str:
    """One line of at most 80 characters for messages."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "…"
