"""Where stations stand, and the arrows between them: in a row, in several rows, or as a U."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from cnncalc.diagram.model import Diagram
from cnncalc.diagram.scene import Item, Point, Shape
from cnncalc.diagram.styles.station import MARGIN, Station

GAP = 38.0  # between stations
LANE = 13.0
ROW = 15.0  # of the words below
Ends = tuple[int, int]


def place(stations: list[Station], shaped: bool, page: float | None, edges: set[Ends]) -> None:
    """From left to right; in a U each side length has a level of its own, smaller ones below."""
    levels = _levels(stations) if shaped else {}
    x, rows = MARGIN, [0]
    for number, station in enumerate(stations):
        if page is not None and not shaped and x > MARGIN and x + station.width + 2 * MARGIN > page:
            x = MARGIN
            rows.append(number)
        station.y = levels.get(station.sizes[0] or 1, 0.0)
        station.x = x + (station.width - station.glyph) / 2
        x += station.width + (GAP if not shaped else 0.7 * GAP)
    y = 0.0
    lanes = _shared(edges)
    for at, start in enumerate(rows[1:], 1):
        above, here = stations[rows[at - 1] : start], stations[start : [*rows, len(stations)][at + 1]]
        y += max(station.height / 2 + 22 + ROW * len(station.words) for station in above)
        over = len(_used(lanes, range(start, start + len(here))))
        y += 52 + LANE * over + max(station.height / 2 + station.rise for station in here)
        for station in here:
            station.y = y


def _levels(stations: list[Station]) -> dict[int, float]:
    """For each side length of images the height at which they stand."""
    known = [station for station in stations if station.sizes[1] is not None]
    first = known[0].sizes[0] or 1
    steps = {station.sizes[0] or 1: round(log(first / (station.sizes[0] or 1), 2)) for station in known}
    levels: dict[int, float] = {}
    y = 0.0
    for step in sorted(set(steps.values())):
        here = [station for station in known if steps[station.sizes[0] or 1] == step]
        if step != min(steps.values()):
            y += max(station.height / 2 + station.rise for station in here) + 40.0
        levels.update({side: y for side, number in steps.items() if number == step})
    return levels


def arrows(stations: list[Station], diagram: Diagram, shaped: bool) -> tuple[list[Item], float]:
    """Arrows between neighbours, and those of skips above them; the highest place that they reach."""
    found: list[Item] = []
    high = 0.0
    edges = sorted({(edge.source, edge.target) for edge in diagram.edges}, key=lambda ends: (ends[1] - ends[0], ends))
    lanes: list[list[Ends]] = []
    levels = {station.y for station in stations}
    folded = not shaped and len(levels) > 1
    shared = _shared(set(edges)) if folded else {}
    near = {y: _used(shared, [at for at, found in enumerate(stations) if found.y == y]) for y in levels}
    for source, target in edges:
        one, other = stations[source], stations[target]
        rows = not shaped and one.y != other.y
        if target == source + 1:
            parts = _next_row(stations, one, other) if rows else _next(one, other)
            found.append(Shape("line", (one.x + one.solid, one.y), parts, arrow=True))
            continue
        top = min(_top(station) for station in stations[source + 1 : target])
        if shaped and top > other.y + 8:  # level, above what lies between
            beside = one.x + one.glyph + 6
            parts = [((beside, one.y),), ((beside, other.y),)] if one.y != other.y else []
            found.append(Shape("line", (one.x + one.solid, one.y), [*parts, ((other.x, other.y),)], arrow=True))
            continue
        if folded:
            lane, out = near[one.y].index(shared[source, target]), 1
        else:
            lane = next((at for at, taken in enumerate(lanes) if not _meets(taken, source, target)), len(lanes))
            if lane == len(lanes):
                lanes.append([])
            lanes[lane].append((source, target))
            out = sum(end[0] == source for taken in lanes for end in taken)
        left = one.x + one.solid * 0.6 + 4 * (out - 1)
        into = other.x + other.solid * 0.4
        if rows:
            y = min(_top(station) for station in stations if station.y == one.y) - 22 - LANE * (lane + 1)
            under = near[other.y].index(shared[source, target])
            low = min(_top(station) for station in stations if station.y == other.y) - 22 - LANE * (under + 1)
            side = max(station.right for station in stations) + 8 + 4 * (lane % 4)
            path: list[tuple[Point, ...]] = [((left, y),), ((side, y),), ((side, low),), ((into, low),)]
        else:
            over = [station for station in stations if station.y == one.y] if folded else stations[source : target + 1]
            y = min(_top(station) for station in over) - 22 - LANE * (lane + 1)
            path = [((left, y),), ((into, y),)]
        high = min(high, y - 6)
        found.append(Shape("line", (left, _top(one)), [*path, ((into, _top(other)),)], arrow=True))
    return found, high


def _next(one: Station, other: Station) -> list[tuple[Point, ...]]:
    """To the neighbour, which may stand on another level."""
    end = (other.x, other.y)
    if one.y == other.y:
        return [(end,)]
    beside = min(max(one.right + 5, one.x + one.glyph + 5), other.x - 9)
    return [((beside, one.y),), ((beside, other.y),), (end,)]


def _next_row(stations: list[Station], one: Station, other: Station) -> list[tuple[Point, ...]]:
    """To the first one of the next row."""
    side = one.right + 8
    low = max(
        station.y + station.height / 2 + 26 + ROW * len(station.words) for station in stations if station.y == one.y
    )
    start = min(MARGIN / 2, other.x - 9)
    return [((side, one.y),), ((side, low),), ((start, low),), ((start, other.y),), ((other.x, other.y),)]


def _top(station: Station) -> float:
    return station.y - station.height / 2 - station.rise


def _shared(edges: set[Ends]) -> dict[Ends, int]:
    """Lanes for the arrows above several rows: those from one station share theirs, short ones lie lowest."""
    far: dict[int, int] = {}
    for source, target in edges:
        if target != source + 1:
            far[source] = max(far.get(source, 0), target)
    lanes: list[list[Ends]] = []
    found: dict[int, int] = {}
    for source, target in sorted(far.items(), key=lambda ends: (ends[1] - ends[0], ends)):
        lane = next((at for at, taken in enumerate(lanes) if not _meets(taken, source, target)), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((source, target))
        found[source] = lane
    return {ends: found[ends[0]] for ends in edges if ends[1] != ends[0] + 1}


def _used(lanes: dict[Ends, int], row: Sequence[int]) -> list[int]:
    """The lanes of arrows that begin or end in a row, from below: only they need room there."""
    return sorted({lane for (source, target), lane in lanes.items() if source in row or target in row})


def _meets(taken: list[Ends], source: int, target: int) -> bool:
    return any(source < end and start < target for start, end in taken)
