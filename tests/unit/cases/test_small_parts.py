"""Distances and contacts."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.cases import contacts, settings
from handlers.cases.duplicates import distance_m


def test_distance_agrees_with_a_known_length() -> None:
    """One minute of latitude is a nautical mile within half a percent."""
    assert distance_m(114.4, 23.0, 114.4, 23.0 + 1 / 60) == pytest.approx(1852, rel=0.005)
    assert distance_m(114.4, 23.1, 114.4, 23.1) == 0
    assert distance_m(114.4, 23.1, 114.401, 23.1) == pytest.approx(102.3, rel=0.01)


@pytest.fixture
def secret(tmp_path: Path) -> None:
    settings.configure(settings.Settings(uploads=tmp_path, secret="one"))


def test_a_contact_is_stored_unreadable_and_comes_back(secret: None) -> None:
    stored = contacts.encrypt(" 13812345678 ")
    assert stored is not None
    assert b"138" not in stored
    assert contacts.decrypt(stored) == "13812345678"
    assert contacts.encrypt("  ") is None
    assert contacts.decrypt(None) is None


def test_after_the_secret_changed_a_contact_is_gone_and_nothing_breaks(secret: None, tmp_path: Path) -> None:
    stored = contacts.encrypt("13812345678")
    settings.configure(settings.Settings(uploads=tmp_path, secret="two"))
    assert contacts.decrypt(stored) is None


def test_a_masked_contact_shows_its_ends_only() -> None:
    assert contacts.masked("13812345678") == "138****5678"
    assert contacts.masked("12345") == "****"
    assert contacts.masked(None) == ""
