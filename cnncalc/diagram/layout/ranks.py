"""A layered layout of boxes of given sizes: ranks by longest path, an order within each rank, places across.

Ranks follow each other along the axis "down"; within a rank boxes stand side by side along "across". Values that pass
a rank get a place in it, too, so that no line crosses a box.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from cnncalc.diagram.layout.cell import PASS, Cell, Link, Piece
from cnncalc.diagram.layout.straight import straighten

MOST_PLACES = 60_000


class TooWide(Exception):
    """So many lines pass so many ranks that no picture could be read."""


def arrange(
    cells: list[Cell], links: Sequence[Link], first: Sequence[int] = (), last: Sequence[int] = ()
) -> list[list[int]]:
    """Give every cell its rank and its place across; the members of the ranks in order. Raises `TooWide`.

    Cells come in an order in which links go forwards. `first` stand in the uppermost rank alone, `last` in the lowest.
    Places for lines that pass are appended to `cells`.
    """
    _rank(cells, links, set(first), set(last))
    ranks: list[list[int]] = [[] for _ in range(max((cell.rank for cell in cells), default=0) + 1)]
    for index, cell in enumerate(cells):
        ranks[cell.rank].append(index)
    pieces = _places(cells, links, ranks)
    order(ranks, [(piece.source, piece.target, piece.leaves, piece.enters) for piece in pieces])
    straighten(cells, ranks, pieces)
    return ranks


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


def _places(cells: list[Cell], links: Sequence[Link], ranks: list[list[int]]) -> list[Piece]:
    """Put places where links pass ranks; links that leave at one point share them. The pieces of all links."""
    known: dict[tuple[int, float, int], int] = {}
    pieces: dict[tuple[int, int, float, float], Piece] = {}

    def piece(source: int, target: int, leaves: float, enters: float, room: float) -> Piece:
        key = (source, target, leaves, enters)
        if key not in pieces:
            pieces[key] = Piece(*key, room)
        return pieces[key]

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
            link.pieces.append(piece(at, known[key], leaves, 0.0, 0.0))
            at, leaves = known[key], 0.0
        link.pieces.append(piece(at, link.target, leaves, link.enters, link.room))
    return list(pieces.values())


SWEEPS = 8
MOST_PIECES = 4_000  # more are ordered with fewer sweeps

Ends = tuple[int, int, float, float]


def order(ranks: list[list[int]], pieces: Sequence[Ends]) -> None:
    """Sort each rank by what its members lead to, down and up in turn; the order with the fewest crossings stays."""
    above: dict[int, list[tuple[int, float]]] = {}
    below: dict[int, list[tuple[int, float]]] = {}
    for source, target, leaves, enters in pieces:
        below.setdefault(source, []).append((target, enters))
        above.setdefault(target, []).append((source, leaves))
    at = {index: float(position) for rank in ranks for position, index in enumerate(rank)}
    best, fewest = [list(rank) for rank in ranks], crossings(at, ranks, pieces)
    for sweep in range(SWEEPS if len(pieces) < MOST_PIECES else 3):
        if not fewest:
            break
        down = sweep % 2 == 0
        near = above if down else below
        for rank in ranks if down else reversed(ranks):
            wanted = {}
            for index in rank:
                others = near.get(index, ())
                # Where on a wide box a line ends decides between lines of that box.
                wanted[index] = (
                    sum(at[other] + 1e-4 * theirs for other, theirs in others) / len(others) if others else at[index]
                )
            rank.sort(key=lambda index: wanted[index])
            for position, index in enumerate(rank):
                at[index] = float(position)
        found = crossings(at, ranks, pieces)
        if found < fewest:
            best, fewest = [list(rank) for rank in ranks], found
    for rank, found_rank in zip(ranks, best, strict=True):
        rank[:] = found_rank


def crossings(at: dict[int, float], ranks: list[list[int]], pieces: Sequence[Ends]) -> int:
    """How many pairs of lines cross between neighbouring ranks."""
    rank_of = {index: number for number, rank in enumerate(ranks) for index in rank}
    gaps: list[list[tuple[float, float]]] = [[] for _ in ranks]
    for source, target, leaves, enters in pieces:
        gaps[rank_of[source]].append((at[source] + 1e-4 * leaves, at[target] + 1e-4 * enters))
    total = 0
    for gap in gaps:
        ends: list[float] = []
        for _, end in sorted(gap):
            total += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return total
