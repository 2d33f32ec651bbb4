"""A layered layout of boxes of given sizes: ranks by longest path, an order within each rank, coordinates.

Ranks follow each other along the axis "down"; within a rank boxes stand side by side along "across". Values that pass
a rank get a place in it, too, so that no line crosses a box.
"""

from __future__ import annotations

from collections.abc import Sequence

SWEEPS = 4
GAP = 24.0  # between boxes of a rank
RANK_GAP = 34.0  # between ranks
PASS = 8.0  # the room of a line that passes a rank
MOST_PLACES = 60_000
LOOSE = 0.02  # how strongly a cell stays where it is


class Cell:
    """A box, or a place where a line passes a rank. `across` is its middle, `down` its upper end."""

    __slots__ = ("across", "depth", "down", "passes", "rank", "width")

    def __init__(self, width: float, depth: float, passes: bool = False) -> None:
        self.width = width
        self.depth = depth
        self.passes = passes
        self.rank = 0
        self.across = 0.0
        self.down = 0.0


class Link:
    """A line from a box to a box; `leaves` and `enters` say where, measured from their middles.

    `points` are the places that it passes, one a rank between.
    """

    __slots__ = ("enters", "leaves", "points", "source", "target")

    def __init__(self, source: int, target: int, leaves: float = 0.0, enters: float = 0.0) -> None:
        self.source = source
        self.target = target
        self.leaves = leaves
        self.enters = enters
        self.points: list[int] = []


class TooWide(Exception):
    """So many lines pass so many ranks that no picture could be read."""


def arrange(
    cells: list[Cell], links: Sequence[Link], first: Sequence[int] = (), last: Sequence[int] = ()
) -> list[tuple[float, float]]:
    """Give every cell its place; the upper and lower ends of the ranks. Raises `TooWide`.

    Cells come in an order in which links go forwards. `first` stand in the uppermost rank alone, `last` in the lowest.
    Places for lines that pass are appended to `cells`.
    """
    _rank(cells, links, set(first), set(last))
    ranks: list[list[int]] = [[] for _ in range(max((cell.rank for cell in cells), default=0) + 1)]
    for index, cell in enumerate(cells):
        ranks[cell.rank].append(index)
    pieces = _places(cells, links, ranks)
    below: dict[int, list[tuple[int, float, float]]] = {}
    above: dict[int, list[tuple[int, float, float]]] = {}
    for source, target, leaves, enters in pieces:
        below.setdefault(source, []).append((target, leaves, enters))
        above.setdefault(target, []).append((source, enters, leaves))
    _order(ranks, above, below)
    _spread(cells, ranks, above, below)
    return _down(cells, ranks)


def _rank(cells: list[Cell], links: Sequence[Link], first: set[int], last: set[int]) -> None:
    """Longest paths from above; what nothing leads to stands just above what it leads to."""
    into: dict[int, list[int]] = {}
    out: dict[int, list[int]] = {}
    for link in links:
        into.setdefault(link.target, []).append(link.source)
        out.setdefault(link.source, []).append(link.target)
    least = 1 if first else 0
    for index, cell in enumerate(cells):
        if index not in first:
            cell.rank = max([cells[source].rank + 1 for source in into.get(index, ())], default=least)
            cell.rank = max(cell.rank, least)
    for index, cell in reversed(list(enumerate(cells))):
        if index not in first and index not in into and index in out:
            cell.rank = max(least, min(cells[target].rank for target in out[index]) - 1)
    lowest = max((cell.rank for index, cell in enumerate(cells) if index not in last), default=-1)
    for index in last:
        cells[index].rank = lowest + 1


def _places(cells: list[Cell], links: Sequence[Link], ranks: list[list[int]]) -> list[tuple[int, int, float, float]]:
    """Put places where links pass ranks; links that leave at one point share them. The pieces of all links."""
    known: dict[tuple[int, float, int], int] = {}
    pieces: dict[tuple[int, int, float, float], None] = {}
    for link in links:
        at, leaves = link.source, link.leaves
        for rank in range(cells[link.source].rank + 1, cells[link.target].rank):
            key = (link.source, link.leaves, rank)
            if key not in known:
                if len(cells) >= MOST_PLACES:
                    raise TooWide
                place = Cell(PASS, 0.0, passes=True)
                place.rank = rank
                known[key] = len(cells)
                ranks[rank].append(len(cells))
                cells.append(place)
            pieces[at, known[key], leaves, 0.0] = None
            at, leaves = known[key], 0.0
            link.points.append(at)
        pieces[at, link.target, leaves, link.enters] = None
    return list(pieces)


Near = dict[int, list[tuple[int, float, float]]]


def _order(ranks: list[list[int]], above: Near, below: Near) -> None:
    """Fewer crossings: each rank in the order of what its members lead to, down and up in turn."""
    at: dict[int, float] = {}
    for rank in ranks:
        for position, index in enumerate(rank):
            at[index] = float(position)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for rank in ranks if down else reversed(ranks):
            wanted = {}
            for index in rank:
                others = near.get(index, ())
                # Where on a wide box a line ends decides between lines of that box.
                wanted[index] = (
                    sum(at[other] + 1e-4 * theirs for other, _, theirs in others) / len(others) if others else at[index]
                )
            rank.sort(key=lambda index: wanted[index])
            for position, index in enumerate(rank):
                at[index] = float(position)


def _spread(cells: list[Cell], ranks: list[list[int]], above: Near, below: Near) -> None:
    """Coordinates across: each cell near the middle of what it is linked to, in the order that was found."""
    for rank in ranks:
        at = 0.0
        for index in rank:
            cell = cells[index]
            cell.across = at + cell.width / 2
            at += cell.width + GAP
        for index in rank:
            cells[index].across -= at / 2
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        for rank in ranks if down else reversed(ranks):
            _settle(cells, rank, above if down else below)
    both = {index: [*above.get(index, ()), *below.get(index, ())] for rank in ranks for index in rank}
    for sweep in range(SWEEPS):  # at last by both sides: what stands between is straight
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            _settle(cells, rank, both)


def _settle(cells: list[Cell], rank: list[int], near: Near) -> None:
    """The places of one rank that are nearest to the wanted ones without an overlap: neighbours that meet merge."""
    blocks: list[list[float]] = []  # sum of weighted wishes, weight, members
    offsets: list[float] = []
    at = 0.0
    for position, index in enumerate(rank):
        cell = cells[index]
        if position:
            before = cells[rank[position - 1]]
            at += (before.width + cell.width) / 2 + GAP
        offsets.append(at)
        wish, weight = cell.across * LOOSE, LOOSE
        for other, mine, theirs in near.get(index, ()):
            # Boxes that follow each other stand in a line, and what passes is straight; both bend where they meet.
            pull = 1.0 if cells[other].passes != cell.passes else 8.0
            wish += (cells[other].across + theirs - mine) * pull
            weight += pull
        wish /= weight
        blocks.append([(wish - at) * weight, weight, 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            for part in range(3):
                blocks[-1][part] += last[part]
    position = 0
    for total, weight, count in blocks:
        for _ in range(int(count)):
            cells[rank[position]].across = total / weight + offsets[position]
            position += 1


def _down(cells: list[Cell], ranks: list[list[int]]) -> list[tuple[float, float]]:
    """Coordinates down: each rank below the one before; the upper and the lower end of each."""
    ends = []
    at = 0.0
    for rank in ranks:
        depth = max((cells[index].depth for index in rank), default=0.0)
        for index in rank:
            cells[index].down = at
        ends.append((at, at + depth))
        at += depth + RANK_GAP
    return ends
