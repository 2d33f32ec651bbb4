"""A picture in a terminal that knows DEC's sixels: six rows of dots a line, each colour by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from cnncalc.diagram.formats import png
from cnncalc.diagram.scene import Scene

COLOURS = 64  # a terminal has at least so many
ROWS = 6  # of a line


def render(scene: Scene) -> str:
    """What the terminal is sent. Raises `Fault` without the libraries."""
    import numpy as np

    image = png.image(scene, 1.0).convert("RGB").quantize(COLOURS)
    dots = np.asarray(image)
    palette = image.getpalette() or []
    wide, high = image.size
    out = [f'\x1bPq"1;1;{wide};{high}']
    for colour in range(len(palette) // 3):
        red, green, blue = (round(part * 100 / 255) for part in palette[3 * colour : 3 * colour + 3])
        out.append(f"#{colour};2;{red};{green};{blue}")
    weights = 1 << np.arange(ROWS)
    for top in range(0, high, ROWS):
        band = dots[top : top + ROWS]
        lines = []
        for colour in np.unique(band):
            bits = (band == colour).T @ weights[: len(band)]
            lines.append(f"#{colour}" + "".join(_runs(chr(63 + bit) for bit in bits.tolist())))
        out.append("$".join(lines) + "-")
    return "".join(out) + "\x1b\\\n"


def _runs(letters: Iterator[str]) -> Iterator[str]:
    """The same letter several times is written once, with its number."""
    for letter, same in groupby(letters):
        count = sum(1 for _ in same)
        yield f"!{count}{letter}" if count > 3 else letter * count
