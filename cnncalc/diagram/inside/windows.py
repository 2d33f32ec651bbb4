"""Convolutions and pools at one place: the window in the input, the kernel, and the sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.diagram.inside.example import CHANNELS, Example, Grid, around, fixed, number, place, shown, weight
from cnncalc.network.row import Row

LONGEST = 18  # products that are written out
MOST_TAPS = 4_096  # of a kernel
MOST_COVERED = 40_000  # places from the first tap to the last


class Axis(NamedTuple):
    """How a window moves along one axis."""

    size: int
    out: int
    kernel: int
    stride: int
    dilation: int
    before: int

    @property
    def span(self) -> int:
        """How many places a window goes over, those between its taps included."""
        return self.dilation * (self.kernel - 1) + 1

    def taps(self, at: int) -> list[int]:
        """The places of the input that an output reads; outside of it is padding."""
        return [at * self.stride - self.before + self.dilation * tap for tap in range(self.kernel)]

    def sources(self, at: int) -> list[tuple[int, int]]:
        """Of a transposed convolution: the inputs that reach an output, each with its place in the kernel."""
        found = []
        for tap in range(self.kernel):
            start = at + self.before - self.dilation * tap
            if start % self.stride == 0 and 0 <= start // self.stride < self.size:
                found.append((start // self.stride, tap))
        return found


def example(row: Row, at: list[int] | None) -> Example:
    """One output of a convolution, a transposed one or a pool. Raises `Fault`."""
    rows, columns, channels = _axes(row)
    flat = rows is None
    axes = [Axis(1, 1, 1, 1, 1, 0) if rows is None else rows, columns]
    taps = axes[0].kernel * axes[1].kernel
    if taps > MOST_TAPS:
        raise Fault("nothing-inside", f'a window of "{row.name}" has {taps:,} places, and {MOST_TAPS:,} can be drawn')
    covered = axes[0].span * axes[1].span
    if covered > MOST_COVERED:
        what = f'a window of "{row.name}" spans {covered:,} places, and {MOST_COVERED:,} can be drawn'
        raise Fault("nothing-inside", what)
    wanted = place(row, at, [axis.out for axis in (axes if not flat else axes[1:])])
    spot = [0, *wanted] if flat else wanted
    if "Transpose" in row.type:
        return _transposed(row, axes, spot, flat)
    return _window(row, axes, spot, channels, flat)


def _axes(row: Row) -> tuple[Axis | None, Axis, int]:
    """The axes of the image, rows and columns, of a sequence the columns alone, and its channels."""
    layer: Any = row.layer
    keras = row.layer.convention == "keras"
    inner, outer = fixed(row, row.facts.inputs[0][1:]), fixed(row, row.facts.shape[1:])
    channels, sizes, outs = (inner[-1], inner[:-1], outer[:-1]) if keras else (inner[0], inner[1:], outer[1:])
    if len(sizes) > 2:
        raise Fault("nothing-inside", f'"{row.name}" has three axes, and numbers are drawn for one or two')

    def several(value: object) -> list[int]:
        return fixed(row, tuple(value) if isinstance(value, (tuple, list)) else (value,) * len(sizes))

    kernel = several(getattr(layer, "pool_size", None) or layer.kernel_size)
    stride = several(layer.strides if keras else layer.stride)
    dilation = several(getattr(layer, "dilation_rate" if keras else "dilation", None) or 1)
    found = []
    for axis, size in enumerate(sizes):
        span = dilation[axis] * (kernel[axis] - 1) + 1
        padding: Any = layer.padding
        if not isinstance(padding, str):
            pair = padding[axis] if isinstance(padding, (tuple, list)) else padding
            before = fixed(row, pair if isinstance(pair, tuple) else (pair,))[0]
        elif "Transpose" in row.type:
            before = max(0, span - stride[axis]) // 2 if padding == "same" else 0
        else:
            total = max(0, (outs[axis] - 1) * stride[axis] + span - size)
            parts = {"valid": 0, "causal": total, "same_lower": (total + 1) // 2}
            before = parts.get(padding, total // 2)
        found.append(Axis(size, outs[axis], kernel[axis], stride[axis], dilation[axis], before))
    return (None if len(found) == 1 else found[0]), found[-1], channels


def _window(row: Row, axes: list[Axis], at: list[int], channels: int, flat: bool) -> Example:
    """A window over the input."""
    pool = "Pool" in row.type
    many = 1 if pool else max(1, min(CHANNELS, channels // _groups(row)))
    taps = [axis.taps(index) for axis, index in zip(axes, at, strict=True)]

    def inside(r: int, c: int) -> bool:
        return 0 <= r < axes[0].size and 0 <= c < axes[1].size

    def output(spot: list[int]) -> float:
        values = [
            (number(channel, r, c) if inside(r, c) else None, weight(channel, i, j))
            for channel in range(many)
            for i, r in enumerate(axes[0].taps(spot[0]))
            for j, c in enumerate(axes[1].taps(spot[1]))
        ]
        if not pool:
            return sum((value or 0) * factor for value, factor in values) + _bias(row)
        found = [value for value, _ in values if value is not None]
        if "Max" in row.type:
            return max(found, default=0)
        return sum(found) / max(1, _divisor(row, len(values), len(found)))

    grids = []
    bounds = [(min(0, min(tap)), max(axis.size - 1, max(tap))) for axis, tap in zip(axes, taps, strict=True)]
    ranges = [around(min(tap), max(tap), *bound) for tap, bound in zip(taps, bounds, strict=True)]
    for channel in range(many):
        grid = Grid("input" if many == 1 else f"input, channel {channel}", ranges[0], ranges[1])
        for r in grid.rows:
            for c in grid.columns:
                pad = "−∞" if pool and "Max" in row.type else "0"
                grid.values[r, c] = str(number(channel, r, c)) if inside(r, c) else pad
                if not inside(r, c):
                    grid.padding.add((r, c))
        grid.marked = {(r, c) for r in taps[0] for c in taps[1]}
        grids.append(grid)
    if not pool:
        for channel in range(many):
            title = "kernel" if many == 1 else f"kernel, channel {channel}"
            grid = Grid(title, range(axes[0].kernel), range(axes[1].kernel))
            grid.values = {(i, j): shown(weight(channel, i, j)) for i in grid.rows for j in grid.columns}
            grids.append(grid)
    grids.append(_output(axes, at, output))
    parts, values = [], []
    for channel in range(many):
        for i, r in enumerate(taps[0]):
            for j, c in enumerate(taps[1]):
                value = number(channel, r, c) if inside(r, c) else None
                values.append(value)
                parts.append(f"{value or 0}·{_signed(weight(channel, i, j))}")
    name = f"output[{', '.join(map(str, at[1:] if flat else at))}]"
    known = [str(value) for value in values if value is not None]
    result = shown(output(at))
    if not pool:
        bias = f" + {_bias(row)}" if _bias(row) else ""
        lines = [f"{name} = {_cut(parts, ' + ')}{bias} = {result}"]
        lines.append("the sum of input times kernel over the window" + (", and the bias" if bias else ""))
        groups = channels // _groups(row)
        if groups > many:
            lines.append(f"{many} of {groups} channels are drawn; each further one adds its own products")
    elif "Max" in row.type:
        lines = [f"{name} = max({_cut(known, ', ')}) = {result}"]
    else:
        count = _divisor(row, len(values), len(known))
        lines = [f"{name} = ({_cut(known, ' + ')}) / {count} = {result}"]
    return Example(f"{row.name} = {row.call}", grids, lines)


def _transposed(row: Row, axes: list[Axis], at: list[int], flat: bool) -> Example:
    """A transposed convolution: every input spreads the kernel over the output."""

    def output(spot: list[int]) -> float:
        pairs = [axis.sources(index) for axis, index in zip(axes, spot, strict=True)]
        return sum(number(0, r, c) * weight(0, i, j) for r, i in pairs[0] for c, j in pairs[1]) + _bias(row)

    found = [axis.sources(index) for axis, index in zip(axes, at, strict=True)]
    ranges = []
    for axis, pairs, index in zip(axes, found, at, strict=True):
        places = [source for source, _ in pairs] or [min(axis.size - 1, index // axis.stride)]
        ranges.append(around(min(places), max(places), 0, axis.size - 1))
    grid = Grid("input", ranges[0], ranges[1])
    grid.values = {(r, c): str(number(0, r, c)) for r in grid.rows for c in grid.columns}
    grid.marked = {(r, c) for r, _ in found[0] for c, _ in found[1]}
    kernel = Grid("kernel", range(axes[0].kernel), range(axes[1].kernel))
    kernel.values = {(i, j): shown(weight(0, i, j)) for i in kernel.rows for j in kernel.columns}
    kernel.marked = {(i, j) for _, i in found[0] for _, j in found[1]}
    parts = [f"{number(0, r, c)}·{_signed(weight(0, i, j))}" for r, i in found[0] for c, j in found[1]]
    name = f"output[{', '.join(map(str, at[1:] if flat else at))}]"
    bias = f" + {_bias(row)}" if _bias(row) else ""
    lines = [f"{name} = {_cut(parts, ' + ') or '0'}{bias} = {shown(output(at))}"]
    steps = " and ".join(str(axis.stride) for axis in (axes[1:] if flat else axes))
    lines.append(f"input r adds kernel[k] at r · stride + k − padding; the stride is {steps}")
    return Example(f"{row.name} = {row.call}", [grid, kernel, _output(axes, at, output)], lines)


def _output(axes: list[Axis], at: list[int], value: Callable[[list[int]], float]) -> Grid:
    ranges = [around(index, index, 0, axis.out - 1) for axis, index in zip(axes, at, strict=True)]
    grid = Grid("output", ranges[0], ranges[1])
    grid.values = {(r, c): shown(value([r, c])) for r in grid.rows for c in grid.columns}
    grid.marked = {(at[0], at[1])}
    return grid


def _groups(row: Row) -> int:
    layer = row.layer
    if "Depthwise" in row.type:
        return fixed(row, (row.facts.inputs[0][-1],))[0]
    groups = getattr(layer, "groups", 1) or 1
    return groups if type(groups) is int else 1


def _bias(row: Row) -> int:
    layer = row.layer
    return 1 if getattr(layer, "bias", getattr(layer, "use_bias", False)) else 0


def _divisor(row: Row, whole: int, known: int) -> int:
    """By what an average divides: the window, or what of it lies in the input."""
    return whole if getattr(row.layer, "count_include_pad", False) else known


def _signed(value: int) -> str:
    return f"({shown(value)})" if value < 0 else str(value)


def _cut(parts: list[str], sign: str) -> str:
    """All parts, or the first and the last ones of many."""
    if len(parts) <= LONGEST:
        return sign.join(parts)
    return sign.join([*parts[: LONGEST - 4], "…", *parts[-3:]])
