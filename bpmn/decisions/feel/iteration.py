"""Walking over values: filters, `for`, `some` and `every` (DMN 1.5 sections 10.3.2.5 and 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bpmn.decisions.run import Run, Scope
from bpmn.decisions.values import Range, kind

Compiled = Callable[[Scope], Any]
Iteration = tuple[str, Compiled, Compiled | None]
"""A loop variable with its domain: a start, and an end when it is a range."""


def filtered(source: Any, condition: Compiled, scope: Scope) -> Any:
    """`source[condition]` (section 10.3.2.5): an index or a selection; what is no list counts as a list of one."""
    if source is None:
        return _filter_null(condition, scope)
    items = source if isinstance(source, list) else [source]
    run = scope.run
    if not items:
        return _item_at(items, condition(scope.inner({"item": None})))
    chosen = []
    for position, item in enumerate(items):
        run.tick()
        inner = scope.inner({"item": item, **item} if isinstance(item, dict) else {"item": item})
        result = condition(inner)
        if position == 0 and isinstance(result, Decimal):
            return _item_at(items, result)
        if result is True:
            chosen.append(item)
    return chosen


def _filter_null(condition: Compiled, scope: Scope) -> Any:
    result = condition(scope.inner({"item": None}))
    if isinstance(result, Decimal):
        return None
    return [None] if result is True else []


def _item_at(items: list[Any], index: Any) -> Any:
    if not isinstance(index, Decimal):
        return []
    if index != index.to_integral_value():
        return None
    place = int(index)
    if 1 <= place <= len(items):
        return items[place - 1]
    return items[place] if -len(items) <= place < 0 else None


def domain(start: Any, end: Any, *, is_range: bool, run: Run) -> Iterator[Any] | None:
    """What an iterator walks over: a list, a range of whole numbers or days, or one value."""
    if is_range:
        return _walk(start, end, run)
    if isinstance(start, list):
        return iter(start)
    if isinstance(start, Range):
        return _walk_range(start, run)
    return None if start is None else iter([start])


def _walk_range(value: Range, run: Run) -> Iterator[Any] | None:
    if value.unbounded_start or value.unbounded_end:
        return None
    walk = _walk(value.start, value.end, run)
    if walk is None:
        return None
    return (
        item
        for item in walk
        if (value.start_included or item != value.start) and (value.end_included or item != value.end)
    )


def _walk(start: Any, end: Any, run: Run) -> Iterator[Any] | None:
    if kind(start) != kind(end):
        return None
    if isinstance(start, Decimal):
        if start != start.to_integral_value() or end != end.to_integral_value():
            return None
        step = 1 if start <= end else -1
        run.guard_size(abs(int(end) - int(start)) + 1)
        return (Decimal(number) for number in range(int(start), int(end) + step, step))
    if isinstance(start, date) and not isinstance(start, datetime):
        step = 1 if start <= end else -1
        count = abs((end - start).days)
        run.guard_size(count + 1)
        return (start + timedelta(days=step * index) for index in range(count + 1))
    return None


def _bindings(iterators: list[Iteration], scope: Scope) -> Iterator[Scope | None]:
    """A scope for each combination of the loop variables; None when a domain cannot be walked."""
    if not iterators:
        yield scope
        return
    (name, start, end), rest = iterators[0], iterators[1:]
    first = start(scope)
    walk = domain(first, end(scope) if end else None, is_range=end is not None, run=scope.run)
    if walk is None:
        yield None
        return
    for value in walk:
        scope.run.tick()
        yield from _bindings(rest, scope.inner({name: value}))


def loop(iterators: list[Iteration], body: Compiled, scope: Scope) -> list[Any] | None:
    """`for … return …`; the body sees the results so far as `partial`."""
    results: list[Any] = []
    outer = scope.inner({"partial": results})
    for inner in _bindings(iterators, outer):
        if inner is None:
            return None
        results.append(body(inner))
        scope.run.guard_size(len(results))
    return list(results)


def quantified(iterators: list[Iteration], body: Compiled, scope: Scope, *, wanted: bool) -> bool | None:
    """`some` (wanted True) and `every` (wanted False) with three values."""
    unknown = False
    for inner in _bindings(iterators, scope):
        if inner is None:
            return None
        result = body(inner)
        if result is wanted:
            return bool(wanted)
        unknown = unknown or not isinstance(result, bool)
    return None if unknown else not wanted
