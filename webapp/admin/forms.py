"""Small help for administration's plain forms: dates, refusals that keep what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from bpmn.errors import GridWhistleError, InvalidInputError
from webapp.access import wants_json
from webapp.errors import status_of
from webapp.i18n import language

T = TypeVar("T")


def day(name: str, *, required: bool = False) -> date | None:
    """The date of a field (2026-11-22).

    :raises InvalidInputError: it is no date, or is missing though required.
    """
    text = request.form.get(name, "").strip()
    if not text and not required:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(fields={name: [("请填写日期。", "Please enter a date.")]}) from error


def done_or_shown(
    work: Callable[[], str], target: str, shown: Callable[[GridWhistleError], str]
) -> Response | tuple[str, int]:
    """Do it and go to `target` with the sentence it answers; refused, show the page again with the reason."""
    try:
        sentence = work()
    except GridWhistleError as error:
        if wants_json() or status_of(error) in {404, 500, 503}:
            raise
        return shown(error), status_of(error)
    flash(sentence)
    return redirect(target, 303)


def messages(error: GridWhistleError | None) -> dict[str, list[str]]:
    """Messages by field; those without a field under the empty name."""
    if error is None:
        return {}
    if isinstance(error, InvalidInputError):
        return error.fields(language())
    return {"": [error.message(language())]}
