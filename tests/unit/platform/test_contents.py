"""What may be part of a deployment: paths, kinds, sizes; every refusal names its file."""

from __future__ import annotations

import pytest

from bpmn import contents, definitions
from bpmn.errors import DefinitionError
from bpmn.findings import Finding
from tests.support import models

DIAGRAM = next(iter(models.chain(models.user("Task_A")).values()))


def refused(*entries: tuple[str, bytes]) -> tuple[Finding, ...]:
    with pytest.raises(DefinitionError) as caught:
        contents.collect(entries)
    found: tuple[Finding, ...] = caught.value.facts["findings"]
    return found


@pytest.mark.parametrize("path", ["a.bpmn", "城管/派遣.bpmn20.xml", "forms/a b.form", "rules.DMN", "README.md"])
def test_a_relative_path_of_a_known_kind_is_taken(path: str) -> None:
    assert contents.collect([(path, b"x")]) == {path: b"x"}


@pytest.mark.parametrize(
    "path",
    [
        *("../../x.bpmn", "a/../x.bpmn", "/etc/x.bpmn", "C:/x.bpmn", "a\\x.bpmn", "./x.bpmn", "a//x.bpmn", ""),
        *("a\nb.bpmn", "a\x00.bpmn", "a\ud800.bpmn", " a.bpmn", "\u202ea.bpmn", "a" * 300 + ".bpmn"),
    ],
)
def test_another_path_is_refused_in_both_languages(path: str) -> None:
    (finding,) = refused((path, b"x"))
    assert finding.code == "file.path"
    assert "路径" in finding.zh
    assert "path" in finding.en
    (finding.file + finding.zh + finding.en).encode()


def test_another_kind_is_refused_by_name() -> None:
    (finding,) = refused(("good.bpmn", b"x"), ("e.exe", b"MZ"))
    assert (finding.file, finding.code) == ("e.exe", "file.kind")


def test_the_same_path_twice_is_refused_by_name() -> None:
    (finding,) = refused(("a.bpmn", b"1"), ("b.bpmn", b"2"), ("a.bpmn", b"3"))
    assert (finding.file, finding.code) == ("a.bpmn", "file.duplicate")


def test_too_many_and_too_much_are_refused() -> None:
    assert [each.code for each in refused(*((f"{i}.json", b"") for i in range(301)))] == ["file.too_many"]
    assert [each.code for each in refused(("a.json", bytes(contents.MOST_BYTES + 1)))] == ["file.too_many"]


def test_a_deployment_needs_something_to_run() -> None:
    for files in ({}, {"a.json": b"{}"}, {"a.bpmn": DIAGRAM.replace(b'isExecutable="true"', b'isExecutable="false"')}):
        with pytest.raises(DefinitionError) as caught:
            definitions.check(files)
        assert "file.nothing_to_run" in {each.code for each in caught.value.facts["findings"]}
    assert definitions.check({"a.bpmn": DIAGRAM}).processes
