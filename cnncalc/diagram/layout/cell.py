"""What a layered layout places: boxes and the places where lines pass, and the lines between them."""

from __future__ import annotations

GAP = 24.0  # between boxes of a rank
PASS = 8.0  # the room of a line that passes a rank


class Cell:
    """A box, or a place where a line passes a rank. `across` is its middle, `down` its upper end.

    `ports`: lines that come in get an entry each, so far apart as their words need.
    """

    __slots__ = ("across", "column", "depth", "down", "passes", "ports", "rank", "width")

    def __init__(self, width: float, depth: float, passes: bool = False, ports: bool = False) -> None:
        self.width = width
        self.depth = depth
        self.passes = passes
        self.ports = ports
        self.rank = 0
        self.column = 0
        self.across = 0.0
        self.down = 0.0


class Piece:
    """The part of a line between two ranks; `leaves` and `enters` are measured from the middles of its cells."""

    __slots__ = ("enters", "leaves", "room", "source", "target")

    def __init__(self, source: int, target: int, leaves: float, enters: float, room: float) -> None:
        self.source = source
        self.target = target
        self.leaves = leaves
        self.enters = enters
        self.room = room


class Link:
    """A line from a cell to a cell; `room` is the width of the words at its end, `pieces` are its parts in order."""

    __slots__ = ("enters", "leaves", "pieces", "room", "source", "target")

    def __init__(self, source: int, target: int, leaves: float = 0.0, enters: float = 0.0, room: float = 0.0) -> None:
        self.source = source
        self.target = target
        self.leaves = leaves
        self.enters = enters
        self.room = room
        self.pieces: list[Piece] = []
