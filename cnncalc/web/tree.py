"""The table's lines: blocks over their layers, of blocks that are alike the first one open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.diagram.tree import Copies, Item, copies_of, tree
from cnncalc.network.report import Report
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Number


class Entry(NamedTuple):
    """One line. `row` is None for a block; `alike` is the block of which this one is a copy; `inside` is its parent."""

    id: str
    inside: str
    level: int
    name: str
    row: Row | None
    rows: Sequence[Row]
    alike: str


def entries(report: Report) -> list[Entry]:
    """All lines in order, a block before what is in it."""
    found: list[Entry] = []
    copies = copies_of(report)
    for run in copies.runs(tree(report.graph)):
        found += _run(report, copies, run, "", 0)
    return found


def _run(report: Report, copies: Copies, run: list[Item], inside: str, level: int) -> Iterator[Entry]:
    first = run[0]
    for item in run:
        rows = report.rows[item.start : item.stop]
        if item.children is None:
            yield Entry(f"l{item.start}", inside, level, item.name, rows[0], rows, "")
            continue
        id = f"b{item.start}-{level}"
        yield Entry(id, inside, level, item.name, None, rows, first.name if item is not first else "")
        for inner in copies.runs(item.children):
            yield from _run(report, copies, inner, id, level + 1)


def total(rows: Sequence[Row], what: str) -> Number:
    """The sum of `params` or `macs`."""
    return sum((getattr(row, what) or 0) for row in rows)
