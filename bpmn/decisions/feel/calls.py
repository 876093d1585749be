"""Function values: calling them, and making them from a body and the scope it was defined in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.decisions import types
from bpmn.decisions.errors import BudgetExceededError
from bpmn.decisions.run import Run, Scope
from bpmn.decisions.values import FeelFunction

Compiled = Callable[[Scope], Any]


def invoke(function: Any, positional: list[Any], named: dict[str, Any] | None, run: Run, label: str = "") -> Any:
    """Call a function value; anything else gives null and a warning."""
    run.tick()
    if not isinstance(function, FeelFunction):
        run.warn(f"“{label}”不是函数", f'"{label}" is no function')
        return None
    return function.invoke(run, positional, named)


def closure(
    name: str,
    parameters: tuple[str, ...],
    parameter_types: tuple[types.FeelType, ...],
    body: Compiled,
    scope: Scope,
    *,
    result_type: types.FeelType | None = None,
) -> FeelFunction:
    """A function value that runs `body` where it was defined, with its parameters bound."""

    def call(run: Run, positional: list[Any], named: dict[str, Any] | None) -> Any:
        values = bind(parameters, positional, named)
        if values is None:
            run.warn(f"函数“{name}”的参数不符", f'the arguments do not fit function "{name}"')
            return None
        bound: dict[str, Any] = {}
        for parameter, wanted, value in zip(parameters, parameter_types, values, strict=True):
            coerced = types.coerce(value, wanted)
            if coerced is None and value is not None:
                run.warn(f"参数“{parameter}”类型不符", f'argument "{parameter}" has the wrong type')
                return None
            bound[parameter] = coerced
        run.enter()
        try:
            return types.coerce(body(Scope(run, bound, scope)), result_type)
        except RecursionError:
            raise BudgetExceededError(zh="函数调用嵌套过深", en="function calls are nested too deeply") from None
        finally:
            run.leave()

    return FeelFunction(name, parameters, call, parameter_types, result_type)


def bind(parameters: tuple[str, ...], positional: list[Any], named: dict[str, Any] | None) -> list[Any] | None:
    """Values in the order of `parameters`, or None when they do not fit one to one."""
    if named is None:
        return positional if len(positional) == len(parameters) else None
    if set(named) != set(parameters):
        return None
    return [named[parameter] for parameter in parameters]
