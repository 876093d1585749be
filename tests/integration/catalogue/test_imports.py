"""Importing: the same again changes nothing, less retires, another limit is another condition, errors refuse all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError
from bpmn.values import Actor
from handlers import catalogue
from handlers.catalogue import files
from handlers.catalogue.snapshots import from_database, from_files, snapshot
from handlers.catalogue.tables import CatalogueCategory, CatalogueCodeSet, CatalogueCondition
from handlers.errors import CatalogueRefusedError
from tests.support.databases import TestDatabase
from tests.support.towns import NOW

BOSS = Actor("boss")
CURRENT = "gbt30428.2-yc2026"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files, to be edited."""
    return Path(shutil.copytree(files.folder(), tmp_path / "catalogue"))


@pytest.fixture(autouse=True)
def the_shipped_catalogue_afterwards(town: Session) -> Iterator[None]:
    """What this process holds after a test is what ships, whatever the test imported."""
    yield
    town.rollback()
    town.info.clear()
    snapshot(town)


def edit(folder: Path, name: str, change: Callable[[str], str]) -> None:
    path = folder / CURRENT / name
    before = path.read_text("utf-8")
    path.write_text(change(before), "utf-8")
    assert path.read_text("utf-8") != before


def test_the_database_and_the_files_say_the_same(town: Session) -> None:
    key = snapshot(town).key
    stored, read = from_database(town, key), from_files()
    assert stored.sets == read.sets
    assert stored.mappings == read.mappings


def test_importing_the_same_again_adds_changes_and_retires_nothing(town: Session) -> None:
    counts = (
        town.scalar(select(func.count(CatalogueCondition.id))),
        town.scalar(select(func.count(CatalogueCategory.id))),
    )
    for report in catalogue.seed(town, actor=BOSS, now=NOW):
        assert (report.added, report.changed, report.retired) == ([], [], [])
    assert counts == (
        town.scalar(select(func.count(CatalogueCondition.id))),
        town.scalar(select(func.count(CatalogueCategory.id))),
    )


def test_a_category_that_is_gone_is_retired_and_still_found_by_its_code(town: Session, folder: Path) -> None:
    for name in ("categories.csv", "conditions.csv"):
        edit(folder, name, lambda text: without(text, "event,0110,"))
    [report, _] = catalogue.seed(town, actor=BOSS, now=NOW, root=folder)
    assert report.retired == ["E0110"]
    old = catalogue.category("0110", "event", session=town)
    assert old.is_retired
    assert old.conditions[0].limit is not None
    assert old not in catalogue.categories(session=town)
    assert old not in catalogue.search("暴露生活垃圾", session=town)
    [report, _] = catalogue.seed(town, actor=BOSS, now=NOW)
    assert "E0110" in report.changed
    assert not catalogue.category("0110", "event", session=town).is_retired


def test_another_limit_is_another_condition_and_open_cases_keep_theirs(town: Session, folder: Path) -> None:
    edit(
        folder,
        "conditions.csv",
        lambda text: text.replace("15工作日,15,WD", "10工作日,10,WD", 1),
    )
    [report, _] = catalogue.seed(town, actor=BOSS, now=NOW, root=folder)
    assert (report.added, report.retired) == (["E0101-3"], ["E0101-2"])
    assert str(catalogue.condition("0101", "event", "E0101-2", session=town).limit) == "15WD"
    assert [each.code for each in catalogue.conditions("0101", "event", session=town)] == ["E0101-1", "E0101-3"]
    assert catalogue.route(town, "0101", "event", "E0101-3", "441302008").lead_unit == "441302-cg"


def test_an_ordinal_is_never_given_to_another_condition(town: Session, folder: Path) -> None:
    edit(folder, "conditions.csv", lambda text: without(text, "event,0101,2,"))
    (folder / "routes.csv").write_text(without((folder / "routes.csv").read_text("utf-8"), f"{CURRENT},event,0101,2,"))
    catalogue.seed(town, actor=BOSS, now=NOW, root=folder)
    edit(folder, "conditions.csv", lambda text: text + "event,0101,2,另一种,another,1工作日,1,WD,恢复,restored\n")
    catalogue.seed(town, actor=BOSS, now=NOW, root=folder)
    codes = {each.code: each.is_retired for each in catalogue.category("0101", "event", session=town).conditions}
    assert codes == {"E0101-1": False, "E0101-2": True, "E0101-3": False}


def test_a_file_with_errors_is_refused_as_a_whole(town: Session, folder: Path) -> None:
    edit(folder, "categories.csv", lambda text: text + "event,0110,又一个,again,,0,standard\n")
    edit(folder, "conditions.csv", lambda text: text.replace("4工作时", "9工作时"))
    before = snapshot(town)
    with pytest.raises(CatalogueRefusedError) as refusal:
        catalogue.seed(town, actor=BOSS, now=NOW, root=folder)
    assert "categories.csv" in refusal.value.message("zh")
    assert any(name.startswith("categories.csv") for name in refusal.value.fields("en"))
    assert snapshot(town) is before


def test_a_route_for_a_condition_that_is_not_there_is_refused(town: Session, folder: Path) -> None:
    with (folder / "routes.csv").open("a", encoding="utf-8") as file:
        file.write(f"{CURRENT},event,0101,9,,cg,street,50\n")
    with pytest.raises(InvalidInputError):
        catalogue.seed(town, actor=BOSS, now=NOW, root=folder)


def test_an_import_reaches_every_process_at_its_next_question_once_committed(
    committed: TestDatabase, folder: Path
) -> None:
    with committed.factory.begin() as session:
        catalogue.seed(session, actor=BOSS, now=NOW)
    with committed.factory() as reader:
        snapshot(reader)
    edit(folder, "categories.csv", lambda text: text.replace("暴露生活垃圾", "垃圾暴露"))
    with committed.factory() as rolled_back:
        catalogue.seed(rolled_back, actor=BOSS, now=NOW, root=folder)
        assert catalogue.category("0110", "event", session=rolled_back).name == "垃圾暴露"
        assert catalogue.category("0110", "event").name == "暴露生活垃圾"
        rolled_back.rollback()
    assert catalogue.category("0110", "event").name == "暴露生活垃圾"
    with committed.factory.begin() as session:
        catalogue.seed(session, actor=BOSS, now=NOW, root=folder)
    assert catalogue.category("0110", "event").name == "暴露生活垃圾"
    with committed.factory() as reader:
        assert catalogue.category("0110", "event", session=reader).name == "垃圾暴露"
    assert catalogue.category("0110", "event").name == "垃圾暴露"


def test_one_code_set_is_for_new_cases(town: Session) -> None:
    assert list(town.scalars(select(CatalogueCodeSet.id).where(CatalogueCodeSet.is_for_new_cases))) == [CURRENT]


def without(text: str, start: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(start))
