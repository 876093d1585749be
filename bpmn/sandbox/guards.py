"""What evaluated text may do: the allowed functions and methods, and the budget of steps, sizes and numbers."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bpmn.errors import BudgetError, ExpressionError

MAX_STEPS = 500_000
MAX_SIZE = 1_000_000
MAX_BITS = 4096
MAX_WIDTH = 1000

_TEXT = frozenset(
    [
        "capitalize",
        "center",
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "zfill",
    ]
)
_READ: Mapping[type, frozenset[str]] = {
    str: _TEXT,
    list: frozenset(["index", "count", "copy"]),
    tuple: frozenset(["index", "count"]),
    dict: frozenset(["get", "keys", "values", "items", "copy"]),
    set: frozenset(["union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "copy"]),
    int: frozenset(["bit_length"]),
    float: frozenset(["is_integer"]),
}
_WRITE: Mapping[type, frozenset[str]] = {
    list: frozenset(["append", "extend", "insert", "pop", "remove", "sort", "reverse", "clear"]),
    dict: frozenset(["update", "pop", "popitem", "setdefault", "clear"]),
    set: frozenset(["add", "discard", "remove", "update"]),
}
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "BitXor": operator.xor,
}
_IN_PLACE = {
    "+=": "Add",
    "-=": "Sub",
    "*=": "Mult",
    "/=": "Div",
    "//=": "FloorDiv",
    "%=": "Mod",
    "**=": "Pow",
    "<<=": "LShift",
    ">>=": "RShift",
    "&=": "BitAnd",
    "|=": "BitOr",
    "^=": "BitXor",
}


class Forbidden(Exception):
    """Something that evaluated text may not do. Arguments: Chinese and English reason."""


class Exhausted(Exception):
    """The budget is used up. Arguments: Chinese and English reason."""


class Guards:
    """One evaluation's budget, and the helper functions that compiled text calls instead of plain operations."""

    def __init__(self, *, writable: bool = False) -> None:
        self.steps = 0
        self.size = 0
        self.writable = writable
        self.exhausted: Exhausted | None = None

    def step(self, count: int = 1) -> None:
        """Charge `count` steps."""
        self.steps += count
        if self.steps > MAX_STEPS:
            self._stop("计算步数过多", "it takes too many steps")

    def grow(self, size: int) -> None:
        """Charge `size` characters or items that are about to be made."""
        self.size += size
        if self.size > MAX_SIZE:
            self._stop("产生的数据过大", "it makes too much data")

    def _stop(self, zh: str, en: str) -> None:
        self.exhausted = Exhausted(zh, en)
        raise self.exhausted

    # --- operations ---------------------------------------------------------------------------------------------

    def binary(self, name: str, left: Any, right: Any) -> Any:
        """One binary operation with its size judged before it is made."""
        self.step()
        self._judge(name, left, right)
        result = OPERATORS[name](left, right)
        if isinstance(result, int) and not isinstance(result, bool) and result.bit_length() > MAX_BITS:
            self._stop("数字过大", "the number grows too large")
        return result

    def in_place(self, sign: str, left: Any, right: Any) -> Any:
        """`x += y` and the like, made as `x = x + y`."""
        return self.binary(_IN_PLACE[sign], left, right)

    def _judge(self, name: str, left: Any, right: Any) -> None:
        if name == "Mult":
            for sequence, factor in ((left, right), (right, left)):
                if isinstance(sequence, str | list | tuple) and isinstance(factor, int):
                    self.grow(len(sequence) * max(factor, 0))
        elif name == "Add" and isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
            self.grow(len(left) + len(right))
        elif name == "Pow" and isinstance(left, int) and isinstance(right, int):
            if abs(right) * max(left.bit_length(), 1) > MAX_BITS:
                self._stop("数字过大", "the number grows too large")
        elif name == "LShift" and isinstance(right, int) and right > MAX_BITS:
            self._stop("数字过大", "the number grows too large")
        elif name == "Mod" and isinstance(left, str):
            if "*" in left or any(int(width[:9]) > MAX_WIDTH for width in re.findall(r"\d+", left)):
                self._stop("格式宽度过大", "a format width is too large")
            self.grow(len(left) + MAX_WIDTH)

    def iterate(self, values: Any) -> Iterator[Any]:
        """Iterate and charge a step for each value."""
        for value in values:
            self.step()
            yield value

    # --- attributes and calls -----------------------------------------------------------------------------------

    def attribute(self, value: Any, name: str) -> Any:
        """`value.name`: an allowed method, or the entry of a mapping."""
        self.step()
        if name.startswith("_"):
            raise Forbidden(f"不能使用 {name}", f"`{name}` may not be used")
        allowed = _READ.get(type(value), frozenset())
        if name in allowed or (self.writable and name in _WRITE.get(type(value), frozenset())):
            return self._method(value, name)
        if isinstance(value, Mapping):
            if name in value:
                return value[name]
            raise Forbidden(f"没有字段 {name}", f"there is no field `{name}`")
        kind = type(value).__name__
        raise Forbidden(f"{kind} 没有可用的 {name}", f"`{name}` of {kind} may not be used")

    def _method(self, value: Any, name: str) -> Callable[..., Any]:
        method = getattr(value, name)

        def guarded(*arguments: Any, **named: Any) -> Any:
            self.step()
            self._judge_method(value, name, arguments)
            return method(*arguments, **named)

        return guarded

    def _judge_method(self, value: Any, name: str, arguments: tuple[Any, ...]) -> None:
        if name in ("center", "ljust", "rjust", "zfill"):
            width = arguments[0] if arguments else 0
            self.grow(width if isinstance(width, int) else 0)
        elif name == "replace" and len(arguments) >= 2:
            old, new = str(arguments[0]), str(arguments[1])
            self.grow(len(value) + (value.count(old) if old else len(value) + 1) * len(new))
        elif name == "join" and arguments:
            parts = list(arguments[0])
            self.grow(sum(len(part) for part in parts if isinstance(part, str)) + len(value) * len(parts))
        elif name in ("extend", "update", "union") and arguments:
            self.grow(len(arguments[0]) if hasattr(arguments[0], "__len__") else 0)
        elif isinstance(value, str | list | dict | set | tuple):
            self.step(1 + len(value) // 100)

    def functions(self) -> dict[str, Any]:
        """The functions that text may call."""
        return {
            **_FUNCTIONS,
            "range": self._range,
            "list": lambda values=(): list(self.iterate(values)),
            "tuple": lambda values=(): tuple(self.iterate(values)),
            "set": lambda values=(): set(self.iterate(values)),
            "sum": self._sum,
            "sorted": lambda values, key=None, reverse=False: sorted(self.iterate(values), key=key, reverse=reverse),
        }

    def _range(self, *bounds: int) -> range:
        numbers = range(*bounds)
        if len(numbers) > MAX_STEPS:
            self._stop("循环次数过多", "the range is too long")
        return numbers

    def _sum(self, values: Iterable[Any], start: Any = 0) -> Any:
        total = start
        for value in self.iterate(values):
            total = self.binary("Add", total, value)
        return total


def _text(value: Any = "") -> str:
    if isinstance(value, str | int | float | bool | list | dict | tuple | set) or value is None:
        return str(value)
    raise Forbidden("不能转换为文本", "it cannot be made a text")


def _number(value: Any = 0) -> int:
    if isinstance(value, str) and len(value) > MAX_WIDTH:
        raise Forbidden("数字过长", "the number is too long")
    return int(value)


_FUNCTIONS: Mapping[str, Any] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "dict": dict,
    "enumerate": enumerate,
    "float": float,
    "int": _number,
    "len": len,
    "max": max,
    "min": min,
    "reversed": reversed,
    "round": round,
    "str": _text,
    "zip": zip,
}
CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
NAMES = frozenset(_FUNCTIONS) | {"range", "list", "tuple", "set", "sum", "sorted"}


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
