"""Which inputs hold whole numbers, and below what: an embedding's rows, a one-hot's classes, positions of an axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.network.report import Report
from cnncalc.network.row import Row

# For an input that says it holds whole numbers, but nothing that reads it says which.
DEFAULT = 10


def limits(report: Report) -> dict[int, int]:
    """For each input (by number) that holds whole numbers: the number that drawn ones must stay below."""
    found: dict[int, int] = {}
    for source, limit, _ in _readers(report):
        found[source] = min(found.get(source, limit), limit)
    for number, given in enumerate(report.graph.inputs):
        if given.dtype == "int":
            found.setdefault(number, DEFAULT)
    return found


def readers(report: Report) -> dict[int, tuple[int, str]]:
    """For each input whose whole numbers choose among rows: how many rows there are at least, and whose they are."""
    found: dict[int, tuple[int, str]] = {}
    for source, limit, row in _readers(report):
        if not row.layer.says_what_fits:
            found[source] = min(found.get(source, (limit, row.name)), (limit, row.name))
    return found


def _readers(report: Report) -> Iterator[tuple[int, int, Row]]:
    """An input, what its numbers must stay below, and the row that says so."""
    graph = report.graph
    # value -> the inputs whose numbers it holds unchanged
    carried: dict[int, set[int]] = {number: {number} for number in range(len(graph.inputs))}
    for at, row in enumerate(report.rows):
        layer: Any = row.layer
        numbers = [ref if isinstance(ref, int) else ref[0] for ref in row.node.inputs]
        if layer.view or layer.carries:
            carried[len(graph.inputs) + at] = set().union(*(carried.get(number, set()) for number in numbers))
            continue
        for slot, number in enumerate(numbers):
            limit = layer.chooses(slot, *row.facts.inputs)
            for source in carried.get(number, ()) if limit is not None else ():
                yield source, limit, row
