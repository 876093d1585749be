"""Random models built from blocks, and a small token game that says what each must do.

A block draws itself as BPMN between an entry and an exit; `begin` gives its token game: `waits` are tickets (element
id and the game that holds it) of what waits, `answer` takes one, `done` says whether the block's token has left.
The token game follows the standard directly on the blocks and shares nothing with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import strategies as st

from tests.unit.engine.models import timer

ROOTS = '<error id="err" errorCode="E"/>'
Ticket = tuple[str, "Game"]


class Drawing:
    """Collects the XML of one scope after another, and gives ids."""

    def __init__(self) -> None:
        self.count = 0
        self.parts: list[str] = []

    def new(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def add(self, element: str) -> None:
        self.parts.append(element)

    def flow(self, source: str, target: str, condition: str = "") -> str:
        identifier = self.new("f")
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        self.add(f'<sequenceFlow id="{identifier}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>')
        return identifier


class Scope:
    """A running process or subprocess of the token game: its main token and those beside it."""

    def __init__(self) -> None:
        self.beside: list[Game] = []

    def waits(self) -> list[Ticket]:
        return [wait for game in self.beside for wait in game.waits()]

    def answer(self, ticket: Ticket) -> bool:
        return any(game.answer(ticket) for game in self.beside)

    @property
    def done(self) -> bool:
        return all(game.done for game in self.beside)


class Game:
    """The token game of one block."""

    done = False

    def waits(self) -> list[Ticket]:
        return []

    def answer(self, ticket: Ticket) -> bool:
        """Answer this ticket, if it is one of this game's."""
        return False


@dataclass
class Block:
    """Draws itself; returns (entry id, exit id)."""

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        raise NotImplementedError

    def begin(self, scope: Scope) -> Game:
        raise NotImplementedError


# --- leaves -----------------------------------------------------------------------------------------------------


@dataclass
class Leaf(Block):
    """A user task, or something that does not wait."""

    kind: str
    id: str = ""

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        self.id = drawing.new("n")
        body = {
            "userTask": f'<userTask id="{self.id}"/>',
            "timer": f'<intermediateCatchEvent id="{self.id}">{timer("PT1H")}</intermediateCatchEvent>',
            "task": f'<task id="{self.id}"/>',
            "script": f'<scriptTask id="{self.id}"><script>last = "{self.id}"</script></scriptTask>',
        }
        drawing.add(body[self.kind])
        return self.id, self.id

    def begin(self, scope: Scope) -> Game:
        return LeafGame(self.id, self.kind in ("userTask", "timer"))


class LeafGame(Game):
    def __init__(self, element: str, waiting: bool) -> None:
        self.element = element
        self.done = not waiting

    def waits(self) -> list[Ticket]:
        return [] if self.done else [(self.element, self)]

    def answer(self, ticket: Ticket) -> bool:
        if self.done or ticket[1] is not self:
            return False
        self.done = True
        return True


# --- sequences and gateways -------------------------------------------------------------------------------------


@dataclass
class Sequence(Block):
    parts: list[Block]

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        ends = [part.draw(drawing) for part in self.parts]
        for (_, before), (after, _) in pairwise(ends):
            drawing.flow(before, after)
        return ends[0][0], ends[-1][1]

    def begin(self, scope: Scope) -> Game:
        return SequenceGame(self.parts, scope)


class SequenceGame(Game):
    """One part after another; `count` rounds of all of them."""

    def __init__(self, parts: list[Block], scope: Scope, count: int = 1) -> None:
        self.left = [part for _ in range(count) for part in parts]
        self.scope = scope
        self.now: Game | None = None
        self._go_on()

    def _go_on(self) -> None:
        while self.now is None or self.now.done:
            if not self.left:
                self.done = True
                return
            self.now = self.left.pop(0).begin(self.scope)

    def waits(self) -> list[Ticket]:
        return [] if self.done or self.now is None else self.now.waits()

    def answer(self, ticket: Ticket) -> bool:
        if self.done or self.now is None or not self.now.answer(ticket):
            return False
        self._go_on()
        return True


class AllGame(Game):
    """Several at once; done when all are."""

    def __init__(self, games: list[Game]) -> None:
        self.games = games

    @property
    def done(self) -> bool:  # type: ignore[override]
        return all(game.done for game in self.games)

    def waits(self) -> list[Ticket]:
        return [wait for game in self.games for wait in game.waits()]

    def answer(self, ticket: Ticket) -> bool:
        return any(game.answer(ticket) for game in self.games)


@dataclass
class Split(Block):
    """A gateway pair; `taken` are the branches whose condition holds."""

    kind: str
    parts: list[Block]
    taken: frozenset[int]

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        split, join = drawing.new("g"), drawing.new("g")
        flows = []
        for index, part in enumerate(self.parts):
            entry, end = part.draw(drawing)
            condition = "" if self.kind == "parallelGateway" or index == 0 else str(index in self.taken)
            flows.append(drawing.flow(split, entry, condition))
            drawing.flow(end, join)
        default = "" if self.kind == "parallelGateway" else f' default="{flows[0]}"'
        drawing.add(f'<{self.kind} id="{split}"{default}/><{self.kind} id="{join}"/>')
        return split, join

    def begin(self, scope: Scope) -> Game:
        if self.kind == "parallelGateway":
            chosen = list(range(len(self.parts)))
        else:
            chosen = sorted(index for index in self.taken if 0 < index < len(self.parts)) or [0]
            chosen = chosen[:1] if self.kind == "exclusiveGateway" else chosen
        return AllGame([self.parts[index].begin(scope) for index in chosen])


@dataclass
class Rounds(Block):
    """A loop back, `count` rounds in all, counted by a script."""

    part: Block
    count: int

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        first, merge, add, again = (drawing.new(kind) for kind in ("i", "g", "a", "g"))
        entry, end = self.part.draw(drawing)
        drawing.add(f'<scriptTask id="{first}"><script>{first} = 0</script></scriptTask>')
        drawing.add(f'<scriptTask id="{add}"><script>{first} = {first} + 1</script></scriptTask>')
        drawing.flow(first, merge)
        drawing.flow(merge, entry)
        drawing.flow(end, add)
        drawing.flow(add, again)
        back = drawing.flow(again, merge, f"{first} &lt; {self.count}")
        out = drawing.new("o")
        default = drawing.flow(again, out)
        drawing.add(f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{again}" default="{default}"/>')
        drawing.add(f'<task id="{out}"/>')
        assert back
        return first, out

    def begin(self, scope: Scope) -> Game:
        return SequenceGame([self.part], scope, self.count)


@dataclass
class Choice(Block):
    """An event gateway before timers, each with its branch."""

    parts: list[Block]
    events: list[str] = field(default_factory=list)

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        split, join = drawing.new("g"), drawing.new("g")
        self.events = []
        for part in self.parts:
            event = drawing.new("e")
            self.events.append(event)
            drawing.add(f'<intermediateCatchEvent id="{event}">{timer("PT2H")}</intermediateCatchEvent>')
            entry, end = part.draw(drawing)
            drawing.flow(split, event)
            drawing.flow(event, entry)
            drawing.flow(end, join)
        drawing.add(f'<eventBasedGateway id="{split}"/><exclusiveGateway id="{join}"/>')
        return split, join

    def begin(self, scope: Scope) -> Game:
        return ChoiceGame(self, scope)


class ChoiceGame(Game):
    def __init__(self, block: Choice, scope: Scope) -> None:
        self.block = block
        self.scope = scope
        self.chosen: Game | None = None

    @property
    def done(self) -> bool:  # type: ignore[override]
        return self.chosen is not None and self.chosen.done

    def waits(self) -> list[Ticket]:
        return [(event, self) for event in self.block.events] if self.chosen is None else self.chosen.waits()

    def answer(self, ticket: Ticket) -> bool:
        if self.chosen is not None:
            return self.chosen.answer(ticket)
        if ticket[1] is not self:
            return False
        self.chosen = self.block.parts[self.block.events.index(ticket[0])].begin(self.scope)
        return True


# --- scopes -----------------------------------------------------------------------------------------------------


class ScopeGame(Game):
    """A subprocess or process: done when nothing in it is left."""

    def __init__(self, part: Block) -> None:
        self.scope = Scope()
        self.main: Game = part.begin(self.scope)

    @property
    def done(self) -> bool:  # type: ignore[override]
        return self.main.done and self.scope.done

    def waits(self) -> list[Ticket]:
        return [] if self.done else [*self.main.waits(), *self.scope.waits()]

    def answer(self, ticket: Ticket) -> bool:
        return not self.done and (self.main.answer(ticket) or self.scope.answer(ticket))


@dataclass
class Sub(Block):
    """A subprocess, alone, or repeated as multi-instance, with an optional boundary timer and its branch."""

    part: Block
    instances: int = 0
    sequential: bool = False
    boundary: Block | None = None
    interrupting: bool = True
    event: str = ""

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        sub, start, end = drawing.new("s"), drawing.new("b"), drawing.new("x")
        loop = ""
        if self.instances:
            loop = (
                f'<multiInstanceLoopCharacteristics isSequential="{str(self.sequential).lower()}"><loopCardinality>'
                f"{self.instances}</loopCardinality></multiInstanceLoopCharacteristics>"
            )
        drawing.add(f'<subProcess id="{sub}">{loop}<startEvent id="{start}"/><endEvent id="{end}"/>')
        entry, out = self.part.draw(drawing)
        drawing.flow(start, entry)
        drawing.flow(out, end)
        drawing.add("</subProcess>")
        exit_ = sub
        if self.boundary is not None:
            exit_ = self._draw_boundary(drawing, sub)
        return sub, exit_

    def _draw_boundary(self, drawing: Drawing, sub: str) -> str:
        assert self.boundary is not None
        self.event = drawing.new("t")
        cancels = str(self.interrupting).lower()
        drawing.add(
            f'<boundaryEvent id="{self.event}" attachedToRef="{sub}" cancelActivity="{cancels}">{timer("PT3H")}'
            "</boundaryEvent>"
        )
        entry, out = self.boundary.draw(drawing)
        drawing.flow(self.event, entry)
        if not self.interrupting:
            end = drawing.new("x")
            drawing.add(f'<endEvent id="{end}"/>')
            drawing.flow(out, end)
            return sub
        merge = drawing.new("g")
        drawing.add(f'<exclusiveGateway id="{merge}"/>')
        drawing.flow(sub, merge)
        drawing.flow(out, merge)
        return merge

    def begin(self, scope: Scope) -> Game:
        return SubGame(self, scope)


class Instances(Block):
    """One instance of a subprocess as a block, so that a sequence can repeat it."""

    def __init__(self, part: Block) -> None:
        self.part = part

    def begin(self, scope: Scope) -> Game:
        return ScopeGame(self.part)


class SubGame(Game):
    def __init__(self, block: Sub, scope: Scope) -> None:
        self.block = block
        self.scope = scope
        self.inner: Game
        if not block.instances:
            self.inner = ScopeGame(block.part)
        elif block.sequential:
            self.inner = SequenceGame([Instances(block.part)], scope, block.instances)
        else:
            self.inner = AllGame([ScopeGame(block.part) for _ in range(block.instances)])
        self.armed = block.boundary is not None
        self.after: Game | None = None

    @property
    def done(self) -> bool:  # type: ignore[override]
        return self.inner.done if self.after is None else self.after.done

    def waits(self) -> list[Ticket]:
        if self.after is not None:
            return self.after.waits()
        if self.inner.done:
            return []
        return [*self.inner.waits(), *([(self.block.event, self)] if self.armed else [])]

    def answer(self, ticket: Ticket) -> bool:
        if self.after is not None:
            return self.after.answer(ticket)
        if self.armed and ticket[1] is self and not self.inner.done:
            assert self.block.boundary is not None
            self.armed = False
            if self.block.interrupting:
                self.after = self.block.boundary.begin(self.scope)
            else:
                self.scope.beside.append(self.block.boundary.begin(self.scope))
            return True
        return self.inner.answer(ticket)


# --- errors and event subprocesses ----------------------------------------------------------------------------------


@dataclass
class Failing(Block):
    """A subprocess that always ends with an error, and the branch of its error boundary event."""

    part: Block
    handler: Block

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        sub, start, end, boundary, merge = (drawing.new(kind) for kind in "sbxrg")
        drawing.add(f'<subProcess id="{sub}"><startEvent id="{start}"/>')
        drawing.add(f'<endEvent id="{end}"><errorEventDefinition errorRef="err"/></endEvent>')
        entry, out = self.part.draw(drawing)
        drawing.flow(start, entry)
        drawing.flow(out, end)
        drawing.add("</subProcess>")
        drawing.add(f'<boundaryEvent id="{boundary}" attachedToRef="{sub}"><errorEventDefinition errorRef="err"/>')
        drawing.add(f'</boundaryEvent><exclusiveGateway id="{merge}"/>')
        entry, out = self.handler.draw(drawing)
        drawing.flow(boundary, entry)
        drawing.flow(out, merge)
        drawing.flow(sub, merge)
        return sub, merge

    def begin(self, scope: Scope) -> Game:
        return SequenceGame([MainOnly(self.part), self.handler], scope)


class MainOnly(Block):
    """A scope that ends, with all beside it, as soon as its main token has reached the end."""

    def __init__(self, part: Block) -> None:
        self.part = part

    def begin(self, scope: Scope) -> Game:
        return MainOnlyGame(self.part)


class MainOnlyGame(ScopeGame):
    @property
    def done(self) -> bool:
        return self.main.done


@dataclass
class Watched(Block):
    """A subprocess with an event subprocess in it that a timer starts."""

    part: Block
    handler: Block
    interrupting: bool
    event: str = ""

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        sub, start, end, inner = (drawing.new(kind) for kind in "sbxs")
        self.event = drawing.new("w")
        drawing.add(f'<subProcess id="{sub}"><startEvent id="{start}"/><endEvent id="{end}"/>')
        entry, out = self.part.draw(drawing)
        drawing.flow(start, entry)
        drawing.flow(out, end)
        drawing.add(f'<subProcess id="{inner}" triggeredByEvent="true">')
        interrupts = str(self.interrupting).lower()
        drawing.add(f'<startEvent id="{self.event}" isInterrupting="{interrupts}">{timer("PT4H")}</startEvent>')
        entry, _ = self.handler.draw(drawing)
        drawing.flow(self.event, entry)
        drawing.add("</subProcess></subProcess>")
        return sub, sub

    def begin(self, scope: Scope) -> Game:
        return WatchedGame(self)


class WatchedGame(ScopeGame):
    def __init__(self, block: Watched) -> None:
        super().__init__(block.part)
        self.block = block
        self.armed = True

    def waits(self) -> list[Ticket]:
        armed: list[Ticket] = [(self.block.event, self)] if self.armed and not self.done else []
        return [*super().waits(), *armed]

    def answer(self, ticket: Ticket) -> bool:
        if ticket[1] is not self:
            return super().answer(ticket)
        self.armed = False
        handler = ScopeGame(self.block.handler)
        if self.block.interrupting:
            self.main, self.scope = handler, Scope()
        else:
            self.scope.beside.append(handler)
        return True


# --- strategy ---------------------------------------------------------------------------------------------------

_LEAVES = st.builds(Leaf, st.sampled_from(["userTask", "userTask", "timer", "task", "script"]))


def _combine(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(blocks, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Sequence, several),
        st.builds(
            Split,
            st.sampled_from(["parallelGateway", "exclusiveGateway", "inclusiveGateway"]),
            several,
            st.frozensets(st.integers(0, 2)),
        ),
        st.builds(Rounds, blocks, st.integers(1, 3)),
        st.builds(Choice, several),
        st.builds(Failing, blocks, blocks),
        st.builds(Watched, blocks, blocks, st.booleans()),
        st.builds(
            Sub,
            blocks,
            st.sampled_from([0, 0, 1, 2, 3]),
            st.booleans(),
            st.one_of(st.none(), blocks),
            st.booleans(),
        ),
    )


def models() -> st.SearchStrategy[Block]:
    """Blocks of up to about a dozen leaves."""
    return st.recursive(_LEAVES, _combine, max_leaves=12)


def draw_process(block: Block) -> str:
    """The body of a process around a block."""
    drawing = Drawing()
    entry, out = block.draw(drawing)
    drawing.add('<startEvent id="begin"/><endEvent id="finish"/>')
    drawing.flow("begin", entry)
    drawing.flow(out, "finish")
    return "\n".join(drawing.parts)
