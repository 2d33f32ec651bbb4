"""Outputs worked out by numbers as a picture: grids side by side, the sum below; several as frames below each other."""

from __future__ import annotations

from cnncalc.diagram.inside.example import Example, Grid
from cnncalc.diagram.scene import HEAD, Item, Rectangle, Scene, Words, span, wrapped
from cnncalc.render.text import safe

CELL = 24.0
GAP = 44.0
MARGIN = 20.0
ROW = 16.0
LETTERS = 92


def scene(name: str, examples: list[Example]) -> Scene:
    """The picture."""
    made = Scene(safe(name))
    y = 24.0
    for number, example in enumerate(examples):
        if number:
            y += 26.0
        title = safe(example.title) if len(examples) == 1 else f"{number + 1}. {safe(example.title)}"
        for line in wrapped(title, 80):
            made.items.append(Words(line, MARGIN, y, "start", True, size=HEAD))
            y += 20
        x, y = MARGIN, y + 14
        low = y
        for grid in example.grids:
            items, wide, high = _grid(grid, x, y)
            made.items += items
            made.width = max(made.width, x + wide + MARGIN)
            x += wide + GAP
            low = max(low, y + high)
        y = low + 22
        for text in example.lines:
            for line in wrapped(safe(text), LETTERS):
                made.items.append(Words(line, MARGIN, y, "start", ink="text"))
                made.width = max(made.width, MARGIN * 2 + span(line))
                y += ROW
    heads = (item for item in made.items if isinstance(item, Words) and item.size == HEAD)
    made.width = max([made.width, *(span(item.text, HEAD) + 2 * MARGIN for item in heads)])
    made.height = y + 6
    return made


def _grid(grid: Grid, x: float, y: float) -> tuple[list[Item], float, float]:
    """A grid whose corner is there, and its size."""
    cell = max(CELL, *(span(value) + 8 for value in grid.values.values()))
    items: list[Item] = [Words(safe(grid.title), x, y, "start", ink="less")]
    left = x + span(str(grid.rows[-1])) + 6
    top = y + 26
    for column, c in enumerate(grid.columns):
        items.append(Words(str(c), left + cell * (column + 0.5), top - 5, ink="less"))
    for line, r in enumerate(grid.rows):
        items.append(Words(str(r), left - 5, top + CELL * (line + 0.5) + 4, "end", ink="less"))
    for marked in (False, True):  # the edges of what is marked stand above the others
        for line, r in enumerate(grid.rows):
            for column, c in enumerate(grid.columns):
                if ((r, c) in grid.marked) == marked:
                    at = (left + cell * column, top + CELL * line)
                    pad = (r, c) in grid.padding
                    ink = "mark" if marked else "input" if pad else "other"
                    items.append(Rectangle(ink, *at, cell, CELL, dash=pad))
                    text = grid.values[r, c]
                    items.append(Words(text, at[0] + cell / 2, at[1] + CELL / 2 + 4, bold=marked))
    wide = max(left - x + cell * len(grid.columns), span(grid.title))
    return items, wide, 26 + CELL * len(grid.rows)
