"""Telephone numbers are stored encrypted and shown masked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bpmn.errors import InvalidInputError
from handlers.errors import DataKeyMissingError, DataKeyWrongError
from handlers.org import phones


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("GRIDWHISTLE_VAR", str(tmp_path))
    monkeypatch.delenv("GRIDWHISTLE_DATA_KEY", raising=False)
    monkeypatch.delenv("GRIDWHISTLE_SECRET_KEY", raising=False)
    phones.configure(["a key of some length, the first"])
    yield
    phones.configure([])


def test_a_number_comes_back_and_its_ciphertext_never_repeats() -> None:
    one, other = phones.encrypt("13800000001"), phones.encrypt("13800000001")
    assert one != other
    assert "138" not in one
    assert phones.decrypt(one) == phones.decrypt(other) == "13800000001"


def test_an_old_key_still_reads_after_a_rotation() -> None:
    old = phones.encrypt("13800000001")
    phones.configure(["a new key of some length", "a key of some length, the first"])
    assert phones.decrypt(old) == "13800000001"
    new = phones.encrypt("13800000002")
    phones.configure(["a new key of some length"])
    assert phones.decrypt(new) == "13800000002"
    with pytest.raises(DataKeyWrongError):
        phones.decrypt(old)


def test_a_changed_ciphertext_is_refused() -> None:
    token = phones.encrypt("13800000001")
    with pytest.raises(DataKeyWrongError):
        phones.decrypt(token[:-4] + "AAA=")


def test_without_a_key_nothing_is_read_or_written() -> None:
    token = phones.encrypt("13800000001")
    phones.configure([])
    assert not phones.is_configured()
    with pytest.raises(DataKeyMissingError):
        phones.encrypt("13800000001")
    with pytest.raises(DataKeyMissingError):
        phones.decrypt(token)


def test_the_environment_gives_the_key_when_nobody_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    phones.configure([])
    monkeypatch.setenv("GRIDWHISTLE_DATA_KEY", "newest,oldest")
    token = phones.encrypt("13800000001")
    phones.configure(["newest"])
    assert phones.decrypt(token) == "13800000001"


def test_the_secret_kept_by_the_installation_is_the_key_when_nothing_else_is_given(tmp_path: Path) -> None:
    phones.configure([])
    (tmp_path / "secret.key").write_text("kept by the installation\n")
    token = phones.encrypt("13800000001")
    phones.configure(["kept by the installation"])
    assert phones.decrypt(token) == "13800000001"


def test_lists_show_the_first_three_and_the_last_two_digits() -> None:
    assert phones.masked("13800000001") == "138******01"
    assert phones.masked("110") == "***"


@pytest.mark.parametrize("text", ["", "12", "call me", "138-0000-0000-0000-0000-0000", "１３８００００００００１"])
def test_what_is_no_number_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        phones.check(text)
    assert refusal.value.fields("zh")["phone"]
