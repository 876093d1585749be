"""The documents name files, targets and commands that exist."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import PACKAGES, ROOT
from webapp.cli import COMMANDS

DOCUMENTS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md")
ROOTS = (*PACKAGES, "processes", "tests", "docs")
INVENTED = {"processes/NAME", "webapp/NAME"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_a_document_exists(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    paths = re.findall(rf"(?:^|[`(\s])((?:{'|'.join(ROOTS)})/[\w./*-]*\w)", text)
    paths += re.findall(r"\]\(([\w./-]+)\)", text)
    missing = {path for path in paths if not any(path.startswith(one) for one in INVENTED) and not _exists(path)}
    assert missing == set()


def _exists(path: str) -> bool:
    made = path.startswith(("webapp/static/dist", "var/"))
    return made or bool(list(ROOT.glob(path))) or (ROOT / f"{path}.py").is_file()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_in_a_document_exists(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert set(re.findall(r"gridwhistle ([a-z]+)\b", text)) <= set(COMMANDS)
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    assert set(re.findall(r"\bmake ([a-z]+)\b(?! sure)", text)) <= targets


def test_both_readmes_describe_the_same_settings() -> None:
    english, chinese = (set(re.findall(r"\| `([A-Z_]+)`", (ROOT / name).read_text("utf-8"))) for name in DOCUMENTS[:2])
    assert english - {"HOST"} == chinese - {"HOST"}
