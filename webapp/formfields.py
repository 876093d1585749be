"""Forms sent by a browser: what a form does not ask is refused by name, as the API does, never dropped in silence."""

from __future__ import annotations

from collections.abc import Collection

from werkzeug.datastructures import FileStorage, MultiDict

from bpmn.errors import InvalidInputError

TECHNICAL = frozenset({"csrf_token"})
"""What every form carries beside its answers."""
MOST_NAMED, LONGEST_NAME = 10, 40


def refuse_unknown(
    known: Collection[str],
    known_files: Collection[str],
    form: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
) -> None:
    """:raises InvalidInputError: something was sent that the form does not ask; each is named."""
    unknown = {*form} - {*known} - TECHNICAL | {*files} - {*known_files}
    if unknown:
        raise InvalidInputError(
            fields={
                name: [(f"没有“{name}”这一项。", f"There is no field “{name}”.")]
                for name in (each[:LONGEST_NAME] for each in sorted(unknown)[:MOST_NAMED])
            }
        )
