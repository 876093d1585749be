"""Words of a case in the language of the page: status, urgency, source, category."""

from __future__ import annotations

from datetime import datetime

from bpmn.errors import NotFoundError
from handlers import catalogue
from handlers.cases import states, validation
from handlers.cases.tables import Case
from webapp.clock import local, moment_text, now, time_of
from webapp.i18n import is_chinese, pick

KINDS = ("event", "component")


def when(moment: datetime) -> str:
    """14:20 today, 11月22日 17:48 on other days: the past needs its hour too."""
    return time_of(moment) if local(moment).date() == local(now()).date() else moment_text(moment)


def status(key: str) -> str:
    """待派遣, Filed."""
    return pick(*states.NAMES.get(key, (key, key)))


def urgency(key: str) -> str:
    """挡路, Blocks the way."""
    return pick(*validation.URGENCIES.get(key, (key, key)))


def source(key: str) -> str:
    """采集员上报, Collector."""
    return pick(*validation.SOURCES.get(key, (key, key)))


def category(case: Case) -> str:
    """The category's name in the language of the page."""
    return category_name(case.category_code, case.category_name)


def category_name(code: str, name: str) -> str:
    """A case's category; in English the catalogue's name, while the catalogue still calls it so."""
    if is_chinese():
        return name
    for kind in KINDS:
        try:
            found = catalogue.category(code, kind)
        except NotFoundError:
            continue
        if found.name == name:
            return found.name_en or name
    return name


def title(text: str, code: str, name: str) -> str:
    """A case's title; the category it begins with is said in the language of the page, people's own words stay."""
    if is_chinese() or not name or not text.startswith(name):
        return text
    special = text.removeprefix(name).removeprefix("，")
    spoken = category_name(code, name)
    return f"{spoken}, {special}" if special else spoken


def title_of(case: Case) -> str:
    """The title of a case for a page."""
    return title(case.title, case.category_code, case.category_name)
