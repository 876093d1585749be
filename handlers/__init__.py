"""The domain: task handlers and the services and tables they use, one package per capability."""

from __future__ import annotations

from importlib import import_module

STEPS = ("handlers.cases.steps", "handlers.clocks.topics")
"""Modules whose import registers handlers, listeners, resolvers and views."""


def load() -> None:
    """Register everything that diagrams can call. Calling it again changes nothing."""
    for name in STEPS:
        import_module(name)
