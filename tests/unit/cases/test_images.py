"""Photos are believed by their content only, and leave everything behind that is not picture."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from bpmn.errors import InvalidInputError
from handlers.cases import images
from tests.unit.cases import pictures

MOST = 10 * 1024 * 1024


def refusal(content: bytes, most: int = MOST) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        images.prepare(content, most_bytes=most)
    (pair,) = caught.value.facts["fields"]["photo"]
    return pair


def test_position_and_moment_are_read_and_then_nothing_of_them_is_left() -> None:
    prepared = images.prepare(pictures.jpeg(exif=pictures.phone_exif()), most_bytes=MOST)
    assert prepared.taken_at == datetime(2026, 11, 20, 2, 2, 3, tzinfo=UTC)
    assert prepared.lat == pytest.approx(23.075)
    assert prepared.lon == pytest.approx(114.4)
    for content in (prepared.content, prepared.thumbnail):
        with Image.open(io.BytesIO(content)) as again:
            assert not again.getexif()
        assert b"SecretPhone" not in content


def test_a_photo_is_stored_as_the_camera_was_held() -> None:
    prepared = images.prepare(pictures.jpeg(640, 480, exif=pictures.phone_exif(orientation=6)), most_bytes=MOST)
    assert (prepared.width, prepared.height) == (480, 640)
    with Image.open(io.BytesIO(prepared.content)) as upright:
        red, _, _ = upright.convert("RGB").getpixel((470, 10))
        assert red > 200


def test_thumbnails_have_at_most_320_pixels_a_side_and_photos_3200() -> None:
    prepared = images.prepare(pictures.jpeg(5000, 2500), most_bytes=MOST)
    assert (prepared.width, prepared.height) == (3200, 1600)
    with Image.open(io.BytesIO(prepared.thumbnail)) as small:
        assert small.size == (320, 160)


def test_what_hides_in_or_behind_a_picture_does_not_survive() -> None:
    script = "<?php system($_GET['x']); ?><script>alert(1)</script>"
    prepared = images.prepare(pictures.png_with_text(script), most_bytes=MOST)
    assert b"php" not in prepared.content
    assert b"script" not in prepared.content
    assert prepared.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "content",
    [
        b"#!/bin/sh\nrm -rf /\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.7 not a photo",
        b"",
        b"\xff\xd8\xff\xe0 broken",
    ],
    ids=["script", "svg", "png that is a script", "gif", "pdf", "empty", "half a jpeg"],
)
def test_whatever_is_no_photo_is_refused_in_both_languages(content: bytes) -> None:
    zh, en = refusal(content)
    assert "照片" in zh
    assert "photo" in en


def test_a_photo_cut_off_in_transit_is_refused_as_damaged() -> None:
    zh, en = refusal(pictures.jpeg(800, 600)[:2000])
    assert "损坏" in zh
    assert "damaged" in en


@pytest.mark.parametrize("size", [(9000, 9000), (30000, 30000), (60000, 60000)])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    zh, en = refusal(pictures.png_bomb(*size))
    assert "像素" in zh
    assert "pixels" in en


def test_40_mb_are_refused_with_the_size_and_the_limit() -> None:
    zh, en = refusal(b"\xff\xd8\xff" + b"\0" * (40 * 1024 * 1024))
    assert "40.0 MB" in zh
    assert "10 MB" in zh
    assert "at most 10 MB" in en


@pytest.mark.parametrize("nonsense", ["0000:00:00 00:00:00", "yesterday", "", "1970:01:01 00:00:00"])
def test_a_nonsense_moment_counts_as_none(nonsense: str) -> None:
    exif = pictures.phone_exif()
    exif.get_ifd(0x8769)[0x9003] = nonsense
    assert images.prepare(pictures.jpeg(exif=exif), most_bytes=MOST).taken_at is None


def test_a_position_out_of_range_counts_as_none() -> None:
    exif = pictures.phone_exif()
    exif.get_ifd(0x8825)[2] = (123.0, 0.0, 0.0)
    prepared = images.prepare(pictures.jpeg(exif=exif), most_bytes=MOST)
    assert (prepared.lon, prepared.lat) == (None, None)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_colour_mode_becomes_a_plain_photo(mode: str) -> None:
    out = io.BytesIO()
    picture = Image.new("RGBA", (400, 300), (200, 30, 30, 255))
    picture = picture.convert("L").convert("I").convert("I;16") if mode == "I;16" else picture.convert(mode)
    picture.save(out, "JPEG" if mode == "CMYK" else "PNG" if mode != "PA" else "TIFF")
    if mode == "PA":
        refusal(out.getvalue())
        return
    prepared = images.prepare(out.getvalue(), most_bytes=MOST)
    with Image.open(io.BytesIO(prepared.content)) as again:
        assert (again.mode, again.size) == ("RGB", (400, 300))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from Linux")
def test_a_large_photo_is_never_in_memory_whole(tmp_path: Path) -> None:
    (tmp_path / "large.jpg").write_bytes(pictures.jpeg(9000, 6000))
    code = (
        "import pathlib, re, sys; from handlers.cases import images;"
        "content = pathlib.Path(sys.argv[1]).read_bytes();"
        "most = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]);"
        "before = most();"
        "prepared = images.prepare(content, most_bytes=10**7);"
        "print(prepared.width, prepared.height, most() - before)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "large.jpg")]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3]).stdout
    width, height, kilobytes = map(int, output.split())
    assert (width, height) == (3200, 2133)
    assert kilobytes < 180 * 1024, "decoded whole it takes more than 300 MB"
