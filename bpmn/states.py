"""One transition table per noun: which change of status is legal. Whether it is allowed is for the services.

The history row beside a change is written by the service that makes it, in the same statement or transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Table:
    """The legal changes of one noun; a change from a status to itself is never one."""

    noun_zh: str
    noun_en: str
    changes: Mapping[str, frozenset[str]]
    words: Mapping[str, tuple[str, str]]

    def check(self, before: str, after: str) -> str:
        """Answer `after`.

        :raises ConflictError: the change is not in the table.
        """
        if after not in self.changes.get(before, ()):
            zh, en = self.words.get(before, (before, before))
            raise ConflictError(
                why_zh=f"{self.noun_zh}当前状态为“{zh}”",
                why_en=f"the {self.noun_en} is {en}",
                status=before,
                wanted=after,
            )
        return after

    def is_final(self, status: str) -> bool:
        return not self.changes.get(status)


def _table(noun_zh: str, noun_en: str, changes: str, **words: tuple[str, str]) -> Table:
    """`changes` reads `before -> after, after; before -> after`."""
    legal: dict[str, frozenset[str]] = {}
    for part in changes.split(";"):
        before, _, after = part.partition("->")
        legal[before.strip()] = frozenset(word.strip() for word in after.split(",") if word.strip())
    return Table(noun_zh, noun_en, legal, words)


DEFINITION = _table(
    "流程版本",
    "process version",
    "draft -> active, retired; active -> superseded, retired; superseded -> active, retired; retired -> active",
    draft=("草稿", "a draft"),
    active=("生效", "active"),
    superseded=("被替代", "superseded"),
    retired=("停用", "retired"),
)
INSTANCE = _table(
    "流程",
    "process instance",
    "running -> completed, cancelled, suspended; suspended -> running, cancelled; completed -> ; cancelled -> ",
    running=("运行中", "running"),
    suspended=("挂起", "suspended"),
    completed=("已结束", "completed"),
    cancelled=("已取消", "cancelled"),
)
TASK = _table(
    "任务",
    "task",
    "open -> claimed, completed, cancelled; claimed -> open, claimed, delegated, completed, cancelled;"
    "delegated -> claimed, delegated, open, cancelled; completed -> ; cancelled -> ",
    open=("待领取", "open"),
    claimed=("已领取", "claimed"),
    delegated=("已委托", "delegated"),
    completed=("已完成", "completed"),
    cancelled=("已取消", "cancelled"),
)
MESSAGE = _table(
    "消息",
    "message",
    "buffered -> correlated, expired; correlated -> ; expired -> ",
    buffered=("待匹配", "buffered"),
    correlated=("已匹配", "correlated"),
    expired=("已过期", "expired"),
)
JOB = _table(
    "作业",
    "job",
    "waiting -> locked, failed, waiting; locked -> waiting, locked, failed; failed -> waiting",
    waiting=("等待中", "waiting"),
    locked=("执行中", "locked"),
    failed=("失败", "failed"),
)
DECISION = _table(
    "规则版本",
    "rule version",
    "draft -> published, withdrawn; published -> withdrawn; withdrawn -> ",
    draft=("草稿", "a draft"),
    published=("已发布", "published"),
    withdrawn=("已撤回", "withdrawn"),
)
