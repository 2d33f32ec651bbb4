"""`cnncalc params`: weights, biases and sums, by layer and by type, and what fully connected layers would need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Number, counted, prod
from cnncalc.document import Column, Document, Heading, Note, Table, Worded
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.pages.fold import Line, copies_notes, lines, made_of, more_cells, more_columns, share
from cnncalc.pages.notes import assumption_notes, convention_notes, shared_notes, verdict

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution


DENSE = ("dense weights", "dense biases", "dense params")


def page(
    report: Report,
    *,
    depth: int | None = None,
    compare_dense: bool = False,
    macs: bool = False,
    execution: Execution | None = None,
    more: Sequence[str] = (),
) -> Document:
    """The page; `compare_dense` adds the fully connected layer that would do the same, `macs` the costs.

    `more` names further columns, "input" and "weights".
    """
    totals = report.totals
    kept = [row for row in report.rows if row.facts.buffers]  # which keep statistics
    frozen = any(row.node.frozen for row in report.rows) or any(row.layer.counts_buffers for row in kept)
    if report.graph.summed is not None:
        return _summed(report, depth)
    columns = [
        Column("layer", "name"),
        Column("type", spare=True),
        *more_columns(more),
        Column("weights", "number", spare=compare_dense),
        Column("biases", "number", spare=compare_dense),
        Column("params", "number"),
        Column("share", "percent", spare=compare_dense),
    ]
    if frozen:
        columns.append(Column("trainable", "number"))
    if macs:
        columns.append(Column("MACs", "number"))
    if compare_dense:
        columns += [Column(Worded.of(title), "number") for title in DENSE]
        columns.append(Column(Worded.of("dense / params"), "ratio"))
    shown = lines(report, depth)
    biases: Number = 0
    for line in shown:
        biases = biases + line.total("biases") * (line.rows[0].times if depth is None else 1)

    def row_of(line: Line) -> list[object]:
        own = line.total("biases")
        params = line.total("params")
        cells: list[object] = [
            line.name,
            _type(line),
            *more_cells(line, more, None),
            params - own,
            own,
            params,
            share(params, totals.params),
        ]
        if frozen:
            cells.append(line.total("trainable"))
        if macs:
            cells.append(line.total("macs"))
        if compare_dense:
            cells += _dense(line, params)
        return cells

    rows = made_of(report, shown, depth, lambda some: map(row_of, some))
    total = [
        "total",
        "",
        *([None] * len(more)),
        totals.params - biases,
        biases,
        totals.params,
        share(totals.params, totals.params),
    ]
    if frozen:
        total.append(totals.trainable)
    if macs:
        total.append(totals.macs)
    if compare_dense:
        total += [totals.dense_weights, totals.dense_biases, totals.dense, share(totals.dense, totals.params)]
    document = Document([Heading(report.name), Table(columns, rows, footers=[total])])
    document.add(
        *copies_notes(depth),
        *_summary(report, frozen),
        *shared_notes(report),
        *_buffers(kept),
        *convention_notes(report),
    )
    document.add(*assumption_notes(report))
    if compare_dense:
        document.add(Note("FC: the fully connected layer from all inputs to all outputs of the layer"))
    if execution is not None:
        document.add(*verdict(execution))
    kinds = _by_type(report, macs)
    if kinds is not None:
        document.add(Heading("by type", 2), kinds)
    return document


def _summed(report: Report, depth: int | None) -> Document:
    """The page where counts are known, and not what they are made of."""
    total = report.totals.params
    columns = [Column("layer", "name"), Column("type"), Column("params", "number"), Column("share", "percent")]
    rows: list[list[object]] = []
    for line in lines(report, depth):
        params = line.total("params")
        rows.append([line.name, _type(line), params, share(params, total)])
    document = Document(
        [Heading(report.name), Table(columns, rows, footers=[["total", "", total, share(total, total)]])]
    )
    trainable = report.graph.summed[0] if report.graph.summed is not None else None
    if trainable is not None and trainable != total:
        document.add(Note(f"trainable: {counted(trainable)}, non-trainable: {counted(total - trainable)}"))
    kinds = _by_type(report, False)
    if kinds is not None:
        document.add(Heading("by type", 2), kinds)
    return document


def _type(line: Line) -> str:
    row = line.row
    if row is not None and row.owner is not None:
        return f"{row.type}, shared"
    return line.type


def _dense(line: Line, params: Number) -> list[object]:
    if line.row is not None and line.row.dense is None:
        return [None] * 4
    dense = line.total("dense")
    return [line.total("dense_weights"), line.total("dense_biases"), dense, share(dense, params)]


def _summary(report: Report, frozen: bool) -> list[Note]:
    if not frozen:
        return []
    totals = report.totals
    word = "frozen" if any(row.node.frozen for row in report.rows) else "non-trainable"
    return [Note(f"trainable: {counted(totals.trainable)}, {word}: {counted(totals.params - totals.trainable)}")]


def _buffers(kept: list[Row]) -> list[Note]:
    """How many numbers layers keep beside their weights."""
    total: Number = 0
    for row in kept:
        for buffer in row.facts.buffers:
            total = total + prod(buffer.shape) * row.times
    if not kept:
        return []
    if any(row.layer.counts_buffers for row in kept):
        return [Note(f"statistics, which Keras counts as non-trainable parameters: {counted(total)}")]
    return [Note(f"buffers (not parameters, not counted): {counted(total)}")]


def _by_type(report: Report, macs: bool) -> Table | None:
    """Sums by layer type; None where fewer than two types have parameters."""
    sums: dict[str, list[Any]] = {}
    for row in report.rows:
        if not row.facts.weights:
            continue
        entry = sums.setdefault(row.type, [0, 0, 0])
        entry[0] += row.times
        entry[1] = entry[1] + row.params * row.times
        entry[2] = entry[2] + row.macs * row.times
    if len(sums) < 2:
        return None
    columns = [Column("type", "name"), Column("layers", "number"), Column("params", "number")]
    columns.append(Column("share", "percent"))
    if macs:
        columns.append(Column("MACs", "number"))
    rows = [
        [kind, count, params, share(params, report.totals.params), *([cost] if macs else [])]
        for kind, (count, params, cost) in sums.items()
    ]
    return Table(columns, rows)
