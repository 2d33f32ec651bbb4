"""What recurrent, state-space and causal convolutional layers carry from token to token, besides keys and values."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cnncalc.core.number import Number, known_equal, prod
from cnncalc.core.window import pads, reach
from cnncalc.cost.saved_activations import kinds
from cnncalc.network.report import Report
from cnncalc.network.row import Row


class States:
    """Numbers of one sample by row."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._readers: dict[int, list[Row]] | None = None

    def of(self, row: Row, number: int) -> Number:
        """What a row carries; `number` is that of its value."""
        layer: Any = row.layer
        xs = row.facts.inputs
        names = kinds(layer)
        if "Scan" in names:
            return layer.carried(*xs)
        if "SequenceLayer" in names:
            return _sum(prod(layer.ports(*xs)[name][1:]) for name in layer.states)
        if "Cell" in names:
            return layer.hidden_size * (2 if names[0] == "LSTMCell" else 1)
        if names[0] == "AttentionRNN":
            return xs[0][1] * xs[0][2] if layer.every else layer.k * xs[0][2]
        if "KerasLayer" in names:
            return _keras(layer, xs[0])
        if names[0] == "Recurrent":
            return _equations(layer, xs[0])
        if names[0] == "Pad":
            return _moved(layer, xs[0])
        return self._columns(row, number) if "Conv1d" in names else 0

    def _columns(self, row: Row, number: int) -> Number:
        """The columns under a window of a causal convolution, the newest with them, as the caches of Mamba hold them.

        A convolution is causal where so much stands before the sequence that no window reads a later position.
        """
        layer: Any = row.layer
        x = row.facts.inputs[0]
        window = reach(layer.kernel_size[0], layer.dilation[0])
        if layer.stride[0] != 1 or type(window) is not int or window == 1 or layer.padding_mode != "zeros":
            return 0
        ((before, after),) = pads(layer, (x[2],))
        length = x[2]
        at = row.node.inputs[0] if type(row.node.inputs[0]) is int else -1
        index = at - len(self.report.graph.inputs)
        if index >= 0:  # padding that stands in a layer of its own
            pad: Any = self.report.rows[index]
            if {"AnyPad", "Pad"} & set(kinds(pad.layer)) and len(pad.layer.padding) == 2:
                before, after = before + pad.layer.padding[0], after + pad.layer.padding[1]
                length = pad.facts.inputs[0][2]
        if type(before) is not int or before < window - 1 or type(after) is not int:
            return 0
        ends = [row] if after <= 0 else self._read(number)
        if not ends or not all(len(end.facts.shape) == 3 and known_equal(end.facts.shape[2], length) for end in ends):
            return 0
        return x[1] * window

    def _read(self, number: int) -> list[Row]:
        """The rows that read a value."""
        if self._readers is None:
            self._readers = defaultdict(list)
            for row in self.report.rows:
                for ref in row.node.inputs:
                    self._readers[ref[0] if isinstance(ref, tuple) else ref].append(row)
        return self._readers[number]


def _moved(layer: Any, x: Any) -> Number:
    """What is pushed out at an axis' end where it moves on: RWKV's position before the newest."""
    sides = layer.padding
    for at in range(0, len(sides), 2):
        if type(sides[at]) is int and sides[at] > 0 and known_equal(sides[at + 1], -sides[at]):
            return prod(x[1:]) // x[len(x) - 1 - at // 2] * sides[at]
    return 0


def _keras(layer: Any, x: Any) -> Number:
    names = kinds(layer)
    if names[0] == "Bidirectional":
        return _keras(layer.layer, x) + _keras(layer.back, x)
    if "ConvLSTM" in names:
        return 2 * prod(layer.state(x)[1:])
    if "Recurrent" in names:
        return layer.units * (2 if names[0] == "LSTM" else 1)
    if getattr(layer, "padding", "") == "causal":
        window = reach(layer.kernel_size[0], layer.dilation_rate[0])
        return 0 if window == 1 else window * x[-1]
    return 0


def _equations(layer: Any, x: Any) -> Number:
    """Each state as often as the equations reach back for it."""
    shapes = layer.shapes(x)
    sizes = {"x": prod(x[2:]), **{name: prod(shapes.shape(name)) for name in layer.states}}
    back = dict.fromkeys(sizes, 0)
    for equation in layer.equations:
        for piece in equation.pieces():
            if piece.name in back:
                back[piece.name] = max(back[piece.name], piece.lag)
    return _sum(sizes[name] * back[name] for name in sizes)


def _sum(numbers: Any) -> Number:
    total: Number = 0
    for number in numbers:
        total = total + number
    return total
