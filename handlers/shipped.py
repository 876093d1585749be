"""Finds what ships in `processes/`: in the checkout, else in the installed package. The one place that knows both."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1] / "processes"


def path(*parts: str) -> Path:
    """`processes/` or something below it."""
    root = _CHECKOUT if _CHECKOUT.is_dir() else Path(str(resources.files("gridwhistle_processes")))
    return root.joinpath(*parts)
