"""What a layout gives: rectangles, lines, and words beside them."""

from __future__ import annotations

Point = tuple[float, float]
# A part of a line: straight to a point, or a swing to one with two points that draw it.
Part = tuple[Point, ...]


class Line:
    """A line that starts at a point and goes on in parts. `arrow`: a box is at its end. `late`: it leads to a later
    step. `role`: what its end is for the box; `words` stand beside the last point.
    """

    __slots__ = ("arrow", "late", "parts", "role", "source", "start", "target")

    def __init__(self, start: Point, arrow: bool, late: bool = False, role: str = "") -> None:
        self.start = start
        self.parts: list[Part] = []
        self.arrow = arrow
        self.late = late
        self.role = role
        # The boxes at its ends, where they are known.
        self.source: int | None = None
        self.target: int | None = None

    @property
    def end(self) -> Point:
        """Where it is now."""
        return self.parts[-1][-1] if self.parts else self.start

    def straight(self, x: float, y: float) -> None:
        """Go on to a point; a part in the same direction grows."""
        if self.end != (x, y):
            self.parts.append(((x, y),))

    def swing(self, x: float, y: float) -> None:
        """Go down to a point beside, in a bow."""
        from_x, from_y = self.end
        if from_x == x:
            self.straight(x, y)
        else:
            middle = (from_y + y) / 2
            self.parts.append(((from_x, middle), (x, middle), (x, y)))

    def mapped(self, dx: float, dy: float, turned: bool = False) -> None:
        """Move it, or exchange its axes."""

        def at(point: Point) -> Point:
            return (point[1], point[0]) if turned else (point[0] + dx, point[1] + dy)

        self.start = at(self.start)
        self.parts = [tuple(at(point) for point in part) for part in self.parts]

    def flipped(self, height: float) -> None:
        """Turn it upside down within a height."""
        x, y = self.start
        self.start = (x, height - y)
        self.parts = [tuple((x, height - y) for x, y in part) for part in self.parts]


class Placed:
    """Rectangles (x, y, width, height) of boxes and frames by their ids, lines, words with their middles, the size.

    `titles`: how far to the right of its frame's corner each title stands at most, so that no line crosses it.
    """

    __slots__ = ("boxes", "frames", "height", "lines", "width", "words")

    def __init__(self) -> None:
        self.boxes: dict[int, tuple[float, float, float, float]] = {}
        self.frames: dict[int, tuple[float, float, float, float]] = {}
        self.lines: list[Line] = []
        self.words: list[tuple[str, float, float]] = []
        self.width = 0.0
        self.height = 0.0

    def move(self, dx: float, dy: float) -> None:
        """Move all of it."""
        for found in (self.boxes, self.frames):
            for key, (x, y, width, height) in found.items():
                found[key] = (x + dx, y + dy, width, height)
        for line in self.lines:
            line.mapped(dx, dy)
        self.words = [(text, x + dx, y + dy) for text, x, y in self.words]

    def flip(self) -> None:
        """Turn it upside down."""
        for found in (self.boxes, self.frames):
            for key, (x, y, width, height) in found.items():
                found[key] = (x, self.height - y - height, width, height)
        for line in self.lines:
            line.flipped(self.height)
        self.words = [(text, x, self.height - y) for text, x, y in self.words]

    def turn(self) -> None:
        """Exchange the axes: what led down leads to the right."""
        for found in (self.boxes, self.frames):
            for key, (x, y, width, height) in found.items():
                found[key] = (y, x, height, width)
        for line in self.lines:
            line.mapped(0.0, 0.0, turned=True)
        self.words = [(text, y, x) for text, x, y in self.words]
        self.width, self.height = self.height, self.width
