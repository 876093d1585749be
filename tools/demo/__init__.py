"""The demo town: a street with its people, grids and catalogue, and a few hundred cases in all stages.

The cases are made by the real engine through the public services, under a simulated clock that runs over the last
three weeks up to now; no row is inserted past them. `ensure` is called by `gridwhistle run` on an empty database;
`python -m tools.demo` does the same for the database of `GRIDWHISTLE_DATABASE_URL`.
"""

from __future__ import annotations

from tools.demo.town import ensure

__all__ = ["ensure"]
