"""Peak activation memory: the largest sum of arrays that are alive at once while a network runs."""

from __future__ import annotations

from cnncalc.core.number import Number
from cnncalc.cost.saved_activations import Storage
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report


def peak(report: Report, storage: Storage) -> Number | None:
    """The largest sum of arrays that must be there at once while the layers run in order, for one sample, in bytes.

    None where sizes are formulas.
    """
    return _walk(report, storage)[0]


def most(report: Report, storage: Storage) -> dict[Ref, Number] | None:
    """The arrays that are there when their sum is largest, each with its bytes for one sample."""
    step = _walk(report, storage)[1]
    return None if step is None else _walk(report, storage, step)[2]


def _walk(
    report: Report, storage: Storage, wanted: int | None = None
) -> tuple[Number | None, int | None, dict[Ref, Number]]:
    """The largest sum, the step at which it is (-1 before the first), and the arrays at the step that is wanted."""
    count = storage.count
    last: dict[Ref, int] = {}
    for step, row in enumerate(report.rows):
        for ref in row.node.inputs:
            last[storage.root(ref)] = step
    last[storage.root(report.graph.output)] = len(report.rows)
    ends: dict[int, list[Ref]] = {}
    for root, step in last.items():
        ends.setdefault(step, []).append(root)
    sizes: dict[Ref, Number] = {number: storage.bytes(number) for number in range(count)}
    live: Number = sum(sizes.values())
    largest, at = live, -1
    if wanted == -1:
        return largest, at, dict(sizes)
    for step, row in enumerate(report.rows):
        ref = count + step
        if storage.root(ref) == ref:
            parts = (*row.facts.ports, *row.facts.inside)
            mine: list[Ref] = [ref, *((ref, port) for port in parts if (ref, port) in last)]
            for made in mine:
                sizes[made] = storage.bytes(made)
                live = live + sizes[made]
        if type(live) is not int:
            return None, None, {}
        if live > largest:
            largest, at = live, step
        if wanted == step:
            return largest, at, dict(sizes)
        for root in ends.get(step, ()):
            live = live - sizes.pop(root, 0)
        if ref in sizes and ref not in last:  # nobody reads it
            live = live - sizes.pop(ref)
    return (largest, at, {}) if type(largest) is int else (None, None, {})
