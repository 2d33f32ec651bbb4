"""The KV cache: what a network that generates keeps from token to token instead of computing it again.

Keys and values of its causal self-attention for every position (with a window: the last ones), those of attention to
a memory once. An encoder keeps nothing. What recurrent layers carry stands in `state.py`.
"""

from __future__ import annotations

from typing import Any

from cnncalc.core.number import Number, known_equal, smallest
from cnncalc.cost.attention_reads import Read, reads
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row


class Cache:
    """Numbers of keys and values of one sample, by row; where `unknown` says why, they are not known."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.reads = reads(report)
        self.unknown: list[str] = []
        self.missing: dict[int, str] = {}  # the same by row
        self.elements: dict[int, Number] = {}
        # Values that depend on the tokens that are generated, and how many of these there are.
        self.growing: set[int] = set()
        self.length: Number | None = None
        self.generates = False
        scans = [row for row in report.rows if row.layer.receptive == "scan"]
        if scans or any(read.causal is not False for found in self.reads.values() for read in found):
            self._grow(scans)
            self.generates = self._generates()
            if self.generates:
                self._count()

    def of(self, index: int) -> Number:
        """Keys and values that a row keeps."""
        return self.elements.get(index, 0)

    def kept(self, read: Read) -> Number:
        """Keys and values of one attention of a network that generates."""
        if read.causal:
            if read.window is None:
                return read.numbers
            return read.numbers // read.length * smallest(read.length, read.window)
        crosses = self.grows(read.query) and not self.grows(read.memory)
        return read.numbers if crosses else 0

    def _count(self) -> None:
        for index, found in self.reads.items():
            total: Number = 0
            for read in found:
                if read.causal is None:
                    self.missing[index] = read.why
                    if read.why not in self.unknown:
                        self.unknown.append(read.why)
                    continue
                total = total + self.kept(read)
            self.elements[index] = total

    def grows(self, ref: Ref) -> bool:
        return (ref[0] if isinstance(ref, tuple) else ref) in self.growing

    def _grow(self, scans: list[Row]) -> None:
        """Find the inputs that causal attention asks from and scans read, and all that follows from them."""
        report = self.report
        count = len(report.graph.inputs)
        asks = {count + index: [read.query for read in found] for index, found in self.reads.items()}
        waiting: list[Any] = []
        for found in self.reads.values():
            for read in found:
                if read.causal is not False:
                    waiting.append(read.query)
                    if self.length is None:
                        self.length = read.queries
        for row in scans:
            waiting.extend(row.node.inputs)
            if self.length is None:
                self.length = row.facts.inputs[0][1]
        seen: set[int] = set()
        while waiting:
            ref = waiting.pop()
            number = ref[0] if isinstance(ref, tuple) else ref
            if number in seen:
                continue
            seen.add(number)
            if number >= count:
                # Of an attention only the side that asks: the memory is no part of what is generated.
                waiting.extend(asks.get(number) or report.rows[number - count].node.inputs)
        self.growing = {number for number in seen if number < count}
        if not self.growing:  # it begins with a parameter: everything that was asked from grows
            self.growing = set(seen)
        for number, row in enumerate(report.rows, count):
            if any(self.grows(ref) for ref in row.node.inputs):
                self.growing.add(number)

    def _generates(self) -> bool:
        """Whether what comes out is something for each position, or scores of the next token.

        A network that makes one vector of a text reads it once and needs no cache.
        """
        report = self.report
        shape = report.shape_of(report.graph.output)[1:]
        if self.length is not None and any(known_equal(size, self.length) for size in shape):
            return True
        return bool(shape) and any(known_equal(shape[-1], words) for words in self.words())

    def words(self) -> list[Number]:
        """The sizes of the tables of words."""
        tables = (row.layer.chooses(0, *row.facts.inputs) for row in self.report.rows if row.layer.table)
        return [count for count in tables if count is not None]
