"""Values between two matrices, as the hidden features of a block: with tensor parallelism each device has a part."""

from __future__ import annotations

from cnncalc.cost.attention_reads import moves
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row


def inner(report: Report) -> set[Ref]:
    """The values that come from a matrix and reach only matrices, through layers that work on each feature alone."""
    count = len(report.graph.inputs)
    readers: dict[int, list[int]] = {}

    def row(number: int) -> Row:
        return report.rows[number - count]

    for number, one in enumerate(report.rows, count):
        for ref in one.node.inputs:
            readers.setdefault(ref[0] if isinstance(ref, tuple) else ref, []).append(number)
    ends: set[int] = set()
    for number in range(count + len(report.rows) - 1, count - 1, -1):
        after = readers.get(number, ())
        if after and all(row(one).layer.parallel == "matrix" or (_passes(row(one)) and one in ends) for one in after):
            ends.add(number)
    starts: set[Ref] = set()
    for number in sorted(ends):
        begins = row(number).layer.parallel in ("matrix", "open")
        if begins or (_passes(row(number)) and any(ref in starts for ref in row(number).node.inputs)):
            starts.add(number)
    return starts


def _passes(row: Row) -> bool:
    if moves(row.layer) or row.layer.parallel == "passes":
        return True
    return len(row.node.inputs) == 1 and bool(row.layer.elementwise) and not row.facts.weights
