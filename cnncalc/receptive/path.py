"""How a receptive field comes about, layer by layer from the input on: r = r + D·(K − 1)·j, j = j·S."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.number import shown
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.receptive.fields import Field, Fields

# Names of the axes of an image, by how many there are.
AXES: dict[int, tuple[str, ...]] = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


class Step(NamedTuple):
    """One layer on the way that changes the field along an axis: the formulas with numbers, and what they come to.

    `formula` is empty where the layer is no window: its field is what it is.
    """

    layer: str
    axis: str
    formula: str
    size: Any
    jump_formula: str
    jump: object

    def to_dict(self) -> dict[str, object]:
        """The step as data."""
        jump = self.jump if self.jump is None or type(self.jump) is int else str(self.jump)
        return {"layer": self.layer, "axis": self.axis, "r": self.size, "j": jump, "formula": self.formula}


def steps(fields: Fields, row: Row) -> list[Step]:
    """The layers that make the field of a layer in its first input; none where it is not made of windows alone.

    Where branches meet, the one that sees most is followed.
    """
    report = fields.report
    last = fields.get(row.name)
    if not last or any(type(size) is not int for size in last[0].size):
        return []
    found: list[Step] = []
    known = Field(last[0].input, (1,) * len(last[0].size), (1,) * len(last[0].size), ())
    for on in _way(fields, report, row, last[0].input):
        field = next((one for one in fields.get(on.name) if one.input == known.input), None)
        if field is None:
            return []
        if (field.size, field.stride) != (known.size, known.stride):
            found.extend(_changed(on, known, field))
        known = field
    return found if known.size == last[0].size else []


def _way(fields: Fields, report: Report, row: Row, given: str) -> list[Row]:
    """The layers from the input to this one."""
    count = len(report.graph.inputs)
    way = [row]
    while True:
        before = [ref for ref in way[-1].node.inputs if _number(ref) >= count]
        rows = [report.rows[_number(ref) - count] for ref in before]
        seen = [(one, field.size) for one in rows for field in fields.get(one.name) if field.input == given]
        if not seen:
            return way[::-1]
        way.append(max(seen, key=lambda pair: max(map(_size, pair[1])))[0])


def _number(ref: Ref) -> int:
    return ref if isinstance(ref, int) else ref[0]


def _size(size: object) -> int:
    return size if type(size) is int else 0


def _changed(row: Row, before: Field, after: Field) -> list[Step]:
    """One step for all axes that agree, or one for each."""
    names = AXES.get(len(after.size), ())
    windows = _windows(row, len(after.size))
    rows = []
    for at, axis in enumerate(names):
        window = windows[at] if windows is not None else None
        rows.append((axis, before.size[at], before.stride[at], window, after.size[at], after.stride[at]))
    if not rows:
        return []
    alike = all(one[1:] == rows[0][1:] for one in rows)
    return [_step(row.name, *one) for one in ([("", *rows[0][1:])] if alike else rows)]


def _step(
    layer: str, axis: str, size: object, jump: object, window: tuple[int, int, int] | None, now: object, after: object
) -> Step:
    formula = jump_formula = ""
    if window is not None and type(size) is int and type(jump) is int:
        kernel, stride, dilation = window
        spread = f"({shown(kernel)} − 1)" if dilation <= 1 else f"{shown(dilation)}·({shown(kernel)} − 1)"
        if size + dilation * (kernel - 1) * jump == now and jump * stride == after:
            formula = f"{shown(size)} + {spread}·{shown(jump)}"
            jump_formula = f"{shown(jump)}·{shown(stride)}"
    return Step(layer, axis, formula, now, jump_formula, after)


def _windows(row: Row, count: int) -> list[tuple[int, int, int]] | None:
    """Kernel, stride and dilation along each axis; None for a layer that is no window."""
    layer: object = row.layer
    found = [getattr(layer, name, None) for name in ("kernel_size", "stride", "dilation")]
    kernel, stride = found[0], found[1]
    dilation = found[2] if isinstance(found[2], tuple) else (1,) * count
    if not isinstance(kernel, tuple) or not isinstance(stride, tuple) or len(kernel) != count:
        return None
    windows = list(zip(kernel, stride, dilation, strict=False))
    return windows if all(type(size) is int for window in windows for size in window) else None
