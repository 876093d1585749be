"""List functions and sort (tables 75 and 80). Positions count from 1, negative ones from the end."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from bpmn.decisions.errors import DecisionError
from bpmn.decisions.feel.builtins.registry import builtin
from bpmn.decisions.run import Run
from bpmn.decisions.values import CONTEXT, FeelFunction, compare, equal


@builtin("list contains", "list: list, element: any")
def list_contains(items: list[Any], element: Any) -> bool:
    return any(equal(item, element) is True for item in items)


@builtin("count", "list: list")
def count(items: list[Any]) -> Decimal:
    return Decimal(len(items))


def _best(items: list[Any], operator: str) -> Any:
    best = items[0] if items else None
    for item in items:
        better = compare(item, best, operator)
        if better is None:
            return None
        best = item if better else best
    return best


@builtin("min", "list: list")
def minimum(items: list[Any]) -> Any:
    return _best(items, "<")


@builtin("min", "c: any...")
def minimum_of(items: list[Any]) -> Any:
    return _best(items, "<")


@builtin("max", "list: list")
def maximum(items: list[Any]) -> Any:
    return _best(items, ">")


@builtin("max", "c: any...")
def maximum_of(items: list[Any]) -> Any:
    return _best(items, ">")


def _numbers(items: list[Any]) -> list[Decimal] | None:
    return items if items and all(isinstance(item, Decimal) for item in items) else None


def _sum(items: list[Any]) -> Decimal | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    total = Decimal(0)
    for number in numbers:
        total = CONTEXT.add(total, number)
    return total


def _mean(items: list[Any]) -> Decimal | None:
    total = _sum(items)
    return None if total is None else CONTEXT.divide(total, Decimal(len(items)))


def _product(items: list[Any]) -> Decimal | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    result = Decimal(1)
    for number in numbers:
        result = CONTEXT.multiply(result, number)
    return result


def _median(items: list[Any]) -> Decimal | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return CONTEXT.divide(CONTEXT.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _stddev(items: list[Any]) -> Decimal | None:
    numbers, mean = _numbers(items), _mean(items)
    if numbers is None or mean is None or len(numbers) < 2:
        return None
    squares = Decimal(0)
    for number in numbers:
        squares = CONTEXT.add(squares, CONTEXT.power(CONTEXT.subtract(number, mean), 2))
    return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(numbers) - 1)))


def _mode(items: list[Any]) -> list[Decimal] | None:
    if not items:
        return []
    numbers = _numbers(items)
    if numbers is None:
        return None
    counts = Counter(numbers)
    most = max(counts.values())
    return sorted(number for number, times in counts.items() if times == most)


for _name, _function in (
    ("sum", _sum), ("mean", _mean), ("product", _product), ("median", _median), ("stddev", _stddev), ("mode", _mode),
):  # fmt: skip
    builtin(_name, "list: list")(_function)
    builtin(_name, "n: any...")(_function)


def _all(items: list[Any]) -> bool | None:
    if any(item is False for item in items):
        return False
    return None if any(item is not True for item in items) else True


def _any(items: list[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    return None if any(item is not False for item in items) else False


for _name, _test in (("all", _all), ("and", _all), ("any", _any), ("or", _any)):
    builtin(_name, "list: list")(_test)
    builtin(_name, "b: any...")(_test)


def _place(position: Decimal, length: int) -> int | None:
    """The index of a position, or None outside."""
    place = int(position)
    if place == 0 or abs(place) > length:
        return None
    return place - 1 if place > 0 else length + place


@builtin("sublist", "list: list, start position: number, length: number?")
def sublist(items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    begin = _place(start, len(items))
    if begin is None:
        return None
    if length is None:
        return items[begin:]
    if length < 0 or begin + int(length) > len(items):
        return None
    return items[begin : begin + int(length)]


@builtin("append", "list: list, item: any...")
def append(items: list[Any], new: list[Any]) -> list[Any]:
    return [*items, *new]


@builtin("concatenate", "list: list...")
def concatenate(lists: list[list[Any]]) -> list[Any]:
    joined = [item for items in lists for item in items]
    Run.guard_size(len(joined))
    return joined


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(items: list[Any], position: Decimal, new: Any) -> list[Any] | None:
    place = _place(position, len(items))
    return None if place is None else [*items[:place], new, *items[place:]]


@builtin("remove", "list: list, position: number")
def remove(items: list[Any], position: Decimal) -> list[Any] | None:
    place = _place(position, len(items))
    return None if place is None else [*items[:place], *items[place + 1 :]]


@builtin("list replace", "list: list, position: number, newItem: any")
def list_replace(items: list[Any], position: Decimal, new: Any) -> list[Any] | None:
    place = _place(position, len(items))
    return None if place is None else [*items[:place], new, *items[place + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any", run=True)
def list_replace_matching(run: Run, items: list[Any], match: FeelFunction, new: Any) -> list[Any] | None:
    if len(match.parameters) != 2:
        return None
    result = []
    for item in items:
        run.tick()
        found = match.invoke(run, [item, new], None)
        if not isinstance(found, bool):
            return None
        result.append(new if found else item)
    return result


@builtin("reverse", "list: list")
def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@builtin("index of", "list: list, match: any")
def index_of(items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match) is True]


@builtin("union", "list: list...", run=True)
def union(run: Run, lists: list[list[Any]]) -> list[Any]:
    return distinct_values(run, [item for items in lists for item in items])


@builtin("distinct values", "list: list", run=True)
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        run.tick(len(kept) + 1)
        if not any(equal(item, other) is True for other in kept):
            kept.append(item)
    return kept


@builtin("flatten", "list: list")
def flatten(items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    stack = list(reversed(items))
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        else:
            flat.append(item)
    return flat


@builtin("sort", "list: list, precedes: function?", run=True)
def sort(run: Run, items: list[Any], precedes: FeelFunction | None = None) -> list[Any] | None:
    def before(left: Any, right: Any) -> bool:
        run.tick()
        if precedes is None:
            result = compare(left, right, "<")
        else:
            result = precedes.invoke(run, [left, right], None)
        if not isinstance(result, bool):
            raise DecisionError("not_ordered", zh="无法比较列表中的值", en="the values of the list have no order")
        return result

    def order(left: Any, right: Any) -> int:
        return -1 if before(left, right) else (1 if before(right, left) else 0)

    try:
        return sorted(items, key=cmp_to_key(order))
    except DecisionError as error:
        if error.error_code != "not_ordered":
            raise
        return None
