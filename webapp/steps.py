"""The names of steps in the language of the page. Diagrams are labelled in Chinese; English names are kept here.

A step without an English name keeps its label, so that a diagram changed today reads well at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from webapp.i18n import is_chinese

ENGLISH: Mapping[str, Mapping[str, str]] = {
    "case_handling": {
        "Task_Verify": "Verify",
        "Task_ReviewSelfHandled": "Review",
        "Task_Accept": "Accept",
        "Task_File": "File",
        "Task_Decide": "Decide",
        "Task_Dispatch": "Dispatch",
        "Task_SignFor": "Sign for",
        "Task_Handle": "Handle",
        "Task_Inspect": "Inspect",
        "Task_Close": "Close",
    }
}
"""Process and element to a name short enough for a column."""


def step_name(process_key: str, element_id: str, label: str) -> str:
    """The label, or its English name on an English page."""
    if is_chinese():
        return label
    return ENGLISH.get(process_key, {}).get(element_id, label)
