"""A cell's states as the field draws them: a column a step, the input below, the output above, time to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.diagram.layout.placed import Line, Placed
from cnncalc.diagram.model import Box, Diagram, Edge

MARGIN = 16.0
ACROSS, UP = 64.0, 54.0  # between columns and between rows, with room for a word
LOOP = 46.0  # how far an arrow to the next step goes out where there is but one

Size = tuple[float, float]


def fits(diagram: Diagram) -> bool:
    """Whether the arrows are few enough: up to the row above within a step, along a row to the next step."""
    column = {box.id: 0 if box.group is None else box.group + 1 for box in diagram.boxes}
    row = _rows(diagram, column)
    pairs = [(edge.source, edge.target) for edge in diagram.edges]
    if len(set(pairs)) < len(pairs) or len(set(zip(column.values(), map(_base, diagram.boxes), strict=True))) < len(
        column
    ):
        return False
    for edge in diagram.edges:
        later = edge.delay or column[edge.target] - column[edge.source]
        up = row[_base(diagram.boxes[edge.target])] - row[_base(diagram.boxes[edge.source])]
        if (later, up) not in ((0, 1), (1, 0)):
            return False
    return True


def place(diagram: Diagram, sizes: Mapping[int, Size], width: Callable[[str], float]) -> Placed:
    """Lay out the inputs, states and outputs of a cell, of one step or unrolled; `width` measures words."""
    column = {box.id: 0 if box.group is None else box.group + 1 for box in diagram.boxes}
    row = _rows(diagram, column)
    label = max((width(edge.label) for edge in diagram.edges), default=0.0)
    wide = [
        max((sizes[box.id][0] for box in diagram.boxes if column[box.id] == at), default=0.0) for at in _all(column)
    ]
    high = [max((sizes[box.id][1] for box in diagram.boxes if row[_base(box)] == at), default=0.0) for at in _all(row)]
    x = [MARGIN + sum(wide[:at]) + at * max(ACROSS, label + 30) for at in range(len(wide))]
    y = [MARGIN + sum(high[at + 1 :]) + (len(high) - 1 - at) * UP for at in range(len(high))]
    placed = Placed()
    for box in diagram.boxes:
        (w, h), c, r = sizes[box.id], column[box.id], row[_base(box)]
        placed.boxes[box.id] = (x[c] + (wide[c] - w) / 2, y[r] + (high[r] - h) / 2, w, h)
    for edge in diagram.edges:
        _line(placed, edge, column[edge.target] - column[edge.source])
    said = [place + width(text) / 2 for text, place, _ in placed.words]
    placed.width = max([x[-1] + wide[-1], *said]) + MARGIN
    placed.height = sum(high) + (len(high) - 1) * UP + 2 * MARGIN
    return placed


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


def _line(placed: Placed, edge: Edge, steps: int) -> None:
    """An arrow: upwards within a step, to the right to the next one, out and back where only one is drawn."""
    (x, y, w, h), (to_x, to_y, to_w, to_h) = placed.boxes[edge.source], placed.boxes[edge.target]
    words = ", ".join(word for word in (edge.label, f"delay {edge.delay}" if edge.delay else "") if word)
    if edge.delay:
        out, middle = x + w + LOOP, y + h / 2
        line = Line((x + w, middle - 7), True, late=True)
        line.parts.append(((out, middle - 31), (out, middle + 31), (x + w, middle + 7)))
        at = (out + 4 * len(words), middle)
    elif steps:
        line = Line((x + w, y + h / 2), True)
        line.straight(to_x, to_y + to_h / 2)
        at = ((x + w + to_x) / 2, y + h / 2)
    else:
        line = Line((x + w / 2, y), True)
        line.straight(to_x + to_w / 2, to_y + to_h)
        at = (x + w / 2, (y + to_y + to_h) / 2)
    placed.lines.append(line)
    if words:
        placed.words.append((words, *at))
