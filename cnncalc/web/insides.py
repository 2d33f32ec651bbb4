"""The inside of layers for the page: one output worked out by numbers as data, cells and attention as pictures."""

from __future__ import annotations

from cnncalc.core.problem import Fault
from cnncalc.diagram.inside.example import SIDE, Grid
from cnncalc.network.report import Report
from cnncalc.network.row import Row

MOST_LETTERS = 60_000  # of all pictures together; the first ones
MOST_KNOWN = 1_000
MOST_GRIDS = 120  # different ones; a page of a hundred kinds of convolutions has about forty

Worked = tuple[list[tuple[object, ...]], list[str]]
# What was worked out for layers of one kind: a page that follows each letter asks for the same ones again.
KNOWN: dict[tuple[object, ...], Worked] = {}


class Insides:
    """What is known of each kind of layer. Grids and lines that several of them have stand in the page once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.grids: dict[tuple[object, ...], int] = {}
        self.lines: dict[str, int] = {}
        self.pictures: list[str] = []
        self.letters = 0

    def of(self, row: Row) -> dict[str, object] | None:
        """Numbers of grids and lines, or of a picture; None where nothing is to be shown, or it would be too large."""
        try:
            return self._worked(row) if row.layer.worked else self._drawn(row)
        except Fault:  # sizes that are free, three axes, thousands of taps
            return None

    def _worked(self, row: Row) -> dict[str, object] | None:
        packed, lines = _example(row)
        if len(self.grids) >= MOST_GRIDS or not packed:
            return None
        grids = [self.grids.setdefault(grid, len(self.grids)) for grid in packed]
        return {"grids": grids, "lines": [self.lines.setdefault(line, len(self.lines)) for line in lines]}

    def _drawn(self, row: Row) -> dict[str, object] | None:
        from cnncalc.diagram.inside.build import drawable, inside

        if not drawable(row) or self.letters > MOST_LETTERS:
            return None
        from cnncalc.diagram.formats import svg
        from cnncalc.diagram.styles import boxes

        diagram = inside(self.report, row.name)
        diagram.name = row.call  # layers that are alike share it
        self.pictures.append(svg.render(boxes.scene(diagram)))
        self.letters += len(self.pictures[-1])
        return {"picture": len(self.pictures) - 1}

    def data(self) -> dict[str, object]:
        """The grids and lines by their numbers."""
        return {"grids": list(self.grids), "lines": list(self.lines)}


def _example(row: Row) -> Worked:
    """The packed grids of one output, none where one is too large, and the lines below them. Raises `Fault`."""
    from cnncalc.diagram.inside.at import example

    kind = row.layer.convention, row.call, *map(tuple, row.facts.inputs), tuple(row.facts.shape)
    if kind not in KNOWN:
        found = example(row)
        large = any(max(len(grid.rows), len(grid.columns)) > SIDE for grid in found.grids)
        if len(KNOWN) >= MOST_KNOWN:
            KNOWN.clear()
        KNOWN[kind] = [] if large else [_packed(grid) for grid in found.grids], found.lines
    return KNOWN[kind]


def _packed(grid: Grid) -> tuple[object, ...]:
    """Title, first and last row and column, values, and the places of what is marked and of padding."""
    places = [(r, c) for r in grid.rows for c in grid.columns]
    marked, padding = (
        tuple(at for at, place in enumerate(places) if place in some) for some in (grid.marked, grid.padding)
    )
    values = " ".join(grid.values[place] for place in places)
    return grid.title, grid.rows[0], grid.columns[0], len(grid.columns), values, marked, padding
