"""What recurrent, state-space and causal convolutional layers carry from token to token, besides keys and values."""

from __future__ import annotations

from collections import defaultdict

from cnncalc.core.number import Number, known_equal
from cnncalc.core.window import pads
from cnncalc.network.report import Report
from cnncalc.network.row import Row


class States:
    """Numbers of one sample by row."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._readers: dict[int, list[Row]] | None = None

    def of(self, row: Row, number: int) -> Number:
        """What a row carries; `number` is that of its value."""
        window = row.layer.along()
        return row.layer.carried(*row.facts.inputs) if window is None else self._columns(row, number, window)

    def _columns(self, row: Row, number: int, window: int) -> Number:
        """The columns under a window of a causal convolution, the newest with them, as the caches of Mamba hold them.

        A convolution is causal where so much stands before the sequence that no window reads a later position.
        """
        x = row.facts.inputs[0]
        ((before, after),) = pads(row.layer, (x[2],))
        length = x[2]
        at = row.node.inputs[0] if type(row.node.inputs[0]) is int else -1
        index = at - len(self.report.graph.inputs)
        if index >= 0:  # padding that stands in a layer of its own
            pad = self.report.rows[index]
            put = pad.layer.ends()
            if put is not None:
                before, after = before + put[0], after + put[1]
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
