"""The nesting of a network's blocks, and which neighbours are copies of each other."""

from __future__ import annotations

from functools import lru_cache

from cnncalc.diagram.words import UNNAMED
from cnncalc.network.graph import Graph, Ref
from cnncalc.network.report import Report


class Item:
    """A block, with `children`, or one layer: the nodes start..stop-1."""

    __slots__ = ("children", "name", "start", "stop")

    def __init__(self, name: str, start: int, stop: int, children: list[Item] | None = None) -> None:
        self.name = name
        self.start = start
        self.stop = stop
        self.children = children

    @property
    def word(self) -> str:
        """The last word of its name."""
        return self.name.rpartition(".")[2]

    @property
    def numbered(self) -> bool:
        """Whether it is one of several copies by its name: `h.0`."""
        return self.word.isdigit() and "." in self.name

    @property
    def unnamed(self) -> bool:
        """Whether nobody named it: a group as such, or a branch of one."""
        words = self.name.split(".")
        branch = len(words) > 1 and words[-1].isdigit() and words[-2].startswith("parallel_")
        return branch or UNNAMED.fullmatch(words[-1]) is not None


def tree(graph: Graph) -> list[Item]:
    """The outermost blocks and layers, in order; blocks without layers are left out."""
    end = len(graph.nodes)
    top: list[Item] = []
    # What is open, outermost first: where it stops, its children, and the first node that is in none of them yet.
    stops, inner, reached = [end], [top], [0]
    found = [(block.start, -block.stop, name.count("."), name) for name, block in graph.blocks.items()]
    for start, stop, _, name in [*sorted(found), (end, -end, 0, "")]:
        while len(stops) > 1 and stops[-1] <= start:
            _fill(graph, inner[-1], reached[-1], stops[-1])
            inner.pop()
            reached.pop()
            reached[-1] = stops.pop()
        _fill(graph, inner[-1], reached[-1], start)
        reached[-1] = start
        if start < -stop:
            children: list[Item] = []
            inner[-1].append(Item(name, start, -stop, children))
            stops.append(-stop)
            inner.append(children)
            reached.append(start)
    return top


def _fill(graph: Graph, into: list[Item], start: int, stop: int) -> None:
    """The layers that are in no block of their own."""
    into.extend(Item(graph.nodes[number].name, number, number + 1) for number in range(start, stop))


class Copies:
    """Which neighbours are alike: same layers, options, parameters and shapes, one reading the other."""

    def __init__(self, report: Report) -> None:
        graph = report.graph
        self.inputs = len(graph.inputs)
        self.nodes = graph.nodes
        self.kinds = _kinds(report)
        # The last node that takes each node's value; the network's output is taken by what comes after all.
        self.last = [0] * len(graph.nodes)
        for number, node in enumerate(graph.nodes):
            for ref in node.inputs:
                at = _parted(ref)[0] - self.inputs
                if at >= 0:
                    self.last[at] = number
        out = _parted(graph.output)[0] - self.inputs
        if out >= 0:
            self.last[out] = len(graph.nodes)

    def runs(self, items: list[Item]) -> list[list[Item]]:
        """The items, neighbours that are alike together."""
        found: list[list[Item]] = []
        for item in items:
            if found and self.alike(found[-1], item):
                found[-1].append(item)
            else:
                found.append([item])
        return found

    def alike(self, run: list[Item], item: Item) -> bool:
        """Whether an item continues a run of copies."""
        first, before = run[0], run[-1]
        if (first.children is None) != (item.children is None) or before.stop != item.start:
            return False
        if first.stop - first.start != item.stop - item.start:
            return False
        if item.children is None and not (first.numbered and item.numbered):
            return False
        if max(self.last[before.start : before.stop]) >= item.stop:  # a later layer reads an inner copy
            return False
        width = item.stop - item.start
        return (
            self.kinds[first.start : first.stop] == self.kinds[item.start : item.stop]
            and _forms(first) == _forms(item)
            and all(self.wired(run, item, offset) for offset in range(width))
        )

    def wired(self, run: list[Item], item: Item, offset: int) -> bool:
        """Whether a node takes in its copy what it takes in the others: inside the same, outside the copy before's."""
        first, before = run[0], run[-1]
        one, other = self.nodes[first.start + offset].inputs, self.nodes[item.start + offset].inputs
        if len(one) != len(other):
            return False
        for at in range(len(one)):
            (a, port), (b, other_port) = _parted(one[at]), _parted(other[at])
            a, b = a - self.inputs, b - self.inputs
            if port != other_port and b < before.start:
                return False
            if b >= item.start:
                if a - first.start != b - item.start or port != other_port:
                    return False
            elif b < before.start:  # something that all copies read
                if a != b or b >= first.start:
                    return False
            elif a >= first.start:
                return False
            elif len(run) > 1:  # the copy before, as that one reads its own
                c, c_port = _parted(self.nodes[before.start + offset].inputs[at])
                if c - self.inputs - run[-2].start != b - before.start or c_port != other_port:
                    return False
        return True


@lru_cache(maxsize=1)  # a picture is tried at several depths, and a page has one of each
def copies_of(report: Report) -> Copies:
    """Which neighbours of a report are alike."""
    return Copies(report)


def _parted(ref: Ref) -> tuple[int, str]:
    """The number of a value and its port."""
    return ref if isinstance(ref, tuple) else (ref, "")


def _forms(item: Item) -> list[tuple[int, int, str]]:
    """The blocks inside, relative to its start."""
    found, waiting = [], [item]
    while waiting:
        here = waiting.pop()
        for child in here.children or ():
            found.append((child.start - item.start, child.stop - item.start, child.name[len(item.name) :]))
            waiting.append(child)
    return found


def _kinds(report: Report) -> list[int]:
    """A number for each row, the same where layer, shapes and parameters are."""
    known: dict[object, int] = {}
    texts: dict[int, str] = {}
    found = []
    for row in report.rows:
        layer = row.layer
        text = texts.get(id(layer))
        if text is None:
            text = texts[id(layer)] = layer.describe()
        key = (type(layer), text, str(row.facts.shape), str(row.params), row.node.frozen)
        found.append(known.setdefault(key, len(known)))
    return found
