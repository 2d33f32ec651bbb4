"""A cell's states as the field draws them: a column a step, the input below, the output above, time to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.diagram.layout.placed import Line, Placed
from cnncalc.diagram.model import Box, Diagram, Edge

MARGIN = 16.0
ACROSS, UP = 64.0, 54.0  # between columns and between rows, with room for a word
LOOP = 46.0  # how far an arrow to the next step goes out where there is but one
LANE = 14.0  # between a column and an arrow that passes a box
ROW = 15.0
MOST_ARROWS = 8  # between the values of a step

Size = tuple[float, float]


class _Arrow:
    """All lines from a box to another one with the same delay; `words` stand below each other."""

    def __init__(self, edge: Edge, later: int, up: int) -> None:
        self.edge = edge
        self.later = later
        self.up = up
        self.words: list[str] = []


def fits(diagram: Diagram) -> bool:
    """Whether the arrows are few enough: upwards within a step, along a row or downwards to the next step."""
    column = _columns(diagram)
    if len(set(zip(column.values(), map(_base, diagram.boxes), strict=True))) < len(column):
        return False
    arrows = _arrows(diagram, column)
    within = {(_base(diagram.boxes[one.edge.source]), one.later, one.up) for one in arrows}
    leads = all((one.later == 0 and one.up > 0) or (one.later == 1 and one.up <= 0) for one in arrows)
    return (
        leads
        and len(within) <= MOST_ARROWS
        and sum(one.later == 0 and one.up > 1 for one in arrows) <= max(1, len(diagram.groups))
    )


def place(diagram: Diagram, sizes: Mapping[int, Size], width: Callable[[str], float]) -> Placed:
    """Lay out the inputs, states and outputs of a cell, of one step or unrolled; `width` measures words."""
    column, arrows = _columns(diagram), _arrows(diagram, _columns(diagram))
    row = _rows(diagram, column)

    def room(some: list[_Arrow]) -> float:
        return max((width(word) + 30 for one in some for word in one.words), default=0.0)

    beside = room([one for one in arrows if not one.later and one.up > 1])
    along = max(ACROSS, room([one for one in arrows if not (not one.later and one.up > 1)]))
    lines = max((len(one.words) for one in arrows), default=0)
    up = max(UP, ROW * lines + 30)
    wide = [
        max((sizes[box.id][0] for box in diagram.boxes if column[box.id] == at), default=0.0) for at in _all(column)
    ]
    high = [max((sizes[box.id][1] for box in diagram.boxes if row[_base(box)] == at), default=0.0) for at in _all(row)]
    x = [MARGIN + beside + sum(wide[:at]) + at * (along + beside) for at in range(len(wide))]
    above = ROW * max((len(one.words) for one in arrows if one.later and one.up == 0), default=0)
    top = MARGIN + max(0.0, above - high[-1] / 2)
    y = [top + sum(high[at + 1 :]) + (len(high) - 1 - at) * up for at in range(len(high))]
    placed = Placed()
    for box in diagram.boxes:
        (w, h), c, r = sizes[box.id], column[box.id], row[_base(box)]
        placed.boxes[box.id] = (x[c] + (wide[c] - w) / 2, y[r] + (high[r] - h) / 2, w, h)
    for one in arrows:
        _line(placed, one, x[column[one.edge.source]], beside, width)
    said = [place + width(text) / 2 for text, place, _ in placed.words]
    placed.width = max([x[-1] + wide[-1], *said]) + MARGIN
    placed.height = sum(high) + (len(high) - 1) * up + top + MARGIN
    return placed


def _columns(diagram: Diagram) -> dict[int, int]:
    return {box.id: 0 if box.group is None else box.group + 1 for box in diagram.boxes}


def _arrows(diagram: Diagram, column: Mapping[int, int]) -> list[_Arrow]:
    row = _rows(diagram, column)
    found: dict[tuple[int, int, int], _Arrow] = {}
    for edge in diagram.edges:
        up = row[_base(diagram.boxes[edge.target])] - row[_base(diagram.boxes[edge.source])]
        later = edge.delay or column[edge.target] - column[edge.source]
        one = found.setdefault((edge.source, edge.target, edge.delay), _Arrow(edge, later, up))
        if edge.label:
            one.words.append(edge.label)
    for one in found.values():
        if one.edge.delay:
            one.words.append(f"t - {one.edge.delay}")
    return list(found.values())


def _all(numbers: Mapping[int, int] | Mapping[str, int]) -> range:
    return range(max(numbers.values(), default=0) + 1)


def _base(box: Box) -> str:
    """Which value of the cell it is, at whatever step."""
    return box.name.partition("[")[0]


def _rows(diagram: Diagram, column: Mapping[int, int]) -> dict[str, int]:
    """How many values stand below each one: what it is made from in its step, and no two on one row."""
    deep: dict[str, int] = {}
    for box in diagram.boxes:
        below = [
            deep[_base(diagram.boxes[edge.source])] + 1
            for edge in diagram.edges
            if edge.target == box.id and not edge.delay and column[edge.source] == column[box.id]
        ]
        deep[_base(box)] = max([deep.get(_base(box), 0), *below])
    order = sorted(deep, key=lambda name: deep[name])
    return {name: at for at, name in enumerate(order)}


def _line(placed: Placed, one: _Arrow, left: float, beside: float, width: Callable[[str], float]) -> None:
    """An arrow: upwards within a step, to the right to the next one, out and back where only one is drawn."""
    edge = one.edge
    (x, y, w, h), (to_x, to_y, to_w, to_h) = placed.boxes[edge.source], placed.boxes[edge.target]
    wide = max(map(width, one.words), default=0.0)
    start, stop = y + h / 2, to_y + to_h / 2
    if edge.delay:
        right = max(x + w, to_x + to_w)
        out = right + LOOP
        turn = 7 if one.up == 0 else -14  # downwards it starts below the loop of its own box, and ends above the other
        line = Line((x + w, start - turn), True, late=True)
        swing = 24 if one.up == 0 else 0
        line.parts.append(((out, start - turn - swing), (out, stop + turn + swing), (to_x + to_w, stop + turn)))
        at = (right + LOOP * 0.75 + 10 + wide / 2, (start + stop) / 2)
    elif one.later and one.up == 0:  # the words stand above
        line = Line((x + w, start), True)
        line.straight(to_x, stop)
        at = ((x + w + to_x - beside) / 2, start - 9 - ROW * (len(one.words) - 1) / 2)
    elif one.later:  # the words stand on the left, where no arrow passes a box
        line = Line((x + w, start + 8), True)
        line.straight(to_x, stop - 8)
        middle = (start + stop) / 2 + 12
        along = (middle - ROW * len(one.words) / 2 - start - 8) / (stop - start - 16) * (to_x - x - w)
        at = (x + w + along - 8 - wide / 2, middle)
    elif one.up > 1:  # beside the boxes that stand between
        lane, end = left - LANE, to_y + to_h
        line = Line((x + w / 4, y), True)
        line.parts.append(((x + w / 4, y - 24), (lane, y - 10), (lane, y - 44)))
        line.straight(lane, end + 44)
        line.parts.append(((lane, end + 10), (to_x + to_w / 4, end + 24), (to_x + to_w / 4, end)))
        at = (lane - 6 - wide / 2, y - UP / 2)
    else:
        line = Line((x + w / 2, y), True)
        line.straight(to_x + to_w / 2, to_y + to_h)
        at = (x + w / 2 + 8 + wide / 2, (y + to_y + to_h) / 2)
    placed.lines.append(line)
    for number, word in enumerate(one.words):
        placed.words.append((word, at[0], at[1] + ROW * (number - (len(one.words) - 1) / 2)))
