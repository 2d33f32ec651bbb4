"""`cnncalc specs`: the bundled networks with their parameters and costs.

180 networks take seconds, so what they have is kept in `specs/totals.jsonl`, which a test computes again.
"""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import SpecError
from cnncalc.document import Column, Document, Note, Table
from cnncalc.network.row import plain
from cnncalc.pages.fold import batched

KEYS = ("name", "input", "params", "macs")


def rows() -> list[list[Any]]:
    """Name, input shapes, parameters and MACs of every bundled network."""
    from cnncalc.bundled import bundled, recorded_totals

    recorded = recorded_totals()
    return [recorded[name] if name in recorded else computed(name) for name in bundled()]


def computed(name: str) -> list[Any]:
    """The row of one network, from its spec."""
    from cnncalc.loading import load

    try:
        report = load(name).report()
    except SpecError:  # one that cannot be read must not hide the others
        return [name, None, None, None]
    inputs = [[plain(size) for size in shape] for shape in report.inputs.values()]
    return [name, inputs, plain(report.totals.params), plain(report.totals.macs)]


def page(found: list[list[Any]]) -> Document:
    """The table."""
    columns = [Column("network", "name"), Column("input"), Column("params", "number"), Column("GMACs", "number")]
    cells = [[name, _inputs(inputs), params, _giga(macs)] for name, inputs, params, macs in found]
    return Document([Table(columns, cells), Note("cnncalc shapes NAME shows one of them")])


def _inputs(inputs: list[list[Any]] | None) -> str:
    return " ".join("(" + ", ".join(map(str, batched(shape, None))) + ")" for shape in inputs or ())


def _giga(macs: Any) -> Any:
    """Billions; a formula stays one."""
    return macs / 1e9 if type(macs) is int else macs
