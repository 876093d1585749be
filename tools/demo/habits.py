"""How the demo town lives: what is reported when, how long people take, and what they answer.

Shares and mix follow published figures of comparable cities (parked bikes, banners and piled goods lead; about four
fifths come from collectors; one case in thirty is late). Moments are UTC, habits are local.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")

CATEGORIES: Final[Mapping[tuple[str, str], int]] = {
    ("event", "0410"): 613,
    ("event", "0207"): 367,
    ("event", "0136"): 307,
    ("event", "0110"): 275,
    ("event", "0107"): 191,
    ("event", "0401"): 184,
    ("event", "0201"): 107,
    ("event", "0192"): 102,
    ("event", "0405"): 90,
    ("event", "0112"): 70,
    ("event", "0111"): 55,
    ("event", "0117"): 40,
    ("event", "0113"): 40,
    ("event", "0305"): 30,
    ("event", "0196"): 30,
    ("event", "0206"): 25,
    ("event", "0180"): 25,
    ("event", "0304"): 15,
    ("event", "0496"): 15,
    ("event", "0503"): 10,
    ("component", "0101"): 20,
    ("component", "0301"): 20,
    ("component", "0102"): 15,
}
"""Weights by kind and code; codes that the catalogue does not have are left out."""

SOURCES: Final[Mapping[str, int]] = {"collector": 80, "hotline": 9, "resident": 7, "department": 4}
HOURS: Final[tuple[int, ...]] = (0, 0, 0, 0, 0, 0, 1, 4, 10, 12, 10, 7, 3, 3, 9, 11, 9, 7, 4, 3, 1, 0, 0, 0)
"""How many reports begin in each local hour, relatively."""

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "0410": ("共享单车和电动车占满人行道", "非机动车停在盲道上", "车辆停放杂乱，行人绕行"),
    "0207": ("护栏上挂有商业横幅", "电线杆间悬挂促销标语"),
    "0136": ("装修材料堆在人行道，约 2 立方米", "门口堆放砖石木料", "店铺货物堆在绿化带旁"),
    "0110": ("生活垃圾散落，有异味", "垃圾桶外散落十余袋垃圾"),
    "0107": ("沿街拉绳晾晒衣物", "被褥晾在护栏上"),
    "0401": ("流动摊贩占道卖水果", "学校门口有三处流动小吃摊"),
    "0201": ("墙面张贴小广告", "站牌和灯杆贴有小广告"),
    "0192": ("垃圾桶已满溢", "果皮箱满溢，周边脏"),
}
OTHER_WORDS: Final = ("影响通行和市容，请处理", "居民多次反映", "巡查时发现", "现场见照片")

RESULTS: Final = (
    "已清理完毕，现场恢复整洁",
    "已劝离并清扫现场",
    "已拆除并恢复原状",
    "已整改，责任人签字确认",
    "已修复，验收正常",
)
RETURN_REASONS: Final = (
    "该处属小区红线内，由物业管理",
    "按权责清单属环卫作业范围",
    "需由有执法权的单位办理",
    "现场为在建工地，属住建管理",
)
REWORK_REASONS: Final = ("角落仍有残留", "只清理了一半", "照片与现场不符", "清理后又有堆放")
REFUSE_REASONS: Final = (
    "属于业主与物业之间的民事纠纷，请与物业协商",
    "不在本街道管理范围",
    "反映内容不属于城市管理事项",
)
VOID_REASONS: Final = ("与在办案件重复", "现场复看已无此问题", "照片无法辨认且联系不上上报人")


def report_moments(dice: random.Random, count: int, start: datetime, end: datetime) -> list[datetime]:
    """`count` moments between start and end, most on weekdays in working hours."""
    moments: list[datetime] = []
    days = max((end - start).days, 1)
    while len(moments) < count:
        day = (start + timedelta(days=dice.randint(0, days))).astimezone(ZONE)
        if day.weekday() >= 5 and dice.random() < 0.45:
            continue
        (hour,) = dice.choices(range(24), HOURS)
        moment = day.replace(hour=hour, minute=dice.randint(0, 59), second=dice.randint(0, 59)).astimezone(UTC)
        if start <= moment < end - timedelta(minutes=2):
            moments.append(moment)
    return sorted(moments)


def rush_moments(dice: random.Random, count: int, end: datetime, length: timedelta) -> list[datetime]:
    """`count` moments in the last hours before the end, half of them in the last sixth."""
    early = [end - length * dice.uniform(1 / 6, 1) for _ in range(count // 2)]
    late = [end - length * dice.uniform(0.004, 1 / 6) for _ in range(count - count // 2)]
    return sorted(early + late)


def at_work(moment: datetime, dice: random.Random, *, shifts: tuple[tuple[int, int], ...], weekends: bool) -> datetime:
    """The moment itself when somebody is at work then, else some minutes after the next shift begins."""
    local = moment.astimezone(ZONE)
    for _ in range(15):
        if weekends or local.weekday() < 5:
            for begins, ends in shifts:
                if local.hour < begins:
                    local = local.replace(hour=begins, minute=dice.randint(2, 25), second=dice.randint(0, 59))
                if begins <= local.hour < ends:
                    return local.astimezone(UTC)
        local = (local + timedelta(days=1)).replace(hour=0, minute=0)
    return moment


OFFICE: Final = ((8, 12), (14, 18))
CENTRE: Final = ((7, 22),)
FIELD: Final = ((7, 20),)


def minutes(dice: random.Random, low: float, high: float, *, late: float = 0.0, until: float = 60.0) -> timedelta:
    """Between low and high minutes, nearer to low; with the chance `late` beyond high, at most `until`."""
    if dice.random() < late:
        return timedelta(minutes=dice.uniform(high, until))
    return timedelta(minutes=dice.triangular(low, high, low + (high - low) * 0.35))
