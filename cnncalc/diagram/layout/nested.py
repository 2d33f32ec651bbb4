"""Where everything of a diagram stands: frames inside frames, each laid out by itself, lines through their borders.

Inside, "down" is where lines lead and "across" is beside it; a diagram to the right is turned at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnncalc.core.problem import Fault
from cnncalc.diagram.layout.ranks import PASS, Cell, Link, TooWide, arrange
from cnncalc.diagram.model import Diagram, Edge

PADDING = 14.0
TITLE = 26.0  # the room of a frame's title
LABEL = 18.0  # the height of words on a line
LANE = 14.0  # between lines that go round the picture
MARGIN = 16.0
MOST_LINES = 20_000

Point = tuple[float, float]
Size = tuple[float, float]
Key = tuple[str, Any]


class Line:
    """A line through points: straight, swinging, straight and so on in turn, or with corners where it goes `round`.

    `arrow`: a box is at its end. `late`: it leads to a later step.
    """

    __slots__ = ("arrow", "late", "points", "round")

    def __init__(self, points: list[Point], arrow: bool, late: bool = False, round: bool = False) -> None:
        self.points = points
        self.arrow = arrow
        self.late = late
        self.round = round


class Placed:
    """Rectangles (x, y, width, height) of boxes and frames by their ids, lines, words with their middles, the size."""

    __slots__ = ("boxes", "frames", "height", "lines", "width", "words")

    def __init__(self) -> None:
        self.boxes: dict[int, tuple[float, float, float, float]] = {}
        self.frames: dict[int, tuple[float, float, float, float]] = {}
        self.lines: list[Line] = []
        self.words: list[tuple[str, float, float]] = []
        self.width = 0.0
        self.height = 0.0


class _Scope:
    """What lies directly in a frame: boxes, frames, words on lines, and gates where values pass the border."""

    def __init__(self) -> None:
        self.items: dict[Key, float] = {}  # in the order of their numbers
        # From what to what, and the name of the gate where that is a frame.
        self.links: dict[tuple[Key, Key, Any], None] = {}
        self.cells: dict[Key, Cell] = {}
        self.made: list[tuple[Key, Key, Link, bool]] = []
        self.all: list[Cell] = []
        self.ranks: list[tuple[float, float]] = []
        self.width = 0.0
        self.depth = 0.0

    def add(self, key: Key, at: float | None = None) -> Key:
        """Let something lie here."""
        self.items.setdefault(key, float(len(self.items)) if at is None else at)
        return key


def place(
    diagram: Diagram, sizes: Mapping[int, Size], titles: Mapping[int, float], right: bool, width: Callable[[str], float]
) -> Placed:
    """Lay out boxes of given sizes; `titles` are the widths of the frames' titles, `width` measures other words.

    Raises `Fault` where no readable picture would come out.
    """
    try:
        return _Placing(diagram, sizes, titles, right, width).placed
    except TooWide:
        raise Fault(
            "too-many-boxes",
            "too many lines pass too many boxes for one picture",
            help=diagram.advice,
        ) from None


class _Placing:
    def __init__(
        self,
        diagram: Diagram,
        sizes: Mapping[int, Size],
        titles: Mapping[int, float],
        right: bool,
        width: Callable[[str], float],
    ) -> None:
        self.diagram = diagram
        self.sizes = sizes
        self.titles = titles
        self.right = right
        self.measure = width
        self.above, self.before = (PADDING, TITLE) if right else (TITLE, PADDING)
        self.scopes: dict[int | None, _Scope] = {None: _Scope()}
        self.late: list[tuple[Key, Key, str]] = []
        self.placed = Placed()
        for box in diagram.boxes:
            self._enter(("box", box.id), box.group)
        merged: dict[tuple[int, int], list[str]] = {}
        for edge in diagram.edges:
            if edge.delay:
                self._delayed(edge)
            else:
                merged.setdefault((edge.source, edge.target), []).append(edge.label)
        if len(merged) > MOST_LINES:
            raise TooWide
        for (source, target), labels in merged.items():
            self._edge(source, target, ", ".join(label for label in labels if label))
        for group in [*reversed(range(len(diagram.groups))), None]:
            if group in self.scopes:
                self._layout(group)
        self._draw(None, 0.0, 0.0)
        self._loops()
        self._finish()

    # --- what lies where ---------------------------------------------------------------------------------------------

    def _enter(self, key: Key, group: int | None) -> None:
        while True:
            known = group in self.scopes
            scope = self.scopes.setdefault(group, _Scope())
            scope.add(key)
            if group is None or known:
                return
            key, group = ("group", group), self.diagram.groups[group].parent

    def _path(self, box: int) -> list[tuple[int | None, Key]]:
        """The frames around a box, outermost first, each with what of it lies there."""
        key: Key = ("box", box)
        group = self.diagram.boxes[box].group
        found: list[tuple[int | None, Key]] = [(group, key)]
        while group is not None:
            key, group = ("group", group), self.diagram.groups[group].parent
            found.append((group, key))
        return found[::-1]

    def _edge(self, source: int, target: int, label: str) -> None:
        """Links for an arrow: out of frames, across, into frames."""
        out, into = self._path(source), self._path(target)
        at = 0
        while out[at] == into[at]:
            at += 1
        for group, key in out[at + 1 :]:
            self._link(group, key, self.scopes[group].add(("exit", source), 1e9), source)
        for group, key in into[at + 1 :]:
            self._link(group, self.scopes[group].add(("enter", source), -1.0), key, source)
        group, start = out[at]
        end = into[at][1]
        if label:
            scope = self.scopes[group]
            words = scope.add(("words", (label, source, target)), scope.items[start] + 0.5)
            self._link(group, start, words, source)
            start = words
        self._link(group, start, end, source)

    def _delayed(self, edge: Edge) -> None:
        """Links for an arrow that goes round the picture to a later step."""
        name = ("late", len(self.late))
        for group, key in self._path(edge.source):
            self._link(group, key, self.scopes[group].add(("exit", edge.source), 1e9), edge.source)
        for group, key in self._path(edge.target):
            self._link(group, self.scopes[group].add(("enter", name), -1.0), key, name)
        text = f"delay {edge.delay}"
        self.late.append((("exit", edge.source), ("enter", name), f"{edge.label}, {text}" if edge.label else text))

    def _link(self, group: int | None, source: Key, target: Key, gate: Any) -> None:
        self.scopes[group].links[source, target, gate] = None

    # --- one frame ---------------------------------------------------------------------------------------------------

    def _layout(self, group: int | None) -> None:
        scope = self.scopes[group]
        order = sorted(scope.items, key=lambda key: scope.items[key])
        number = {key: at for at, key in enumerate(order)}
        scope.all = [self._cell(key) for key in order]
        scope.cells = dict(zip(order, scope.all, strict=True))
        for source, target, gate in scope.links:
            leaves, enters = self._gate(source, ("exit", gate)), self._gate(target, ("enter", gate))
            late = isinstance(gate, tuple) or (group is None and target[0] == "exit")
            scope.made.append((source, target, Link(number[source], number[target], leaves, enters), late))
        first = [at for key, at in number.items() if key[0] == "enter"]
        last = [at for key, at in number.items() if key[0] == "exit"]
        scope.ranks = arrange(scope.all, [made[2] for made in scope.made], first, last)
        framed = group is not None
        before, above, pad = (self.before, self.above, PADDING) if framed else (0.0, 0.0, 0.0)
        left = min(cell.across - cell.width / 2 for cell in scope.all)
        scope.width = max(cell.across + cell.width / 2 for cell in scope.all) - left + before + pad
        scope.depth = scope.ranks[-1][1] + above + pad
        spare = 0.0
        if group is not None:
            least = self.titles[group] + 2 * PADDING
            if self.right:
                scope.depth = max(scope.depth, least)
            else:
                spare = max(0.0, least - scope.width)
                scope.width += spare
        for cell in scope.all:
            cell.across += before - left + spare / 2
            cell.down += above
        scope.ranks = [(top + above, bottom + above) for top, bottom in scope.ranks]

    def _cell(self, key: Key) -> Cell:
        kind, what = key
        if kind == "group":
            return Cell(self.scopes[what].width, self.scopes[what].depth)
        if kind in ("enter", "exit"):
            return Cell(PASS, 0.0)
        size = self.sizes[what] if kind == "box" else (self.measure(what[0]) + 8, LABEL)
        return Cell(size[1], size[0]) if self.right else Cell(*size)

    def _gate(self, key: Key, gate: Key) -> float:
        """Where a line passes a frame's border, from its middle; 0 for what is no frame."""
        if key[0] != "group":
            return 0.0
        inner = self.scopes[key[1]]
        return inner.cells[gate].across - inner.width / 2

    # --- the whole ---------------------------------------------------------------------------------------------------

    def _draw(self, group: int | None, across: float, down: float) -> None:
        """Boxes, frames and lines of a scope whose corner is there."""
        scope = self.scopes[group]
        for (kind, what), cell in scope.cells.items():
            left, top = across + cell.across - cell.width / 2, down + cell.down
            if kind == "box":
                self.placed.boxes[what] = (left, top, cell.width, cell.depth)
            elif kind == "group":
                self.placed.frames[what] = (left, top, cell.width, cell.depth)
                self._draw(what, left, top)
            elif kind == "words":
                self.placed.words.append((what[0], left + cell.width / 2, top + cell.depth / 2))
        drawn: set[int] = set()
        for source, target, link, late in scope.made:
            start, end = scope.all[link.source], scope.all[link.target]
            x = start.across + link.leaves
            points = [(x, 0.0 if source[0] == "enter" else start.down + start.depth), (x, scope.ranks[start.rank][1])]
            for at in link.points:
                stop = scope.all[at]
                top, bottom = scope.ranks[stop.rank]
                if at in drawn:  # another line from the same place came along here: this one leaves it
                    points = [(stop.across, bottom), (stop.across, bottom)]
                else:
                    points += [(stop.across, top), (stop.across, bottom)]
            drawn.update(link.points)
            points.append((end.across + link.enters, end.down))
            if target[0] == "exit":
                points.append((end.across, scope.depth))
            elif target[0] == "words":
                points.append((end.across, end.down + end.depth))
            self.placed.lines.append(Line([(across + x, down + y) for x, y in points], target[0] == "box", late))

    def _loops(self) -> None:
        """The arrows that go round the picture, each in a lane of its own."""
        root = self.scopes[None]
        self.placed.width, self.placed.height = root.width, root.depth
        wide = max((LABEL if self.right else self.measure(text) for *_, text in self.late), default=0.0) + 10
        least = 0.0
        for number, (source, target, text) in enumerate(self.late, 1):
            x, end = root.cells[source].across, root.cells[target].across
            side, low, high = root.width + number * wide - wide / 2 + 6, root.depth + number * LANE, -number * LANE
            points = [(x, root.depth), (x, low), (side, low), (side, high), (end, high), (end, 0.0)]
            self.placed.lines.append(Line(points, False, late=True, round=True))
            self.placed.words.append((text, side, root.depth / 2))
            self.placed.width = max(self.placed.width, side + wide / 2)
            self.placed.height = max(self.placed.height, low)
            least = min(least, high)
        self.placed.height -= least
        self._move(0.0, -least)

    def _move(self, across: float, down: float) -> None:
        placed = self.placed
        for found in (placed.boxes, placed.frames):
            for key, (x, y, width, height) in found.items():
                found[key] = (x + across, y + down, width, height)
        for line in placed.lines:
            line.points = [(x + across, y + down) for x, y in line.points]
        placed.words = [(text, x + across, y + down) for text, x, y in placed.words]

    def _finish(self) -> None:
        """Turn it where it leads to the right, and leave a margin."""
        placed = self.placed
        if self.right:
            for found in (placed.boxes, placed.frames):
                for key, (x, y, width, height) in found.items():
                    found[key] = (y, x, height, width)
            for line in placed.lines:
                line.points = [(y, x) for x, y in line.points]
            placed.words = [(text, y, x) for text, x, y in placed.words]
            placed.width, placed.height = placed.height, placed.width
        self._move(MARGIN, MARGIN)
        placed.width += 2 * MARGIN
        placed.height += 2 * MARGIN
