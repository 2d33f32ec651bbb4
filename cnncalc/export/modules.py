"""Which blocks of a network can be classes of their own, and how they lie in each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.network.graph import Graph, Ref

# Groups that nobody named: what is in them belongs to the block around.
UNNAMED = re.compile(r"(residual|sequential|parallel)_\d+$")


class Unit:
    """A block that becomes a class, or a row of copies (`stack`); the whole network is one too.

    items       what it is made of, in order: numbers of nodes, and units
    externals   the values it takes from outside, in order
    place       its name, or that of the copy that is this block and nothing else
    """

    __slots__ = ("externals", "items", "name", "output", "place", "stack", "start", "stop")

    def __init__(self, name: str, start: int, stop: int, output: Ref) -> None:
        self.name = self.place = name
        self.start = start
        self.stop = stop
        self.output = output
        self.externals: list[Ref] = []
        self.items: list[int | Unit] = []
        self.stack = False

    def units(self) -> Iterator[Unit]:
        """All units, those inside before those around them."""
        for item in self.items:
            if isinstance(item, Unit):
                yield from item.units()
        yield self


class Uses:
    """Who takes which value of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.count = len(graph.inputs)
        self.readers: dict[Ref, list[int]] = {}
        for index, node in enumerate(graph.nodes):
            for ref in node.inputs:
                self.readers.setdefault(ref, []).append(index)
        self.results = list(graph.outputs or [graph.output])
        self.ports = [ref for ref in (*self.readers, *self.results) if isinstance(ref, tuple)]

    def inside(self, ref: Ref, unit: Unit) -> bool:
        """Whether a value is made in a unit."""
        number = ref[0] if isinstance(ref, tuple) else ref
        return unit.start <= number - self.count < unit.stop

    def externals(self, unit: Unit, first: tuple[Ref, ...] = ()) -> list[Ref]:
        """The values that a unit takes from outside: those of `first` that it uses, then the others."""
        taken = [ref for node in self.graph.nodes[unit.start : unit.stop] for ref in node.inputs]
        outer = dict.fromkeys(ref for ref in taken if not self.inside(ref, unit))
        return [*(ref for ref in dict.fromkeys(first) if ref in outer), *(ref for ref in outer if ref not in first)]

    def closed(self, unit: Unit) -> bool:
        """Whether nothing that is made in a unit is used outside but its output."""
        made: list[Ref] = [*range(unit.start + self.count, unit.stop + self.count)]
        made += [ref for ref in self.ports if self.inside(ref, unit)]
        for ref in made:
            outside = any(not unit.start <= reader < unit.stop for reader in self.readers.get(ref, ()))
            if (outside or ref in self.results) and ref != unit.output:
                return False
        return isinstance(unit.output, int) and self.inside(unit.output, unit)


def tree(graph: Graph, uses: Uses) -> Unit:
    """The network as units."""
    root = Unit("", 0, len(graph.nodes), graph.output)
    root.externals = list(range(len(graph.inputs)))
    path = [root]
    inner: dict[int, list[Unit]] = {id(root): []}
    for name, block in sorted(
        graph.blocks.items(), key=lambda item: (item[1].start, -item[1].stop, item[0].count("."))
    ):
        if block.stop - block.start < 2 or (UNNAMED.search(name) and f"{name}.0" not in graph.blocks):
            continue
        unit = Unit(name, block.start, block.stop, block.output)
        unit.externals = uses.externals(unit, block.inputs)
        while path[-1] is not root and not name.startswith(f"{path[-1].name}."):
            path.pop()
        inner[id(path[-1])].append(unit)
        inner[id(unit)] = []
        path.append(unit)
    _fill(root, inner, uses)
    return root


def _fill(unit: Unit, inner: dict[int, list[Unit]], uses: Uses) -> None:
    """The items of a unit: what cannot be a class is written where it stands."""
    at = unit.start
    for child in inner[id(unit)]:
        _fill(child, inner, uses)
        unit.items.extend(range(at, child.start))
        at = child.stop
        child.stack = _is_stack(child)
        only = child.items[0] if len(child.items) == 1 else None
        if isinstance(only, Unit) and not only.stack and only.output == child.output:
            only.place = child.place
            unit.items.append(only)
        elif child.externals and (child.stack or len(child.items) > 1) and uses.closed(child):
            unit.items.append(child)
        else:
            unit.items.extend(child.items)
    unit.items.extend(range(at, unit.stop))


def _is_stack(unit: Unit) -> bool:
    """Whether a unit is copies in a row, each a unit of its own."""
    units = [item for item in unit.items if isinstance(item, Unit) and not item.stack]
    names = [f"{unit.name}.{index}" for index in range(len(units))]
    return len(units) == len(unit.items) > 0 and [item.place for item in units] == names


def local(name: str, within: str) -> str:
    """A name inside a block, without the groups that nobody named."""
    rest = name[len(within) + 1 :] if within else name
    parts = rest.split(".")
    kept = []
    for index, part in enumerate(parts[:-1]):
        branch = part.isdigit() and index > 0 and parts[index - 1].startswith("parallel_")
        if not UNNAMED.fullmatch(part) and part != "shortcut" and not branch:
            kept.append(part)
    return "_".join([*kept, parts[-1]])
