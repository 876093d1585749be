"""`python -m tools.bench NAME [--json]`: run one benchmark, or `all` of them one after the other."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from typing import cast

from tools.bench.results import Result

MODULES = {
    "completions": "completions",
    "http": "webload",
    "history": "history",
    "starts": "starts",
    "tasklist": "tasklist",
    "timers": "timers",
    "footprint": "footprint",
    "decide": "decide",
}


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 when everything was measured, 1 when something was measured and a goal was missed with --strict."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("name", choices=[*MODULES, "all"])
    parser.add_argument("--json", action="store_true", help="one JSON object per benchmark")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    chosen = parser.parse_args(arguments)
    holds = True
    for name in MODULES if chosen.name == "all" else (chosen.name,):
        run = cast(Callable[[], Result], importlib.import_module(f"tools.bench.{MODULES[name]}").run)
        result = run()
        print(result.as_json() if chosen.json else result.as_text(), flush=True)
        holds = holds and result.holds
    return 1 if chosen.strict and not holds else 0


if __name__ == "__main__":
    sys.exit(main())
