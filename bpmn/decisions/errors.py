"""Errors of the decision engine: each with a stable code, a place, and a sentence in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bpmn.errors import GridWhistleError


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a decision model: every part is optional, positions count from 1."""

    file: str | None = None
    line: int | None = None
    decision: str | None = None
    row: int | None = None
    column: int | None = None
    position: int | None = None

    def words(self, language: str) -> str:
        """`decision "Fee", row 3, column 2, character 7`, or the same in Chinese."""
        zh = language.startswith("zh")
        labels = (
            ("file", "文件 {}", "file {}"),
            ("line", "第 {} 行（文件）", "line {}"),
            ("decision", "决策“{}”", 'decision "{}"'),
            ("row", "第 {} 条规则", "row {}"),
            ("column", "第 {} 列", "column {}"),
            ("position", "第 {} 个字符", "character {}"),
        )
        parts = [
            (chinese if zh else english).format(value)
            for name, chinese, english in labels
            if (value := getattr(self, name)) is not None
        ]
        return ("，" if zh else ", ").join(parts)


class DecisionError(GridWhistleError):
    """A decision model cannot be read or evaluated. `error_code` says why, `place` says where."""

    code = "decision_error"
    en = "{where_en}{why_en}"
    zh = "{where_zh}{why_zh}"

    def __init__(self, error_code: str, *, zh: str, en: str, place: Place | None = None) -> None:
        self.error_code = error_code
        self.place = place or Place()
        self._why = (zh, en)
        where_zh, where_en = self.place.words("zh"), self.place.words("en")
        super().__init__(
            why_zh=zh,
            why_en=en,
            where_zh=f"{where_zh}：" if where_zh else "",
            where_en=f"{where_en}: " if where_en else "",
        )

    def at(self, **parts: str | int | None) -> DecisionError:
        """The same error with more of its place known; what is known already stays."""
        known = {name: value for name, value in parts.items() if getattr(self.place, name) is None}
        return DecisionError(
            self.error_code,
            zh=self._why[0],
            en=self._why[1],
            place=replace(self.place, **known),  # type: ignore[arg-type]
        )


class BudgetExceededError(DecisionError):
    """An expression took more steps, or built a larger value, than it may."""

    def __init__(self, *, zh: str = "计算步数超出上限", en: str = "the evaluation exceeds its step budget") -> None:
        super().__init__("budget_exceeded", zh=zh, en=en)
