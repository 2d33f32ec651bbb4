"""Places across: chains in one line, everything else as near to what it is linked with as room allows.

Each cell may stand in line with one cell above and one below; cells in line share one number. The lines of the longest
path are chosen first, so that what a network mainly does is straight and what goes around it bends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from cnncalc.diagram.layout.cell import GAP, Cell, Piece

SWEEPS = 6
ENTRY = 22.0  # between the entries of a box
WORDS = 18.0  # between the words at entries


def straighten(cells: list[Cell], ranks: list[list[int]], pieces: Sequence[Piece]) -> None:
    """Set `across` of all cells, and where pieces enter the boxes with ports."""
    at = {index: position for rank in ranks for position, index in enumerate(rank)}
    chosen = _in_line(cells, at, pieces)
    _entries(cells, at, pieces, chosen)
    line = list(range(len(cells)))  # the number that a cell shares, and how far it stands from it
    offset = [0.0] * len(cells)
    for rank in ranks:
        for index in rank:
            piece = chosen.get(index)
            if piece is not None:
                line[index] = line[piece.source]
                offset[index] = offset[piece.source] + piece.leaves - piece.enters
    _settle(cells, ranks, pieces, line, offset)


def _in_line(cells: list[Cell], at: dict[int, int], pieces: Sequence[Piece]) -> dict[int, Piece]:
    """The pieces that are to be straight, by the cells they lead to."""
    above: dict[int, int] = {}  # the longest path that ends or begins at a cell, in boxes
    below: dict[int, int] = {}
    by_rank = sorted(pieces, key=lambda piece: cells[piece.source].rank)
    for piece in by_rank:
        longest = above.get(piece.source, not cells[piece.source].passes) + (not cells[piece.target].passes)
        above[piece.target] = max(above.get(piece.target, 0), longest)
    for piece in reversed(by_rank):
        longest = below.get(piece.target, not cells[piece.target].passes) + (not cells[piece.source].passes)
        below[piece.source] = max(below.get(piece.source, 0), longest)
    out: dict[int, list[int]] = {}
    for piece in pieces:
        out.setdefault(piece.source, []).append(at[piece.target])

    def worth(piece: Piece) -> tuple[float, float, int]:
        length = above.get(piece.source, not cells[piece.source].passes)
        length += below.get(piece.target, not cells[piece.target].passes)
        places = sorted(out[piece.source])
        return (-length, abs(at[piece.target] - places[(len(places) - 1) // 2]), at[piece.source])

    chosen: dict[int, Piece] = {}
    left: set[int] = set()
    gaps: dict[int, list[tuple[int, int]]] = {}
    for piece in sorted(pieces, key=worth):
        if piece.source in left or piece.target in chosen:
            continue
        taken = gaps.setdefault(cells[piece.source].rank, [])
        ends = (at[piece.source], at[piece.target])
        place = bisect_left(taken, ends)
        if (place and taken[place - 1][1] > ends[1]) or (place < len(taken) and taken[place][1] < ends[1]):
            continue
        taken.insert(place, ends)
        left.add(piece.source)
        chosen[piece.target] = piece
    return chosen


def _entries(cells: list[Cell], at: dict[int, int], pieces: Sequence[Piece], chosen: dict[int, Piece]) -> None:
    """An entry for each line into a box: the straight one in the middle, the others beside it in their order."""
    into: dict[int, list[Piece]] = {}
    for piece in pieces:
        if cells[piece.target].ports:
            into.setdefault(piece.target, []).append(piece)
    for target, found in into.items():
        if len(found) < 2:
            continue
        found.sort(key=lambda piece: (at[piece.source], piece.leaves))
        straight = chosen.get(target)
        main = found.index(straight) if straight is not None else (len(found) - 1) // 2
        most = (cells[target].width / 2 - 8) / max(main, len(found) - 1 - main)
        x = 0.0
        for number in range(main, len(found)):
            found[number].enters = x
            x += min(most, max(ENTRY, found[number].room + WORDS))
        x = 0.0
        for number in range(main - 1, -1, -1):
            x -= min(most, max(ENTRY, found[number].room + WORDS))
            found[number].enters = x


def _settle(
    cells: list[Cell], ranks: list[list[int]], pieces: Sequence[Piece], line: list[int], offset: list[float]
) -> None:
    """The numbers of the lines: packed from the left and from the right, each pulled to its links; then the middle."""
    before: dict[int, dict[int, float]] = {}  # what stands to the left of a line, and how far away at least
    after: dict[int, dict[int, float]] = {}
    for rank in ranks:
        for one, other in pairwise(rank):
            room = (GAP, GAP * 0.6, GAP * 0.5)[cells[one].passes + cells[other].passes]
            apart = (cells[one].width + cells[other].width) / 2 + room + offset[one] - offset[other]
            a, b = line[one], line[other]
            before.setdefault(b, {})[a] = max(before.get(b, {}).get(a, apart), apart)
            after.setdefault(a, {})[b] = max(after.get(a, {}).get(b, apart), apart)
    wishes: dict[int, list[tuple[int, float]]] = {}
    for piece in pieces:
        a, b = line[piece.source], line[piece.target]
        if a != b:
            apart = offset[piece.source] + piece.leaves - offset[piece.target] - piece.enters
            wishes.setdefault(b, []).append((a, apart))
            wishes.setdefault(a, []).append((b, -apart))
    order = _sorted(set(line), before, after)
    left = _packed(order, before)
    right = {number: -x for number, x in _packed(order[::-1], after).items()}
    for found in (left, right):
        for sweep in range(SWEEPS):
            for number in order[::-1] if sweep % 2 == (found is right) else order:
                wanted = [found[other] + apart for other, apart in wishes.get(number, ())]
                if not wanted:
                    continue
                x = median(wanted)
                x = max([x, *(found[other] + apart for other, apart in before.get(number, {}).items())])
                found[number] = min([x, *(found[other] - apart for other, apart in after.get(number, {}).items())])
    middle = _shift(cells, line, offset, left) - _shift(cells, line, offset, right)
    for index, cell in enumerate(cells):
        cell.across = (left[line[index]] + right[line[index]] - middle) / 2 + offset[index]


def _shift(cells: list[Cell], line: list[int], offset: list[float], found: dict[int, float]) -> float:
    """The middle of the widest extent."""
    ends = [(found[line[at]] + offset[at], cell.width / 2) for at, cell in enumerate(cells)]
    return (min(x - half for x, half in ends) + max(x + half for x, half in ends)) / 2 if ends else 0.0


def _sorted(lines: set[int], before: dict[int, dict[int, float]], after: dict[int, dict[int, float]]) -> list[int]:
    """The lines from left to right."""
    waits = {number: len(before.get(number, ())) for number in lines}
    ready = sorted((number for number, count in waits.items() if not count), reverse=True)
    found = []
    while ready:
        number = ready.pop()
        found.append(number)
        for other in after.get(number, ()):
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return found


def _packed(order: list[int], before: dict[int, dict[int, float]]) -> dict[int, float]:
    """Each as near to the start as what stands before it allows."""
    found: dict[int, float] = {}
    for number in order:
        found[number] = max((found[other] + apart for other, apart in before.get(number, {}).items()), default=0.0)
    return found
