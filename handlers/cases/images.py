"""What an uploaded photo becomes: checked by content, re-encoded without metadata, upright, with a thumbnail.

The only user of Pillow below `webapp`. Whatever the file was called or claimed to be counts for nothing: bytes
that Pillow cannot decode as a photo are refused, and those it can are written anew, so that nothing hidden behind
or inside the picture survives. Storing is left to `handlers.cases.photos`.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from bpmn.errors import InvalidInputError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE: Final = 3200
THUMBNAIL_SIDE: Final = 320
MOST_PIXELS: Final = 60_000_000
SCALABLE: Final = frozenset({"RGB", "RGBA", "L", "LA", "CMYK", "YCbCr"})
"""Colour modes that can be scaled smoothly as they are."""
LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A photo ready to be stored. Both pictures are JPEG."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    mime: str = "image/jpeg"


def prepare(content: bytes, *, most_bytes: int) -> Prepared:
    """Check and re-encode an upload.

    :raises InvalidInputError: too large, no photo, damaged or too many pixels; the field is `photo`.
    """
    if len(content) > most_bytes:
        raise too_large(len(content), most_bytes)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many_pixels(opened.width, opened.height)
            exif = opened.getexif()
            taken_at, position = _taken_at(exif), _position(exif)
            picture = _upright(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _refused(
            "这不是照片。只接受 JPEG、PNG 或 WebP 照片，请重新拍摄或另存后再传。",
            "This is not a photo. JPEG, PNG and WebP photos are accepted; please take it again or save it as one.",
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise _refused(
            "照片已损坏，无法打开，请重新拍摄。", "The photo is damaged and cannot be opened; please take it again."
        ) from error
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    lon, lat = position or (None, None)
    return Prepared(
        content=_encoded(picture, 85),
        thumbnail=_encoded(small, 80),
        width=picture.width,
        height=picture.height,
        taken_at=taken_at,
        lon=lon,
        lat=lat,
    )


def too_large(size: int, most: int) -> InvalidInputError:
    """The refusal of a file of `size` bytes; also for whoever counts the bytes while they arrive."""
    return _refused(
        f"照片 {size / 1048576:.1f} MB，超过每张 {most // 1048576} MB 的上限，请降低分辨率后再传。",
        f"The photo has {size / 1048576:.1f} MB; at most {most // 1048576} MB each. Please send it smaller.",
    )


def _upright(opened: Image.Image) -> Image.Image:
    """The first frame, small enough, turned as the camera was held, on white where it was transparent.

    A JPEG is scaled down while it is decoded, so that a photo of 60 megapixels never stands in memory whole.
    """
    share = LONGEST_SIDE / max(opened.size)
    if share < 1:
        opened.draft(None, (max(round(opened.width * share), 1), max(round(opened.height * share), 1)))
    picture = opened if opened.mode in SCALABLE else opened.convert("RGBA")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA") or "transparency" in turned.info:
        layer = turned.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return turned.convert("RGB")


def _encoded(picture: Image.Image, quality: int) -> bytes:
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _taken_at(exif: Image.Exif) -> datetime | None:
    """EXIF DateTimeOriginal; without an offset it is read as local time. Nonsense counts as absent."""
    details: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
    text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        moment = datetime.strptime(str(text).strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        return None
    offset = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\x00 ")
    with contextlib.suppress(ValueError):
        moment = moment.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo)
    return moment.astimezone(UTC) if moment.year >= 2000 else None


def _position(exif: Image.Exif) -> tuple[float, float] | None:
    """(lon, lat) in degrees of the EXIF GPS block, WGS 84."""
    gps: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if (lat, lon) == (0.0, 0.0) or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return lon, lat


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if math.isnan(value):
        raise ValueError("not a number")
    return -value if str(reference).strip("\x00 ").upper() == negative else value


def _too_many_pixels(width: int = 0, height: int = 0) -> InvalidInputError:
    size_zh = f"（{width}×{height}）" if width else ""
    size_en = f" ({width}×{height})" if width else ""
    return _refused(
        f"照片像素太多{size_zh}，最多 {MOST_PIXELS // 1_000_000} 百万像素，请降低分辨率后再传。",
        f"The photo has too many pixels{size_en}; at most {MOST_PIXELS // 1_000_000} megapixels.",
    )


def _refused(zh: str, en: str) -> InvalidInputError:
    return InvalidInputError(fields={"photo": [(zh, en)]})


def is_plausible(taken_at: datetime | None, now: datetime) -> bool:
    """False for a photo whose camera claims the future or more than a year ago."""
    return taken_at is None or now - timedelta(days=366) <= taken_at <= now + timedelta(minutes=10)
