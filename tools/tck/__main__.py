"""`python -m tools.tck FOLDER [--list] [--only PREFIX]`: run the kit's cases below FOLDER in one process.

Prints each failure with what was expected and what came, then a line for each level and the total; exit 0 when all
passed, 1 when some failed, 2 for a folder without cases.
"""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from bpmn.decisions import DecisionError, DecisionModel, load
from bpmn.decisions.values import equal, kind
from tools.tck.cases import Case, cases_in

_TOLERANCE = Decimal("0.00000001")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.tck", description="Run DMN TCK cases.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="print the names of the cases only")
    parser.add_argument("--only", default="", help="cases whose folder begins with this")
    options = parser.parse_args(arguments)
    cases = [case for case in cases_in(options.folder) if case.folder.startswith(options.only)]
    if not cases:
        print(f"no cases in {options.folder}", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(case.name for case in cases))
        return 0
    return _run(cases)


def _run(cases: list[Case]) -> int:
    models: dict[Path, DecisionModel | DecisionError] = {}
    counts: dict[str, list[int]] = {}
    for case in cases:
        failure = _check(case, models)
        count = counts.setdefault(case.model.parent.parent.name, [0, 0])
        count[failure is not None] += 1
        if failure is not None:
            print(f"FAIL {case.name}: {failure}")
    for level, (passed, failed) in counts.items():
        total = passed + failed
        print(f"{level}: {passed} of {total} ({passed / total:.2%})")
    passed, failed = (sum(count[index] for count in counts.values()) for index in (0, 1))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _check(case: Case, models: dict[Path, DecisionModel | DecisionError]) -> str | None:
    """Why the case fails, or None."""
    if case.model not in models:
        try:
            models[case.model] = load(case.model)
        except DecisionError as error:
            models[case.model] = error
    model = models[case.model]
    if isinstance(model, DecisionError):
        return f"model: {model}"
    try:
        value = model.evaluate(case.invocable, case.inputs)
    except DecisionError as error:
        return None if case.error or case.expected is None else f"expected {case.expected!r}, got error {error}"
    if case.invocable != case.result and isinstance(value, dict) and case.result in value:
        value = value[case.result]
    return None if _same(case.expected, value) else f"expected {case.expected!r}, got {value!r}"


def _same(expected: Any, value: Any) -> bool:
    if isinstance(expected, Decimal) and isinstance(value, Decimal):
        return abs(expected - value) <= _TOLERANCE * max(Decimal(1), abs(expected))
    if kind(expected) != kind(value):
        return False
    if isinstance(expected, list):
        return len(expected) == len(value) and all(_same(*pair) for pair in zip(expected, value, strict=True))
    if isinstance(expected, dict):
        return expected.keys() == value.keys() and all(_same(item, value[name]) for name, item in expected.items())
    return equal(expected, value) is True


if __name__ == "__main__":
    sys.exit(main())
