"""Counted time as an increasing function of real time: the pure arithmetic under every clock.

A timeline is a sorted list of intervals in which time counts, with prefix sums; a position is the counted time
from its beginning. Every question is one or two binary searches. Moments are integers (microseconds since 1970
UTC), so nothing rounds. What counts is decided by `working_calendar`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate

Interval = tuple[int, int]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The UTC moment of `us` microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted, disjoint intervals covering the same time; touching and overlapping ones become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


class Timeline:
    """Counted time over disjoint half-open intervals [start, end). Immutable."""

    __slots__ = ("_ends", "_starts", "_sums")

    def __init__(self, intervals: Iterable[Interval]) -> None:
        pairs = merge(intervals)
        self._starts = [start for start, _ in pairs]
        self._ends = [end for _, end in pairs]
        self._sums = list(accumulate(end - start for start, end in pairs))

    @property
    def total(self) -> int:
        """All counted time."""
        return self._sums[-1] if self._sums else 0

    def position(self, at: int) -> int:
        """Counted time before `at`."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0
        return self._sums[index] - max(self._ends[index] - at, 0)

    def earliest(self, position: int) -> int | None:
        """The first moment at which `position` has been counted: 12:00, not 14:00. None: beyond the end."""
        index = bisect_left(self._sums, position)
        if index == len(self._sums):
            return None
        return self._ends[index] - (self._sums[index] - position)
