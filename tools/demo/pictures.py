"""Sample photos for the demo town: drawn, and labelled as drawings, so that nobody takes them for real places."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WIDTH: Final = 640
HEIGHT: Final = 480
FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
WALLS: Final = ((226, 214, 190), (205, 214, 220), (214, 205, 196), (196, 206, 190))
SCENES: Final = ("rubbish", "bikes", "banner", "stall", "road", "laundry", "tree")


@cache
def drawing(scene: str, variant: int, *, after: bool) -> bytes:
    """A street with what the scene is about, or (`after`) put right. The same arguments give the same bytes."""
    dice = random.Random(f"{scene}-{variant}")
    picture = Image.new("RGB", (WIDTH, HEIGHT), (206, 220, 232))
    pen = ImageDraw.Draw(picture)
    _street(pen, dice)
    if not after:
        _PARTS[scene](pen, dice)
    _label(pen, "示意图 · 处置后" if after else "示意图 · 处置前", "drawing, after" if after else "drawing, before")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()


def scene_for(category_name: str) -> str:
    """The scene that comes nearest to a category."""
    for words, scene in (
        (("垃圾", "堆", "渣土", "弃料", "废弃", "满溢"), "rubbish"),
        (("非机动车", "单车", "停车", "地锁"), "bikes"),
        (("标语", "广告", "牌匾", "宣传"), "banner"),
        (("游商", "经营", "烧烤", "早", "摊"), "stall"),
        (("晾挂", "吊挂"), "laundry"),
        (("树", "绿", "病虫"), "tree"),
    ):
        if any(word in category_name for word in words):
            return scene
    return "road"


def _street(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    wall = dice.choice(WALLS)
    pen.rectangle((0, 60, WIDTH, 290), fill=wall)
    for x in range(20, WIDTH, 150):
        shade = dice.randint(90, 150)
        pen.rectangle((x, 120, x + 100, 290), fill=(shade, shade + 10, shade + 20))
        for line in range(x + 8, x + 100, 14):
            pen.line((line, 120, line, 290), fill=(shade - 25, shade - 15, shade - 5), width=3)
    pen.rectangle((0, 290, WIDTH, 390), fill=(190, 190, 186))
    for x in range(-60, WIDTH, 60):
        pen.line((x, 390, x + 60, 290), fill=(172, 172, 168), width=2)
    pen.rectangle((0, 390, WIDTH, HEIGHT), fill=(112, 116, 120))
    pen.line((0, 396, WIDTH, 396), fill=(224, 186, 70), width=6)


def _rubbish(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for _ in range(9):
        x, y, size = dice.randint(180, 430), dice.randint(290, 350), dice.randint(30, 70)
        color = dice.choice(((70, 74, 80), (150, 120, 80), (206, 200, 188), (120, 96, 70)))
        pen.ellipse((x, y, x + size, y + size * 0.7), fill=color, outline=(40, 40, 40))
    pen.polygon(((240, 360), (330, 250), (345, 258), (262, 366)), fill=(140, 100, 60))


def _bikes(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for number in range(6):
        x, y = 110 + number * 72 + dice.randint(-10, 10), 330 + dice.randint(-12, 12)
        for wheel in (x, x + 46):
            pen.ellipse((wheel, y, wheel + 34, y + 34), outline=(30, 30, 34), width=4)
        pen.line((x + 17, y + 17, x + 34, y - 12, x + 63, y + 17), fill=(40, 90, 150), width=4)


def _banner(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    y = dice.randint(90, 140)
    pen.rectangle((60, y, 580, y + 46), fill=(176, 44, 40))
    for x in range(90, 560, 44):
        pen.rectangle((x, y + 12, x + 24, y + 34), fill=(236, 214, 190))


def _stall(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    x = dice.randint(140, 260)
    pen.polygon(((x, 200), (x + 240, 200), (x + 270, 240), (x - 30, 240)), fill=(60, 120, 96))
    pen.rectangle((x - 10, 300, x + 250, 350), fill=(150, 110, 70))
    for fruit in range(12):
        left = x + fruit * 20
        pen.ellipse((left, 286, left + 18, 304), fill=dice.choice(((210, 90, 50), (220, 180, 60), (110, 150, 60))))


def _road(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    x = dice.randint(160, 300)
    pen.ellipse((x, 400, x + 180, 452), fill=(64, 66, 70), outline=(40, 40, 42), width=4)
    pen.line((x + 30, 410, x + 90, 440, x + 150, 415), fill=(30, 30, 32), width=4)


def _laundry(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    pen.line((40, 150, 600, 170), fill=(40, 40, 40), width=3)
    for x in range(80, 560, 70):
        color = (dice.randint(90, 220), dice.randint(90, 220), dice.randint(90, 220))
        pen.rectangle((x, 160, x + 44, 230 + dice.randint(0, 30)), fill=color)


def _tree(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    x = dice.randint(200, 320)
    pen.polygon(((x, 300), (x + 200, 350), (x + 200, 366), (x, 322)), fill=(96, 70, 46))
    for _ in range(14):
        left, top = x + dice.randint(90, 230), 300 + dice.randint(-10, 60)
        pen.ellipse((left, top, left + 50, top + 34), fill=(70, 110 + dice.randint(0, 30), 60))


_PARTS: Final = {
    "rubbish": _rubbish,
    "bikes": _bikes,
    "banner": _banner,
    "stall": _stall,
    "road": _road,
    "laundry": _laundry,
    "tree": _tree,
}


def _label(pen: ImageDraw.ImageDraw, zh: str, en: str) -> None:
    font = _font()
    pen.rectangle((0, HEIGHT - 34, WIDTH, HEIGHT), fill=(28, 34, 40))
    if font is None:
        pen.text((14, HEIGHT - 26), en, fill=(240, 240, 240))
    else:
        pen.text((14, HEIGHT - 29), zh, fill=(240, 240, 240), font=font)


@cache
def _font() -> ImageFont.FreeTypeFont | None:
    """A font with Chinese characters, when the machine has one."""
    path = next((path for path in FONTS if Path(path).is_file()), None)
    return ImageFont.truetype(path, 18) if path else None
