"""What evaluated text may do: the allowed functions and methods, and the budget of steps, sizes and numbers."""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

MAX_STEPS = 500_000
MAX_SIZE = 1_000_000
MAX_BITS = 4096
MAX_WIDTH = 1000
MAX_WEIGHT = 200_000
MAX_SECONDS = 1.5
"""A runaway that slips through the counts is stopped by the clock."""

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
READ: Mapping[type, frozenset[str]] = {
    str: _TEXT,
    list: frozenset(["index", "count", "copy"]),
    tuple: frozenset(["index", "count"]),
    dict: frozenset(["get", "keys", "values", "items", "copy"]),
    set: frozenset(["union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "copy"]),
    int: frozenset(["bit_length"]),
    float: frozenset(["is_integer"]),
}
WRITE: Mapping[type, frozenset[str]] = {
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


_CONTAINERS = frozenset({list, tuple, dict, set})
_TAKES_MANY = frozenset({"extend", "update", "union", "join"})
_LOOKS = frozenset({"count", "endswith", "find", "index", "rfind", "rindex", "startswith"}) | frozenset(
    {"isalnum", "isalpha", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper"}
)


class Forbidden(Exception):
    """Something that evaluated text may not do. Arguments: Chinese and English reason."""


class Exhausted(Exception):
    """The budget is used up. Arguments: Chinese and English reason."""


class Guards:
    """One evaluation's budget, and the helper functions that compiled text calls instead of plain operations.

    Every container is weighed, with everything in it, when it is made or iterated: lists within lists that share
    their parts would otherwise grow without bound at no cost. Time is looked at only to stop what runs too long.
    """

    def __init__(self, *, writable: bool = False) -> None:
        self.steps = 0
        self.size = 0
        self.writable = writable
        self.exhausted: Exhausted | None = None
        self._until = time.monotonic() + MAX_SECONDS

    def step(self, count: int = 1) -> None:
        """Charge `count` steps."""
        self.steps += count
        if self.steps > MAX_STEPS or time.monotonic() > self._until:
            self._stop("计算步数过多", "it takes too many steps")

    def grow(self, size: int) -> None:
        """Charge `size` characters or items that are about to be made."""
        self.size += size
        if self.size > MAX_SIZE:
            self._stop("产生的数据过大", "it makes too much data")

    def _stop(self, zh: str, en: str) -> None:
        self.exhausted = Exhausted(zh, en)
        raise self.exhausted

    # --- weighing -----------------------------------------------------------------------------------------------

    def weight(self, value: Any) -> int:
        """How many values a container holds, those inside it counted as often as they are reached."""
        if type(value) not in _CONTAINERS:
            return 1
        stack, count = [value], 0
        while stack:
            current = stack.pop()
            count += 1
            kind = type(current)
            if kind is dict:
                stack.extend(current.values())
                stack.extend(current)
            elif kind in _CONTAINERS:
                stack.extend(current)
            elif kind is str:
                count += len(current) // 16
            if count + len(stack) > MAX_WEIGHT:
                self._stop("产生的数据过大", "it makes too much data")
        return count

    def made(self, value: Any) -> Any:
        """Charge a container that was just made."""
        self.step(self.weight(value))
        return value

    def text(self, value: Any) -> Any:
        """Charge a value that is about to become part of a text."""
        self.grow(len(value) if type(value) is str else 20 * self.weight(value))
        if isinstance(value, str | int | float | list | dict | tuple | set) or value is None:
            return value
        raise Forbidden("不能转换为文本", "it cannot be made a text")

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
                    size = len(sequence) if isinstance(sequence, str) else self.weight(sequence)
                    self.grow(size * max(factor, 0))
        elif name == "Add" and isinstance(left, str | list | tuple):
            self.grow(sum(len(side) if isinstance(side, str) else self.weight(side) for side in (left, right)))
        elif name == "Pow" and isinstance(left, int) and isinstance(right, int):
            if abs(right) * max(left.bit_length(), 1) > MAX_BITS:
                self._stop("数字过大", "the number grows too large")
        elif name == "LShift" and isinstance(right, int) and right > MAX_BITS:
            self._stop("数字过大", "the number grows too large")
        elif name == "Mod" and isinstance(left, str):
            if "*" in left or any(int(width[:9]) > MAX_WIDTH for width in re.findall(r"\d+", left)):
                self._stop("格式宽度过大", "a format width is too large")
            self.grow(len(left) * (MAX_WIDTH // 10))
            for part in right if isinstance(right, tuple) else (right,):
                self.text(part)

    def item(self, target: Any, index: Any) -> Any:
        """`target[index]`."""
        self.step()
        if isinstance(index, slice) and hasattr(target, "__len__"):
            self.grow(len(range(*index.indices(len(target)))))
        return target[index]

    def iterate(self, values: Any) -> Iterator[Any]:
        """Iterate and charge for each value."""
        for value in values:
            self.step(self.weight(value))
            yield value

    # --- attributes and calls -----------------------------------------------------------------------------------

    def attribute(self, value: Any, name: str) -> Any:
        """`value.name`: an allowed method, or the entry of a mapping."""
        self.step()
        if name.startswith("_"):
            raise Forbidden(f"不能使用 {name}", f"`{name}` may not be used")
        allowed = READ.get(type(value), frozenset())
        if name in allowed or (self.writable and name in WRITE.get(type(value), frozenset())):
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
            if name in _TAKES_MANY and arguments and not isinstance(arguments[0], dict | str):
                arguments = (list(self.iterate(arguments[0])), *arguments[1:])
            self._judge_method(value, name, arguments)
            return method(*arguments, **named)

        return guarded

    def _judge_method(self, value: Any, name: str, arguments: tuple[Any, ...]) -> None:
        for argument in arguments:
            self.step(self.weight(argument))
        if name in ("center", "ljust", "rjust", "zfill"):
            width = arguments[0] if arguments else 0
            self.grow(width if isinstance(width, int) else 0)
        elif name == "replace" and len(arguments) >= 2:
            old, new = str(arguments[0]), str(arguments[1])
            self.grow(len(value) + (value.count(old) if old else len(value) + 1) * len(new))
        elif name == "join" and arguments:
            parts = arguments[0]
            self.grow(sum(len(part) for part in parts if isinstance(part, str)) + len(value) * len(parts))
        elif (isinstance(value, str) and name not in _LOOKS) or name == "copy":
            self.grow(len(value))
        elif isinstance(value, str | list | dict | set | tuple):
            self.step(1 + len(value) // 100)

    def functions(self) -> dict[str, Any]:
        """The functions that text may call."""
        return {
            **_FUNCTIONS,
            "dict": lambda *pairs, **named: self.made(dict(*pairs, **named)),
            "range": self._range,
            "list": lambda values=(): list(self.iterate(values)),
            "tuple": lambda values=(): tuple(self.iterate(values)),
            "set": lambda values=(): set(self.iterate(values)),
            "max": lambda *values, **named: self.made(max(*values, **named)),
            "min": lambda *values, **named: self.made(min(*values, **named)),
            "str": lambda value="": str(self.text(value)),
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


def _number(value: Any = 0) -> int:
    if isinstance(value, str) and len(value) > MAX_WIDTH:
        raise Forbidden("数字过长", "the number is too long")
    return int(value)


_FUNCTIONS: Mapping[str, Any] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "enumerate": enumerate,
    "float": float,
    "int": _number,
    "len": len,
    "reversed": reversed,
    "round": round,
    "zip": zip,
}
CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
NAMES = frozenset(_FUNCTIONS) | {"dict", "list", "max", "min", "range", "set", "sorted", "str", "sum", "tuple"}
