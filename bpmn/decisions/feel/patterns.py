"""Regular expressions of XPath and XQuery Functions 3.1 section 5.6, as FEEL uses them, on the `regex` package."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import regex

_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "x": 0, "q": 0}
_NAME_START = (
    r"A-Za-z_:\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
)
_NAME = _NAME_START + r"\-.0-9\u00B7\u0300-\u036F\u203F\u2040"
_CLASSES = {"i": f"[{_NAME_START}]", "I": f"[^{_NAME_START}]", "c": f"[{_NAME}]", "C": f"[^{_NAME}]"}
_ALLOWED_ESCAPES = set("nrt\\|.?*+(){}-[]^$sSiIcCdDwWpP/")


@lru_cache(maxsize=2048)
def compile_pattern(pattern: str, flags: str) -> regex.Pattern[str] | None:
    """The compiled pattern, or None when it or the flags are no XPath regular expression."""
    if set(flags) - set(_FLAGS):
        return None
    options = regex.V1
    for flag in flags:
        options |= _FLAGS[flag]
    if "q" in flags:
        return regex.compile(regex.escape(pattern), options & ~regex.DOTALL)
    text = _translate(
        _without_blanks(pattern) if "x" in flags else pattern, dot_all="s" in flags, multiline="m" in flags
    )
    if text is None:
        return None
    try:
        return regex.compile(text, options)
    except regex.error:
        return None


def _without_blanks(pattern: str) -> str:
    result, inside = [], 0
    for index, character in enumerate(pattern):
        escaped = index > 0 and pattern[index - 1] == "\\"
        if character == "[" and not escaped:
            inside += 1
        elif character == "]" and not escaped:
            inside -= 1
        if character in " \t\n\r" and not inside:
            continue
        result.append(character)
    return "".join(result)


def _translate(pattern: str, *, dot_all: bool, multiline: bool) -> str | None:
    """XPath's dialect in `regex`'s; None when it uses what XPath does not have."""
    result: list[str] = []
    index, depth, groups = 0, 0, 0
    while index < len(pattern):
        character = pattern[index]
        following = pattern[index + 1 : index + 2]
        if character == "\\":
            piece, width = _escape(pattern, index, groups, inside=depth > 0)
            if piece is None:
                return None
            result.append(piece)
            index += width
            continue
        if character == "[":
            depth += 1
            result.append("[")
        elif character == "]" and depth:
            depth -= 1
            result.append("]")
        elif character == "-" and following == "[" and depth:
            result.append("--")
        elif depth and character in "&|~" and following == character:
            result.append("\\" + character)
        elif character == "(" and not depth:
            if following == "?" and pattern[index + 2 : index + 3] != ":":
                return None
            groups += following != "?"
            result.append("(")
        elif character == "." and not depth and not dot_all:
            result.append(r"[^\n\r]")
        elif character == "$" and not depth and not multiline:
            result.append(r"\Z")
        elif character in "+" and not depth and result and result[-1] in ("*", "+", "?", "}"):
            return None
        else:
            result.append(character)
        index += 1
    return None if depth else "".join(result)


def _escape(pattern: str, index: int, groups: int, *, inside: bool) -> tuple[str | None, int]:
    following = pattern[index + 1 : index + 2]
    if following.isdigit() and following != "0":
        return (f"(?:\\{following})" if not inside and int(following) <= groups else None), 2
    if following not in _ALLOWED_ESCAPES:
        return None, 2
    if following in _CLASSES:
        return _CLASSES[following], 2
    if following in "pP":
        end = pattern.find("}", index)
        if pattern[index + 2 : index + 3] != "{" or end < 0:
            return None, 2
        name = pattern[index + 3 : end]
        if name.startswith("Is"):
            name = "In" + name[2:]
        return f"\\{following}{{{name}}}", end + 1 - index
    return f"\\{following}", 2


def replacement(text: str, groups: int) -> Callable[[regex.Match[str]], str] | None:
    """A replacement with `$1` and `\\$`; None when `$` or `\\` stand alone (error FORX0004)."""
    parts: list[str | int] = []
    index = 0
    while index < len(text):
        character, following = text[index], text[index + 1 : index + 2]
        if character == "\\":
            if following not in ("\\", "$"):
                return None
            parts.append(following)
            index += 2
        elif character == "$":
            digits = regex.match(r"\d+", text, pos=index + 1)
            if digits is None:
                return None
            number = digits[0]
            while len(number) > 1 and int(number) > groups:
                number = number[:-1]
            parts.append(int(number))
            index += 1 + len(number)
        else:
            parts.append(character)
            index += 1

    def expand(match: regex.Match[str]) -> str:
        return "".join(
            part if isinstance(part, str) else (match[part] or "" if part <= groups else "") for part in parts
        )

    return expand
