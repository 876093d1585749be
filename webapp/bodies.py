"""JSON bodies that no view should ever see: nested without end, numbers without end, halves of characters.

Checked once, before any view or schema reads the body, so that none of them has to.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, request

from bpmn.errors import InvalidInputError

DEEPEST = 64


def refuse_unreadable_json() -> None:
    """:raises InvalidInputError: the body is no JSON that can be kept."""
    if not request.is_json or not request.content_length:
        return
    try:
        body = orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError as error:
        raise _refused(
            f"不是可读的 JSON（第 {error.lineno} 行）。", f"This is no readable JSON (line {error.lineno})."
        ) from None
    if is_deeper(body, DEEPEST):
        raise _refused(f"嵌套超过 {DEEPEST} 层。", f"This is nested more than {DEEPEST} levels deep.")


def is_deeper(value: Any, most: int) -> bool:
    """Whether lists and objects in `value` are nested more than `most` levels deep."""
    level = [value]
    for _ in range(most + 1):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
        if not level:
            return False
    return True


def _refused(zh: str, en: str) -> InvalidInputError:
    return InvalidInputError(fields={"body": [(zh, en)]})


def init_app(app: Flask) -> None:
    """Ask before every request."""
    app.before_request(refuse_unreadable_json)
