"""Finds the data files of clocks and calendars: in the installed package, else in the checkout."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def data_file(relative: str) -> Path:
    """The path of `processes/<relative>`."""
    checkout = Path(__file__).resolve().parents[2] / "processes" / relative
    if checkout.exists():
        return checkout
    return Path(str(resources.files("gridwhistle_processes"))) / relative
