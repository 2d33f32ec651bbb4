"""Activations, norms and dropout drawn in the box of the layer or block they belong to."""

from __future__ import annotations

from collections import Counter
from copy import copy

from cnncalc.core.number import Number
from cnncalc.diagram.model import Box, Diagram, Group

JOINED = ("activation", "norm", "dropout")


def join(diagram: Diagram) -> Diagram:
    """A diagram in which they have no box of their own; the layer before takes them, or else the layer after."""
    return _Joining(diagram).joined()


class _Joining:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.home = list(range(len(diagram.boxes)))
        self.sources: dict[int, set[int]] = {}
        self.readers: dict[int, set[int]] = {}
        for edge in diagram.edges:
            self.sources.setdefault(edge.target, set()).add(edge.source)
            self.readers.setdefault(edge.source, set()).add(edge.target)
        self.ports = {edge.source for edge in diagram.edges if edge.label or edge.delay}

    def joined(self) -> Diagram:
        """The diagram, with the frames that are still around several boxes."""
        made = Diagram(self.diagram.name, self.diagram.most, self.diagram.advice)
        made.groups = [
            Group(one.id, one.name, one.label, one.parent, one.copies, one.params) for one in self.diagram.groups
        ]
        made.notes, made.total = list(self.diagram.notes), self.diagram.total
        boxes = [_copy(box) for box in self.diagram.boxes]
        for box in boxes:
            before = self.before(box)
            if before is not None:
                self.home[box.id] = self.home[before]
                into = boxes[self.home[box.id]]
                into.after.append(_word(box))
                into.shape = box.shape
                _count(into, box)
        for box in reversed(boxes):
            after = self.after(box)
            if after is not None:
                into = boxes[self.home[after]]
                into.before[:0] = [*box.before, _word(box), *box.after]
                _count(into, box)
                self.home = [into.id if home == box.id else home for home in self.home]
        place: dict[int, int] = {}
        for old, box in enumerate(boxes):
            if self.home[old] == old:
                box.id = place[old] = len(place)
                made.boxes.append(box)
        seen = set()
        for edge in self.diagram.edges:
            ends = (place[self.home[edge.source]], place[self.home[edge.target]])
            key = (*ends, edge.label, edge.delay, edge.role)
            if key not in seen and (ends[0] != ends[1] or edge.delay):
                seen.add(key)
                made.edge(*ends, edge.label, edge.delay, edge.role)
        if self.diagram.output is not None:
            made.output = place[self.home[self.diagram.output]]
        unframe(made)
        return made

    def before(self, box: Box) -> int | None:
        """The layer before that takes a box in."""
        sources = self.sources.get(box.id, set())
        if not _small(box) or len(sources) != 1:
            return None
        (source,) = sources
        other = self.diagram.boxes[source]
        if other.kind not in ("layer", "block") or other.copies > 1 or other.group != box.group:
            return None
        if source in self.ports or source == self.diagram.output:
            return None
        alone = len(self.readers[source]) == 1
        return source if alone and not (_small(other) and self.home[source] == source) else None

    def after(self, box: Box) -> int | None:
        """The layer after that takes a box in, which has nothing else to read."""
        readers = self.readers.get(box.id, set())
        if not _small(box) or self.home[box.id] != box.id or box.id in self.ports or box.id == self.diagram.output:
            return None
        inner = [at for at, home in enumerate(self.home) if home == box.id]
        outside = {reader for at in inner for reader in self.readers.get(at, ())} - set(inner)
        if inner != [box.id]:
            readers = outside
        if len(readers) != 1:
            return None
        (reader,) = readers
        other = self.diagram.boxes[reader]
        sources = {self.home[source] for source in self.sources[reader]}
        fits = other.kind == "layer" and other.group == box.group and sources == {box.id}
        return reader if fits else None


def _small(box: Box) -> bool:
    return box.kind == "layer" and box.category in JOINED


def _word(box: Box) -> str:
    return box.detail if box.category == "dropout" else box.type


def _count(into: Box, box: Box) -> None:
    into.params = _sum(into.params, box.params)
    into.macs = _sum(into.macs, box.macs)
    into.memory = _sum(into.memory, box.memory)
    into.name += f", {box.name}"


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return one if other is None else other if one is None else one + other


def _copy(box: Box) -> Box:
    made = copy(box)
    made.before, made.after = list(box.before), list(box.after)
    return made


def unframe(diagram: Diagram) -> None:
    """Take out, from the inside to the outside, every frame that holds nothing but one box."""
    inner = Counter(box.group for box in diagram.boxes)
    frames = Counter(group.parent for group in diagram.groups)
    alone: dict[int | None, Box] = {box.group: box for box in diagram.boxes if inner[box.group] == 1}
    left: list[Group] = []
    for group in reversed(diagram.groups):  # those inside come after those around them
        box = alone.get(group.id)
        if box is None or frames[group.id] or (box.copies > 1 and group.copies > 1):
            left.append(group)
            continue
        _take(box, group)
        frames[group.parent] -= 1
        inner[group.parent] += 1
        if inner[group.parent] == 1:
            alone[group.parent] = box
        else:
            alone.pop(group.parent, None)
    diagram.groups = left[::-1]
    place = {group.id: at for at, group in enumerate(diagram.groups)}
    for at, group in enumerate(diagram.groups):
        group.id = at
        group.parent = None if group.parent is None else place[group.parent]
    for box in diagram.boxes:
        box.group = None if box.group is None else place[box.group]


def _take(box: Box, group: Group) -> None:
    box.group = group.parent
    box.copies *= group.copies
    # The frame's name says it all of a block, and of a layer that stands there several times.
    whole = box.kind == "block" or group.label.startswith(box.label)
    box.label = group.label if whole else f"{group.label}.{box.label}"
