"""Photos made for tests: with EXIF, hostile, oversized."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import ExifTags, Image, PngImagePlugin


def jpeg(width: int = 640, height: int = 480, *, color: str = "gray", exif: Image.Exif | None = None) -> bytes:
    """A plain JPEG."""
    out = io.BytesIO()
    picture = Image.new("RGB", (width, height), color)
    picture.paste("red", (0, 0, width // 4, height // 4))
    picture.save(out, "JPEG", exif=exif or Image.Exif())
    return out.getvalue()


def phone_exif(*, orientation: int = 1) -> Image.Exif:
    """What a phone writes: moment, offset, position (Huizhou), model and orientation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Model] = "SecretPhone 9"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2026:11:20 10:02:03"
    details[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (23.0, 4.0, 30.0)
    gps[ExifTags.GPS.GPSLongitudeRef] = "E"
    gps[ExifTags.GPS.GPSLongitude] = (114.0, 24.0, 0.0)
    return exif


def png_with_text(text: str) -> bytes:
    """A valid PNG that carries `text` in a chunk and after its end."""
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", text)
    out = io.BytesIO()
    Image.new("RGBA", (40, 30), (0, 128, 0, 100)).save(out, "PNG", pnginfo=info)
    return out.getvalue() + text.encode()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims width x height pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
