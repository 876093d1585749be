"""What a decision table leaves open, says twice or never says: gaps, overlaps, shadowed and unreachable rules.

Every input column is cut into elementary parts on which no cell changes its mind: single texts and "any other text",
numbers and the open intervals between them. The table is then walked column by column with the set of rules still in
the race; parts with the same set go together, so that tables of hundreds of rules are done in milliseconds. Cells that
are no plain constants (`not(…)`, functions, other inputs) are taken as "may hit", and the result says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bpmn.decisions.index import ColumnIndex, Interval
from bpmn.decisions.table import Table

MOST_NODES = 200_000
MOST_FINDINGS = 200

Region = tuple[str, ...]
"""One unary test for each input column, as FEEL."""


@dataclass(frozen=True, slots=True)
class Part:
    """An elementary part of a column: its FEEL text and the rules (bits) whose cell accepts it."""

    text: str
    accepted: int


@dataclass(slots=True)
class Analysis:
    """Rules count from 1. `exact` is False when a cell is no plain constant; `complete` when the budget held."""

    gaps: list[Region] = field(default_factory=list)
    overlaps: list[tuple[tuple[int, ...], Region]] = field(default_factory=list)
    """Rules that answer together, with one region where they do."""
    shadowed: list[int] = field(default_factory=list)
    """Rules that never answer, because earlier ones always do (policies F and U)."""
    unreachable: list[int] = field(default_factory=list)
    """Rules that no input can hit."""
    exact: bool = True
    complete: bool = True


def analyse(table: Table) -> Analysis:
    """Look at every region of the table's inputs."""
    columns = [_parts(column.index) for column in table.inputs]
    walk = _Walk(columns, len(table.outputs_of))
    walk.run()
    analysis = Analysis(complete=walk.nodes <= MOST_NODES)
    analysis.exact = not any(column.index.opaque for column in table.inputs)
    certain = _certain(table)
    analysis.gaps = walk.gaps if not table_has_default(table) else []
    analysis.overlaps = [
        (tuple(rule + 1 for rule in _rules(hits)), region) for hits, region in walk.overlaps.items() if hits & certain
    ]
    if analysis.complete:
        analysis.unreachable = [rule + 1 for rule in range(len(table.outputs_of)) if not walk.hit >> rule & 1]
        first = walk.answers_first(certain)
        if table.policy in "FU":
            analysis.shadowed = [
                rule + 1
                for rule in range(len(table.outputs_of))
                if not first >> rule & 1 and rule + 1 not in analysis.unreachable
            ]
    return analysis


def table_has_default(table: Table) -> bool:
    """Whether inputs that no rule hits are answered all the same."""
    return any(output.default is not None for output in table.outputs)


def _certain(table: Table) -> int:
    """The rules (bits) all of whose cells are plain constants or `-`."""
    opaque = 0
    for column in table.inputs:
        opaque |= column.index.opaque
    return ((1 << len(table.outputs_of)) - 1) & ~opaque


def _rules(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _parts(index: ColumnIndex) -> list[Part]:
    """The elementary parts of a column."""
    always = index.anything | index.opaque
    if not index.equal and not index.ordered:
        return [Part("-", always)]
    return [*_text_parts(index, always), *_number_parts(index, always)]


def _text_parts(index: ColumnIndex, always: int) -> Iterator[Part]:
    if not index.equal:
        return
    truths = [value for value in index.equal if isinstance(value, bool)]
    texts = [value for value in index.equal if isinstance(value, str)]
    for value in texts:
        yield Part(f'"{value}"', always | index.equal[value])
    if texts:
        yield Part(f"not({', '.join(chr(34) + value + chr(34) for value in texts)})", always)
    if truths:
        for truth in (True, False):
            yield Part("true" if truth else "false", always | index.equal.get(truth, 0))


def _number_parts(index: ColumnIndex, always: int) -> Iterator[Part]:
    if not index.ordered:
        return
    bounds = index.bounds
    for place, bound in enumerate(bounds):
        low = bounds[place - 1] if place else None
        yield _between(index, always, low, bound)
        yield Part(f"{bound:f}", always | _accepting(index.ordered, bound))
    yield _between(index, always, bounds[-1], None)


def _between(index: ColumnIndex, always: int, low: Decimal | None, high: Decimal | None) -> Part:
    if low is None:
        assert high is not None
        return Part(f"< {high:f}", always | _accepting(index.ordered, high - 1))
    if high is None:
        return Part(f"> {low:f}", always | _accepting(index.ordered, low + 1))
    return Part(f"({low:f}..{high:f})", always | _accepting(index.ordered, (low + high) / 2))


def _accepting(ordered: Sequence[tuple[Interval, int]], value: Decimal) -> int:
    accepted = 0
    for interval, bit in ordered:
        if interval.contains(value):
            accepted |= bit
    return accepted


def _together(parts: list[Part]) -> list[Part]:
    """Neighbouring parts with the same rules as one part."""
    joined: list[list[Part]] = []
    for part in parts:
        if joined and joined[-1][-1].accepted == part.accepted and _is_number(part) == _is_number(joined[-1][-1]):
            joined[-1].append(part)
        else:
            joined.append([part])
    return [Part(_joined_text([part.text for part in group]), group[0].accepted) for group in joined]


def _is_number(part: Part) -> bool:
    return part.text[0] not in 'nft"'


def _joined_text(texts: list[str]) -> str:
    """`5`, `(5..10)`, `10` as `[5..10]`; texts one after the other."""
    if len(texts) == 1 or texts[0][0] in 'nft"':
        return ", ".join(texts)
    low, high = _low_end(texts[0]), _high_end(texts[-1])
    if low is None and high is None:
        return "-"
    if low is None:
        return f"{'<=' if high and high[1] else '<'} {high[0]}" if high else "-"
    if high is None:
        return f"{'>=' if low[1] else '>'} {low[0]}"
    return f"{'[' if low[1] else '('}{low[0]}..{high[0]}{']' if high[1] else ')'}"


def _low_end(text: str) -> tuple[str, bool] | None:
    if text.startswith("<"):
        return None
    if text.startswith(">"):
        return text[2:], False
    return (text[1:].split("..", maxsplit=1)[0], False) if text.startswith("(") else (text, True)


def _high_end(text: str) -> tuple[str, bool] | None:
    if text.startswith(">"):
        return None
    if text.startswith("<"):
        return text[2:], False
    return (text[:-1].split("..")[1], False) if text.startswith("(") else (text, True)


class _Walk:
    """Goes through all regions; what lies below the same column with the same rules is walked once."""

    def __init__(self, columns: list[list[Part]], rules: int) -> None:
        self.columns = columns
        self.all = (1 << rules) - 1
        self.nodes = 0
        self.hit = 0
        self.gaps: list[Region] = []
        self.overlaps: dict[int, Region] = {}
        self.endings: set[int] = set()
        self.known: dict[tuple[int, int], list[Region]] = {}

    def run(self) -> None:
        self.gaps = self._down(0, self.all, ())

    def _down(self, column: int, candidates: int, region: Region) -> list[Region]:
        """The gaps from `column` on, as regions of the remaining columns."""
        self.nodes += 1
        if not candidates:
            return [("-",) * (len(self.columns) - column)]
        if column == len(self.columns):
            self._ending(candidates, region)
            return []
        key = (column, candidates)
        if key not in self.known and self.nodes <= MOST_NODES:
            gaps = [
                (text, *rest)
                for text, remaining in self._branches(column, candidates)
                for rest in self._down(column + 1, remaining, (*region, text))
            ]
            self.known[key] = gaps[:MOST_FINDINGS]
        return self.known.get(key, [])

    def _branches(self, column: int, candidates: int) -> list[tuple[str, int]]:
        """The parts of a column, those that leave the same rules together."""
        runs = _together([Part(part.text, candidates & part.accepted) for part in self.columns[column]])
        groups: dict[int, list[str]] = {}
        for part in runs:
            groups.setdefault(part.accepted, []).append(part.text)
        return [(", ".join(texts) if len(groups) > 1 else "-", rest) for rest, texts in groups.items()]

    def _ending(self, candidates: int, region: Region) -> None:
        self.hit |= candidates
        self.endings.add(candidates)
        if candidates & (candidates - 1) and len(self.overlaps) < MOST_FINDINGS:
            self.overlaps.setdefault(candidates, region)

    def answers_first(self, certain: int) -> int:
        """The rules that are first somewhere; one that is not certain never hides those behind it."""
        found = 0
        for candidates in self.endings:
            for rule in _rules(candidates):
                found |= 1 << rule
                if certain >> rule & 1:
                    break
        return found
