"""Where everything of a diagram stands: frames inside frames, each laid out by itself, lines through their borders.

Inside, "down" is where lines lead and "across" is beside it; a diagram to the right is turned at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.core.problem import Fault
from cnncalc.diagram.layout.cell import PASS, Cell, Link, Piece
from cnncalc.diagram.layout.placed import Line, Placed
from cnncalc.diagram.layout.ranks import TooWide, arrange
from cnncalc.diagram.layout.scope import LANE, Key, Scope, down
from cnncalc.diagram.model import Diagram, Edge

PADDING = 14.0
TITLE = 22.0  # the room of one row of a frame's title, and what is left above it
BESIDE = 18.0  # from where a title begins to its line, more than its width
LEAST = 240.0  # no column is shorter for the page's sake
LABEL = 18.0  # the height of words on a line
MARGIN = 16.0
MOST_LINES = 20_000

Size = tuple[float, float]


def place(
    diagram: Diagram,
    sizes: Mapping[int, Size],
    titles: Mapping[int, Size],
    right: bool,
    width: Callable[[str], float],
    page: Size | None = None,
) -> Placed:
    """Lay out boxes of given sizes; `titles` are the sizes of the frames' titles, `width` measures other words.

    What is higher than the page stands in columns. Raises `Fault` where no readable picture would come out.
    """
    try:
        return _Placing(diagram, sizes, titles, right, width, page).placed
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
        titles: Mapping[int, Size],
        right: bool,
        width: Callable[[str], float],
        page: Size | None,
    ) -> None:
        self.diagram = diagram
        self.sizes = sizes
        self.titles = titles
        self.right = right
        self.measure = width
        self.limit = None if page is None else (page[0] if right else page[1]) - 2 * MARGIN
        self.scopes: dict[int | None, Scope] = {None: Scope()}
        self.late: list[tuple[Key, Key, str]] = []
        self.placed = Placed()
        for box in diagram.boxes:
            self._enter(("box", box.id), box.group)
        merged: dict[tuple[int, int], tuple[list[str], list[str]]] = {}
        for edge in diagram.edges:
            if edge.delay:
                self._delayed(edge)
                self.limit = None
            else:
                labels, roles = merged.setdefault((edge.source, edge.target), ([], []))
                labels.append(edge.label)
                roles.append(edge.role)
        if len(merged) > MOST_LINES:
            raise TooWide
        for (source, target), (labels, roles) in merged.items():
            words = ", ".join(label for label in labels if label)
            self._edge(source, target, words, ", ".join(role for role in roles if role))
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
            scope = self.scopes.setdefault(group, Scope())
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

    def _edge(self, source: int, target: int, label: str, role: str) -> None:
        """Links for an arrow: out of frames, across, into frames."""
        out, into = self._path(source), self._path(target)
        at = 0
        while out[at] == into[at]:
            at += 1
        for group, key in out[at + 1 :]:
            self._link(group, key, self.scopes[group].add(("exit", source), 1e9), source)
        for group, key in into[at + 1 :]:
            self._link(group, self.scopes[group].add(("enter", source), -1.0), key, source, role)
        group, start = out[at]
        end = into[at][1]
        if label:
            scope = self.scopes[group]
            words = scope.add(("words", (label, source, target)), scope.items[start] + 0.5)
            self._link(group, start, words, source)
            start = words
        self._link(group, start, end, source, role)

    def _delayed(self, edge: Edge) -> None:
        """Links for an arrow that goes round the picture to a later step."""
        name = ("late", len(self.late))
        for group, key in self._path(edge.source):
            self._link(group, key, self.scopes[group].add(("exit", edge.source), 1e9), edge.source)
        for group, key in self._path(edge.target):
            self._link(group, self.scopes[group].add(("enter", name), -1.0), key, name)
        text = f"t - {edge.delay}"
        self.late.append((("exit", edge.source), ("enter", name), f"{edge.label}, {text}" if edge.label else text))

    def _link(self, group: int | None, source: Key, target: Key, gate: object, role: str = "") -> None:
        links = self.scopes[group].links
        role = role if target[0] == "box" else ""
        links[source, target, gate] = ", ".join(
            filter(None, dict.fromkeys((links.get((source, target, gate), ""), role)))
        )

    # --- one frame ---------------------------------------------------------------------------------------------------

    def _layout(self, group: int | None) -> None:
        scope = self.scopes[group]
        order = sorted(scope.items, key=lambda key: scope.items[key])
        number = {key: at for at, key in enumerate(order)}
        scope.all = [self._cell(key) for key in order]
        scope.cells = dict(zip(order, scope.all, strict=True))
        for (source, target, gate), role in scope.links.items():
            leaves, enters = self._gate(source, ("exit", gate)), self._gate(target, ("enter", gate))
            late = isinstance(gate, tuple) or (group is None and target[0] == "exit")
            room = self.measure(role) if role and not self.right else 0.0
            link = Link(number[source], number[target], leaves, enters, room)
            scope.made.append((source, target, link, late, role))
        first = [at for key, at in number.items() if key[0] == "enter"]
        last = [at for key, at in number.items() if key[0] == "exit"]
        ranks = arrange(scope.all, [made[2] for made in scope.made], first, last)
        down(scope, ranks, self._limit(group), self.measure if self.right else None)
        self._frame(scope, group, [scope.all[at] for at in first])

    def _limit(self, group: int | None) -> float | None:
        """How high the columns in a frame may be."""
        if self.limit is None:
            return None
        limit = self.limit
        while group is not None:
            limit -= self.titles[group][1] + TITLE + PADDING
            group = self.diagram.groups[group].parent
        return max(LEAST, limit)

    def _frame(self, scope: Scope, group: int | None, gates: list[Cell]) -> None:
        """The room around what lies in a frame: a title beside the lines that come in."""
        across = down = 0.0
        if group is not None:
            wide, high = self.titles[group]
            title = high + TITLE - 12.0
            if self.right:
                across, down = title, PADDING
                scope.depth = max(scope.depth, wide)
            else:
                across, down = PADDING, title
                gate = min((cell.across for cell in gates), default=None)
                if gate is None:
                    scope.width = max(scope.width, wide)
                else:
                    across += max(0.0, wide + BESIDE - gate - PADDING)
        for cell in scope.all:
            cell.across += across
            cell.down += down
        scope.ranks = [(top + down, bottom + down) for top, bottom in scope.ranks]
        scope.lanes = {key: (low + down, x + across, high + down) for key, (low, x, high) in scope.lanes.items()}
        scope.width += across + (PADDING if group is not None else 0.0)
        scope.depth += down + (PADDING if group is not None else 0.0)

    def _cell(self, key: Key) -> Cell:
        kind, what = key
        if kind == "group":
            return Cell(self.scopes[what].width, self.scopes[what].depth)
        if kind in ("enter", "exit"):
            return Cell(PASS, 0.0)
        size = self.sizes[what] if kind == "box" else (self.measure(what[0]) + 8, LABEL)
        return Cell(*(size[::-1] if self.right else size), ports=kind == "box")

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
        for source, target, link, late, role in scope.made:
            line: Line | None = None
            for piece in link.pieces:
                if line is None or piece.source in drawn:  # another line from the same place came along here
                    start = scope.all[piece.source]
                    top = 0.0 if source[0] == "enter" and piece.source == link.source else start.down + start.depth
                    line = Line((start.across + piece.leaves, top), target[0] == "box", late, role)
                self._piece(scope, line, piece)
            drawn.update(piece.target for piece in link.pieces[:-1])
            assert line is not None
            x, _ = line.end
            end = scope.all[link.target]
            if target[0] == "exit":
                line.straight(x, scope.depth)
            elif target[0] == "words":
                line.straight(x, end.down + end.depth)
            line.source = source[1] if source[0] == "box" else None
            line.target = target[1] if target[0] == "box" else None
            line.mapped(across, down)
            self.placed.lines.append(line)

    def _piece(self, scope: Scope, line: Line, piece: Piece) -> None:
        """Go on from one rank to the next, or round to the next column."""
        start, end = scope.all[piece.source], scope.all[piece.target]
        x, target = start.across + piece.leaves, end.across + piece.enters
        line.straight(x, scope.ranks[start.rank][1])
        if start.column != end.column:
            low, beside, high = scope.lanes[piece.source, piece.leaves, end.column]
            for corner in ((x, low), (beside, low), (beside, high), (target, high)):
                line.straight(*corner)
            line.straight(target, end.down)
            return
        top = scope.ranks[end.rank][0]
        line.swing(target, top)
        line.straight(target, end.down + (0.0 if not end.passes else end.depth))
        if end.passes:
            line.straight(target, scope.ranks[end.rank][1])

    def _loops(self) -> None:
        """The arrows that go round the picture, each in a lane of its own."""
        root = self.scopes[None]
        self.placed.width, self.placed.height = root.width, root.depth
        wide = max((LABEL if self.right else self.measure(text) for *_, text in self.late), default=0.0) + 10
        least = 0.0
        for number, (source, target, text) in enumerate(self.late, 1):
            x, end = root.cells[source].across, root.cells[target].across
            side, low, high = root.width + number * wide - wide / 2 + 6, root.depth + number * LANE, -number * LANE
            line = Line((x, root.depth), False, late=True)
            for corner in ((x, low), (side, low), (side, high), (end, high), (end, 0.0)):
                line.straight(*corner)
            self.placed.lines.append(line)
            self.placed.words.append((text, side, root.depth / 2))
            self.placed.width = max(self.placed.width, side + wide / 2)
            self.placed.height = max(self.placed.height, low)
            least = min(least, high)
        self.placed.height -= least
        self.placed.move(0.0, -least)

    def _finish(self) -> None:
        """Turn it where it leads to the right, and leave a margin."""
        placed = self.placed
        if self.right:
            placed.turn()
            if self.diagram.cell and not self.diagram.groups:  # the input below, as the field draws it
                placed.flip()
        placed.move(MARGIN, MARGIN)
        placed.width += 2 * MARGIN
        placed.height += 2 * MARGIN
