"""A finding: what is wrong with a file, where, and what to do about it.

A value; found by `bpmn.xmlfiles` and `bpmn.checker`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing at one place. `line` is 1-based, 0 when the file as a whole is meant; `element_id` may be empty.

    An error refuses the deployment; a warning is told and lets it pass.
    """

    file: str
    line: int
    element_id: str
    severity: Severity
    code: str
    """Stable, `subject.problem`: `gateway.condition_missing`."""
    zh: str
    en: str
    element_name: str = ""
    repair_zh: str = ""
    repair_en: str = ""

    def text(self, language: str = "en") -> str:
        """The message and, where there is one, the repair."""
        zh = language.startswith("zh")
        message, repair = (self.zh, self.repair_zh) if zh else (self.en, self.repair_en)
        if not repair:
            return message
        return f"{message}建议：{repair}" if zh else f"{message} Repair: {repair}"

    def as_line(self, language: str = "en") -> str:
        """`file:line: element-id: error: code: message`, the line that `gridwhistle check` prints."""
        message = " ".join(self.text(language).split())
        return f"{self.file}:{self.line}: {self.element_id or '-'}: {self.severity}: {self.code}: {message}"


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that refuse a deployment."""
    return [finding for finding in findings if finding.severity == "error"]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Without repeats, by file and line, errors before warnings."""
    return sorted(set(findings), key=lambda f: (f.file, f.line, f.severity, f.code, f.element_id))
