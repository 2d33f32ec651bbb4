"""Fewer crossings: the order of the cells within each rank."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

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
