"""Checks decision models by compiling them; what is wrong is known to the decision engine."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn import xmlfiles
from bpmn.findings import Finding


def check(file: str, files: Mapping[str, bytes]) -> list[Finding]:
    """The findings of one `.dmn` file."""
    if not file.lower().endswith(".dmn"):
        return []
    document = xmlfiles.read(file, files[file])
    if isinstance(document, Finding):
        return [document]
    # Loaded when needed: most checks concern diagrams only.
    from bpmn.decisions import DecisionError, load_files

    try:
        load_files(files, file)
    except DecisionError as error:
        place = error.place
        line = place.line or 1
        return [
            Finding(
                file,
                line,
                place.decision or "",
                "error",
                f"decision.{error.error_code}",
                error.message("zh"),
                error.message("en"),
            )
        ]
    return []
