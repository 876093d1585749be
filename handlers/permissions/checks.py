"""One answer with its reason: what a rule is made of and what a person reads who asks why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One question of a rule and its answer. `key` is position, scope or part."""

    key: str
    holds: bool
    zh: str
    en: str
