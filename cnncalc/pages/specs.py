"""`cnncalc specs`: the bundled networks with their parameters and costs, computed and not written down."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import SpecError
from cnncalc.document import Column, Document, Note, Table
from cnncalc.network.row import plain
from cnncalc.pages.fold import batched

KEYS = ("name", "input", "params", "macs")


def rows() -> list[list[Any]]:
    """Name, input shapes, parameters and MACs of every bundled network."""
    from cnncalc.bundled import bundled
    from cnncalc.loading import load

    found: list[list[Any]] = []
    for name in bundled():
        try:
            report = load(name).report()
        except SpecError:  # one that cannot be read must not hide the others
            found.append([name, None, None, None])
            continue
        inputs = [[plain(size) for size in shape] for shape in report.inputs.values()]
        found.append([name, inputs, plain(report.totals.params), plain(report.totals.macs)])
    return found


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
