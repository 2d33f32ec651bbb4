"""Ranks in columns: where a tall picture is cut, so that it fits a page and few lines cross the cuts."""

from __future__ import annotations

from collections.abc import Sequence

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
