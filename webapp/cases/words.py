"""Words of a case in the language of the page: status, urgency, source, category."""

from __future__ import annotations

from datetime import datetime

from bpmn.errors import NotFoundError
from handlers import catalogue
from handlers.cases import states, validation
from handlers.cases.tables import Case
from webapp.clock import local, moment_text, now, time_of
from webapp.i18n import is_chinese, pick


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
    """The category's name; in English the catalogue's, where it has one."""
    if is_chinese():
        return case.category_name
    try:
        return catalogue.category(case.category_code, case.kind).name_en or case.category_name
    except (NotFoundError, AttributeError):
        return case.category_name
