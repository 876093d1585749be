"""`python -m tools.demo [--cases N] [--seed N]`: fill an empty database with the demo town."""

from __future__ import annotations

import argparse
import sys

from tools.demo.town import CASES, SEED, ensure
from webapp.cli import place


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo", description="Fill an empty database with the demo town."
    )
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many cases (default {CASES})")
    parser.add_argument("--seed", type=int, default=SEED, help="another number makes another town life")
    parser.add_argument("--upgrade", action="store_true", help="bring the schema up to date first")
    options = parser.parse_args()
    with place.database() as url:
        if options.upgrade:
            _upgrade(url)
        print(ensure(url, say=lambda text: print(text, file=sys.stderr), cases=options.cases, seed=options.seed))
    return 0


def _upgrade(url: str) -> None:
    from bpmn.database import make_engine
    from webapp import migrations

    engine = make_engine(url)
    try:
        migrations.upgrade(engine)
    finally:
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
