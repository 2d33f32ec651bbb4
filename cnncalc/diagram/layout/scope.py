"""What lies directly in a frame, and how its ranks stand below each other, in columns where they need to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.diagram.layout.cell import GAP, Cell, Link, Piece

RANK_GAP = 30.0  # between ranks
ROLE_GAP = 16.0  # more, where words stand at the ends of lines
BORDER = 12.0  # between a border and the first rank where lines are straight
LANE = 12.0  # between lines that go round the picture, or from column to column

Key = tuple[str, Any]


class Scope:
    """What lies directly in a frame: boxes, frames, words on lines, and gates where values pass the border."""

    def __init__(self) -> None:
        self.items: dict[Key, float] = {}  # in the order of their numbers
        # From what to what, and the name of the gate where that is a frame.
        self.links: dict[tuple[Key, Key, Any], str] = {}
        self.cells: dict[Key, Cell] = {}
        self.made: list[tuple[Key, Key, Link, bool, str]] = []
        self.all: list[Cell] = []
        self.ranks: list[tuple[float, float]] = []
        # For the pieces that lead to another column: the lane below, between and above.
        self.lanes: dict[tuple[int, float, int], tuple[float, float, float]] = {}
        self.width = 0.0
        self.depth = 0.0

    def add(self, key: Key, at: float | None = None) -> Key:
        """Let something lie here."""
        self.items.setdefault(key, float(len(self.items)) if at is None else at)
        return key


def down(
    scope: Scope, ranks: list[list[int]], limit: float | None, measure: Callable[[str], float] | None = None
) -> None:
    """Each rank below the one before, in columns where they are higher than the limit.

    `measure` gives the room of words at the ends of lines that lead to the right.
    """
    cells = scope.all
    gaps = [0.0] + [RANK_GAP] * (len(ranks) - 1)
    for _, _, link, _, role in scope.made:
        if role:
            rank = cells[link.target].rank
            gaps[rank] = max(gaps[rank], RANK_GAP + (ROLE_GAP if measure is None else measure(role)))
    for number in range(1, len(ranks)):
        # Nothing but straight lines from or to the border.
        if all(cells[index].depth == 0.0 and not cells[index].passes for index in ranks[number - 1]):
            gaps[number] = BORDER if straight(scope, number) else gaps[number]
        if all(cells[index].depth == 0.0 and not cells[index].passes for index in ranks[number]):
            gaps[number] = BORDER if straight(scope, number) else gaps[number]
    heights = [
        gap + max((cells[index].depth for index in rank), default=0.0) for gap, rank in zip(gaps, ranks, strict=True)
    ]
    pieces = {id(piece): piece for made in scope.made for piece in made[2].pieces}.values()
    over: list[list[Piece]] = [[] for _ in ranks]
    for piece in pieces:
        over[cells[piece.target].rank].append(piece)
    sources = [{(piece.source, piece.leaves) for piece in found} for found in over]
    starts = [0] if limit is None else [0, *cuts(heights, [len(found) for found in sources], limit)]
    above = max((len(sources[start]) for start in starts[1:]), default=0) * LANE
    above += LANE if len(starts) > 1 else 0.0
    scope.ranks = []
    x = ended = scope.depth = 0.0
    for column, start in enumerate(starts):
        stop = starts[column + 1] if column + 1 < len(starts) else len(ranks)
        members = [cells[index] for rank in ranks[start:stop] for index in rank]
        left = min((cell.across - cell.width / 2 for cell in members), default=0.0)
        right = max((cell.across + cell.width / 2 for cell in members), default=0.0)
        y = above if column else 0.0
        count = len(sources[start])
        bottom, middle = ended, x
        if column:
            x += GAP + count * LANE
        for cell in members:
            cell.across += x - left
            cell.column = column
        for number in range(start, stop):
            y += gaps[number] if number > start else 0.0
            depth = heights[number] - gaps[number]
            for index in ranks[number]:
                cells[index].down = y
            scope.ranks.append((y, y + depth))
            y += depth
        if column:
            far = sorted(sources[start], key=lambda key: cells[key[0]].across + key[1], reverse=True)
            for lane, (source, leaves) in enumerate(far):
                at = (lane + 1) * LANE
                scope.lanes[source, leaves, column] = (bottom + at, middle + at, above - LANE * (count + 1) + at)
        x += right - left
        after = sources[stop] if stop < len(ranks) else set()
        scope.depth = max(scope.depth, y + (len(after) + 1) * LANE if after else y)
        ended = y
    scope.width = x


def straight(scope: Scope, rank: int) -> bool:
    """Whether all lines that lead to a rank are straight."""
    cells = scope.all
    pieces = (piece for made in scope.made for piece in made[2].pieces if cells[piece.target].rank == rank)
    return all(
        abs(cells[piece.source].across + piece.leaves - cells[piece.target].across - piece.enters) < 0.01
        for piece in pieces
    )


COLUMN = 1000.0  # what one more column costs
CROSSING = 0.02  # what one more line over a cut costs, against a column that is as much taller than the page is high


def cuts(heights: Sequence[float], crossing: Sequence[int], limit: float) -> list[int]:
    """The ranks at which columns begin, the first one left out. `crossing[r]`: the lines that lead to rank r.

    As few columns as fit the limit; among these the most even ones.
    """
    total = sum(heights)
    if total <= limit or len(heights) < 2:
        return []
    ends = [0.0]
    for height in heights:
        ends.append(ends[-1] + height)
    found = _even(ends, crossing, total / max(2, -(-total // limit)), limit)
    return _even(ends, crossing, total / (len(found) + 1), limit)


def _even(ends: list[float], crossing: Sequence[int], ideal: float, limit: float) -> list[int]:
    """The best cuts for columns of about that height; a rank that is higher than the page stands alone."""
    count = len(ends) - 1
    best = [0.0] + [float("inf")] * count
    came = [0] * (count + 1)
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            height = ends[end] - ends[start]
            if height > limit and start < end - 1:
                break
            over = max(0, crossing[start] - 1) if start else 0
            cost = best[start] + COLUMN + ((height - ideal) / limit) ** 2 + CROSSING * over * over
            if cost < best[end]:
                best[end], came[end] = cost, start
    found, end = [], count
    while end:
        end = came[end]
        found.append(end)
    return found[::-1][1:]
