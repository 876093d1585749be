"""Whether a report can become a case: every field checked, every complaint at its field, in both languages.

Needs the catalogue and the grids; whether the reporter may report is decided by `handlers.permissions` before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError, NotFoundError
from handlers import catalogue, org

SOURCES: Final[dict[str, tuple[str, str]]] = {
    "collector": ("采集员上报", "Collector"),
    "resident": ("居民上报", "Resident"),
    "hotline": ("热线转办", "Hotline"),
    "department": ("部门移交", "Department"),
}
URGENCIES: Final[dict[str, tuple[str, str]]] = {
    "normal": ("一般", "Normal"),
    "blocking": ("挡路", "Blocks the way"),
    "danger": ("有危险", "Dangerous"),
}
CLOCK_TOLERANCE: Final = timedelta(minutes=2)
OLDEST: Final = timedelta(days=366)
LENGTHS: Final[dict[str, tuple[int, str, str]]] = {
    "title": (100, "标题", "The title"),
    "description": (2000, "说明", "The description"),
    "address": (200, "位置描述", "The address"),
    "reporter_name": (50, "姓名", "The name"),
    "reporter_contact": (50, "联系方式", "The contact"),
    "result": (1000, "处置结果", "The result"),
}
CONTROL: Final = frozenset(chr(code) for code in range(32)) - {"\n", "\r", "\t"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter sends. Positions in degrees; moments with time zone; photo ids of `photos.add`."""

    category_code: str
    lon: float
    lat: float
    kind: str = "event"
    title: str = ""
    description: str = ""
    address: str = ""
    accuracy_m: float | None = None
    source: str = "collector"
    urgency: str = "normal"
    occurred_at: datetime | None = None
    self_handled: bool = False
    result: str = ""
    """What was done, of a self-handled case."""
    reporter_name: str = ""
    reporter_contact: str = ""
    photo_ids: tuple[str, ...] = ()
    photo_ids_after: tuple[str, ...] = ()
    duplicate_of: str | None = None
    """The number of a case that the reporter knows to be similar."""
    submission_id: str | None = None


@dataclass(slots=True)
class Complaints:
    """Collects what is wrong, field by field."""

    fields: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, name: str, zh: str, en: str) -> None:
        self.fields.setdefault(name, []).append((zh, en))

    def raise_if_any(self) -> None:
        """:raises InvalidInputError: something was added."""
        if self.fields:
            raise InvalidInputError(fields=self.fields)


def check(session: Session, report: Report, *, now: datetime) -> tuple[catalogue.Category, org.Located]:
    """The category and the place of a report that can be taken.

    :raises InvalidInputError: with every complaint at once.
    """
    complaints = Complaints()
    category = _category(session, report, complaints)
    place = _place(session, report, complaints, now)
    _choices(report, complaints)
    _moments(report, complaints, now)
    _texts(report, complaints)
    complaints.raise_if_any()
    assert category is not None
    assert place is not None
    return category, place


def _category(session: Session, report: Report, complaints: Complaints) -> catalogue.Category | None:
    try:
        return catalogue.category(report.category_code, report.kind, session=session)
    except NotFoundError:
        complaints.add(
            "category_code",
            f"没有编码为“{report.category_code[:20]}”的类别，请从列表中选择。",
            f"There is no category “{report.category_code[:20]}”; please choose one from the list.",
        )
        return None


def _place(session: Session, report: Report, complaints: Complaints, now: datetime) -> org.Located | None:
    located = org.locate(session, report.lon, report.lat, now)
    if located is None:
        complaints.add(
            "position",
            "这个位置不在本街道范围内，请在地图上重新选点，或拨打 12345。",
            "This place is outside the town; please choose a point on the map again, or call 12345.",
        )
    if report.accuracy_m is not None and not 0 <= report.accuracy_m <= 100_000:
        complaints.add("accuracy_m", "定位精度不正确。", "The accuracy of the position is not plausible.")
    return located


def _choices(report: Report, complaints: Complaints) -> None:
    if report.source not in SOURCES:
        complaints.add("source", "来源不正确。", "The source is unknown.")
    if report.urgency not in URGENCIES:
        complaints.add("urgency", "紧急程度不正确。", "The urgency is unknown.")
    if report.self_handled and report.source != "collector":
        complaints.add("self_handled", "只有采集员可以报自行处置。", "Only collectors can report a self-handled case.")
    if report.self_handled and not (report.photo_ids and report.photo_ids_after):
        complaints.add(
            "photos",
            "自行处置要有处置前和处置后的照片。",
            "A self-handled case needs photos from before and after.",
        )


def _moments(report: Report, complaints: Complaints, now: datetime) -> None:
    if report.occurred_at is None:
        return
    if report.occurred_at.tzinfo is None:
        complaints.add("occurred_at", "发生时间缺少时区。", "The time of the event has no time zone.")
    elif report.occurred_at > now + CLOCK_TOLERANCE:
        complaints.add("occurred_at", "发生时间不能晚于现在。", "The time of the event lies in the future.")
    elif report.occurred_at < now - OLDEST:
        complaints.add("occurred_at", "发生时间超过一年，请核对。", "The event is more than a year ago; please check.")


def check_text(name: str, text: str) -> None:
    """:raises InvalidInputError: the words of this field are too long or cannot be shown."""
    complaints = Complaints()
    _text(name, text, complaints)
    complaints.raise_if_any()


def _text(name: str, text: str, complaints: Complaints) -> None:
    most, zh, en = LENGTHS[name]
    if len(text) > most:
        complaints.add(
            name,
            f"{zh}最多 {most} 字，现在 {len(text)} 字。",
            f"{en} may have {most} characters, this has {len(text)}.",
        )
    if CONTROL & set(text):
        complaints.add(name, f"{zh}含有不可显示的字符。", f"{en} contains characters that cannot be shown.")


def _texts(report: Report, complaints: Complaints) -> None:
    for name in LENGTHS:
        _text(name, getattr(report, name), complaints)
    if report.self_handled and not report.result.strip():
        complaints.add("result", "请写明怎样处置的。", "Please say how it was solved.")
    if report.submission_id is not None and not 8 <= len(report.submission_id) <= 64:
        complaints.add("submission_id", "上报编号不正确。", "The id of the submission is not valid.")
