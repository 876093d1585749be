"""Pinyin initials of Chinese names: 暴露生活垃圾 is found by `blshlj`. Names of the catalogue only, no dictionary.

The 3,755 common characters of GB 2312 are ordered by their sound, so that the position of a character tells its
first letter; the few others that names of categories use, and readings that differ, stand in a table.
"""

from __future__ import annotations

from bisect import bisect_right

_FIRST_OF_LETTER = (
    (0xB0A1, "a"),
    (0xB0C5, "b"),
    (0xB2C1, "c"),
    (0xB4EE, "d"),
    (0xB6EA, "e"),
    (0xB7A2, "f"),
    (0xB8C1, "g"),
    (0xB9FE, "h"),
    (0xBBF7, "j"),
    (0xBFA6, "k"),
    (0xC0AC, "l"),
    (0xC2E8, "m"),
    (0xC4C3, "n"),
    (0xC5B6, "o"),
    (0xC5BE, "p"),
    (0xC6DA, "q"),
    (0xC8BB, "r"),
    (0xC8F6, "s"),
    (0xCBFA, "t"),
    (0xCDDA, "w"),
    (0xCEF4, "x"),
    (0xD1B9, "y"),
    (0xD4D1, "z"),
)
_LAST_COMMON = 0xD7F9
_OTHERS = {"匾": "b", "潢": "h", "箅": "b", "篦": "b", "驿": "y", "咪": "m", "调": "t"}
_STARTS = tuple(start for start, _ in _FIRST_OF_LETTER)


def initials(name: str) -> str:
    """The first letters of the characters; Latin letters and digits as they are, everything else left out."""
    return "".join(_initial(character) for character in name)


def _initial(character: str) -> str:
    if character in _OTHERS:
        return _OTHERS[character]
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        position = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    if not _STARTS[0] <= position <= _LAST_COMMON:
        return ""
    return _FIRST_OF_LETTER[bisect_right(_STARTS, position) - 1][1]
