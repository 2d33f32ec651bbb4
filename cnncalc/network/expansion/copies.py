"""Copies of an entry that are alike: what the last two of them added says what each further one adds."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import islice
from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Span
from cnncalc.network.build import GraphBuilder
from cnncalc.network.graph import Block, Node, Ref, Run
from cnncalc.network.left_out import NotFolded

# Copies that are expanded before the others are made like them: the first takes what the others do not.
ALIKE = 3
# Copies from which on those between the third and the last are left out, where that is asked for.
LONG = 100
# Layers that all such repeats may stand for.
MOST_COUNTED = 2_000_000

Way = tuple[Ref, bool]  # a reference, and whether it moves on with each copy


class Numbered(dict[str, object]):
    """The number of a copy as `index`, and whether anything asked for it."""

    asked = False

    def __getitem__(self, name: str) -> Any:
        self.asked = True
        return super().__getitem__(name)


class Begin:
    """How much there was when a copy began: its name, and where its nodes and names start."""

    def __init__(self, wiring: GraphBuilder, name: str) -> None:
        self.name = name
        graph, work = wiring.graph, wiring.work
        self.node = len(graph.nodes)
        self.values, self.blocks, self.ends = len(wiring.values), len(graph.blocks), len(wiring.ends)
        self.steps, self.letters = work.steps, work.letters
        # What is noted of each copy by itself.
        self.single = wiring.faults, len(graph.notes), len(graph.expectations), len(graph.ambiguous), len(graph.runs)


class Unlike(Exception):
    """Two copies differ in more than their names and what they take from each other."""


class Pattern:
    """What a copy adds. References into the copies move with them, others stay. Raises `Unlike`."""

    def __init__(self, wiring: GraphBuilder, before: Begin, begin: Begin, ends: tuple[Ref, Ref]) -> None:
        """Two neighbours began at `before` and `begin` and give the `ends`; the second is the last one so far."""
        self.wiring = wiring
        graph, now = wiring.graph, Begin(wiring, "")
        self.before, self.begin = before.node, begin.node
        self.old, self.new, self.size = before.name, begin.name, now.node - begin.node
        if not self.size or begin.node - before.node != self.size or now.single != before.single:
            raise Unlike
        self.steps, self.letters = now.steps - begin.steps, now.letters - begin.letters
        nodes = zip(graph.nodes[before.node : begin.node], graph.nodes[begin.node :], strict=True)
        self.nodes = [self._node(old, new) for old, new in nodes]
        values = self._added(wiring.values, begin.values)
        self.values = [(name, self._ref(old, new)) for name, old, new in values]
        self.blocks = [self._block(name, old, new) for name, old, new in self._added(graph.blocks, begin.blocks)]
        self.ends = [(name, self._refs(old, new)) for name, old, new in self._added(wiring.ends, begin.ends)]
        self.output = self._ref(*ends)
        start = self.new + "."
        self.unnamed = [name[len(self.new) :] for name in wiring.unnamed if name.startswith(start)]

    def _added(self, table: dict[str, Any], begin: int) -> list[tuple[str, Any, Any]]:
        """What the last copy put into a table: the name behind the copy's, and the values of both."""
        found = []
        for name, new in islice(table.items(), begin, None):
            rest = self._rest(name, self.new)
            if self.old + rest not in table:
                raise Unlike
            found.append((rest, table[self.old + rest], new))
        return found

    def _rest(self, name: str, copy: str) -> str:
        if not name.startswith(copy):
            raise Unlike
        return name[len(copy) :]

    def _node(self, old: Node, new: Node) -> tuple[str, Node, list[Way], Way | None, bool]:
        rest = self._rest(new.name, self.new)
        if rest != self._rest(old.name, self.old) or old.layer is not new.layer or old.frozen != new.frozen:
            raise Unlike
        if (old.shares is None) != (new.shares is None):
            raise Unlike
        shares = None if old.shares is None or new.shares is None else self._ref(old.shares, new.shares)
        return rest, new, self._refs(old.inputs, new.inputs), shares, old.origin is not new.origin

    def _block(self, name: str, old: Block, new: Block) -> tuple[str, Block, list[Way], Way]:
        return name, new, self._refs(old.inputs, new.inputs), self._ref(old.output, new.output)

    def _refs(self, old: Sequence[Ref], new: Sequence[Ref]) -> list[Way]:
        if len(old) != len(new):
            raise Unlike
        return [self._ref(one, other) for one, other in zip(old, new, strict=True)]

    def _ref(self, old: Ref, new: Ref) -> Way:
        """A reference of the last copy and how it goes on."""
        if new == old:
            return new, False
        if _moved((old, True), self.size) != new:
            raise Unlike
        return new, True

    def add(self, name: str, times: int, span: Span) -> Ref:
        """Add a copy of that name, so many behind the last one; what it gives. `span` is where it would be too much."""
        wiring, by = self.wiring, times * self.size
        graph, numbers, work = wiring.graph, wiring.numbers, wiring.work
        work.layers(self.size, span)
        work.step(span, self.steps)
        work.named(self.letters + (len(name) - len(self.new)) * len(self.values), span)
        for rest, node, taken, shares, apart in self.nodes:
            origin = copy(node.origin) if apart else node.origin
            refs = tuple([ref + by if moves and type(ref) is int else _moved((ref, moves), by) for ref, moves in taken])
            shared: Any = None if shares is None else _moved(shares, by)
            numbers[name + rest] = len(graph.nodes)
            graph.nodes.append(Node(name + rest, node.layer, refs, origin, shared, node.frozen))
        wiring.unnamed.update([name + rest for rest in self.unnamed])
        for rest, way in self.values:
            wiring.values[name + rest] = _moved(way, by)
        for rest, old, ways, output in self.blocks:
            inputs = tuple([_moved(way, by) for way in ways])
            block = Block(old.start + by, old.stop + by, inputs, _moved(output, by), old.place)
            graph.blocks[name + rest] = block
        for rest, ways in self.ends:
            wiring.ends[name + rest] = [_moved(way, by) for way in ways]
        wiring.aliases([name + found[0] for found in self.nodes])
        wiring.aliases([name + found[0] for found in self.blocks])
        return _moved(self.output, by)

    def fold(self, full: str, count: int, span: Span) -> Ref:
        """Add the last of so many copies and leave out those before it; what it gives. Raises `Unlike`."""
        wiring, graph = self.wiring, self.wiring.graph
        wiring.counted += count * self.size
        if wiring.counted > MOST_COUNTED:
            raise NotFolded
        first = len(graph.inputs) + self.before  # of the copy before: none reaches further back
        for _, node, taken, shares, apart in self.nodes:
            kind = type(node.layer)
            if node.layer is None or any(moves and (r if isinstance(r, int) else r[0]) < first for r, moves in taken):
                raise Unlike
            if shares is not None and shares[1]:
                raise Unlike
            if apart and (kind.notes is not Layer.notes or kind.parallel == "matrix"):  # what is noted of each copy
                raise Unlike
        output = self.add(f"{full}.{count - 1}", 1, span)
        moves = tuple(tuple(moves for _, moves in taken) for _, _, taken, _, _ in self.nodes)
        graph.runs.append(Run(full, self.begin, self.begin + self.size, count - ALIKE - 1, moves))
        wiring.leave_out(full, frozenset(map(str, (*range(ALIKE), count - 1))))
        return output


def alike(
    wiring: GraphBuilder, full: str, begins: list[Begin], ends: tuple[Ref, Ref], numbers: range, span: Span
) -> list[Ref]:
    """Make the copies of these numbers where the last two were alike; what each gives, nothing elsewhere."""
    try:
        pattern = Pattern(wiring, begins[-2], begins[-1], ends)
    except Unlike:
        return []
    return [pattern.add(f"{full}.{index}", times, span) for times, index in enumerate(numbers, 1)]


def fold(
    wiring: GraphBuilder, full: str, begins: list[Begin], ends: tuple[Ref, Ref], count: int, span: Span
) -> list[Ref]:
    """What the last of so many copies gives, where those before it can be left out; nothing elsewhere."""
    try:
        return [Pattern(wiring, begins[-2], begins[-1], ends).fold(full, count, span)]
    except Unlike:
        return []


def _moved(way: Way, by: int) -> Ref:
    """A reference so much further, where it moves."""
    ref, moves = way
    if not moves:
        return ref
    return ref + by if isinstance(ref, int) else (ref[0] + by, ref[1])
