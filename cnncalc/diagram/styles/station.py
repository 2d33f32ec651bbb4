"""One station of a picture to scale: what a layer gives."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.diagram.model import Box
from cnncalc.diagram.scene import Item, span

MARGIN = 20.0


class Station:
    """One shape. `axes`: height, depth and thickness in pixels; `sizes` the numbers behind them, None for no such axis.

    `x` and `y` are the middle of its left side; `above` and `below` what it needs, `width` with the words.
    """

    def __init__(self, box: Box, sizes: tuple[int | None, int | None, int | None]) -> None:
        self.box = box
        self.sizes = sizes
        self.axes = (0.0, 0.0, 0.0)
        self.x = 0.0
        self.y = 0.0
        self.level = 0.0
        self.glyph = 0.0
        self.rise = 0.0
        self.solid = 0.0  # where arrows leave, from its left side
        self.words: list[str] = []

    @property
    def merge(self) -> bool:
        """Whether it is a sign in a circle: what it gives has the shape of what it takes."""
        return self.box.kind == "layer" and self.box.type in ("Add", "Multiply") and not self.box.params

    @property
    def width(self) -> float:
        """With the words below."""
        return max([self.glyph, *map(span, self.words)])

    @property
    def right(self) -> float:
        """Where it and its words end."""
        return self.x + self.glyph / 2 + self.width / 2

    @property
    def height(self) -> float:
        """Of the front."""
        return self.axes[0]


Glyph = Callable[[Station, float], list[Item]]  # a station and the x where it begins
# How wide it is, how far it reaches above its front, and where arrows leave.
Measure = Callable[[Station], tuple[float, float, float]]
