"""`cnncalc shapes`: every layer with its options and the shape that comes out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from cnncalc.document import Column, Document, Heading, Table
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.pages.fold import Line, batched, copies_notes, lines, made_of, more_cells, more_columns
from cnncalc.pages.notes import assumption_notes, shared_notes, unread_notes, verdict

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.receptive.fields import Fields

# Layers that a layer's line names among those it takes; more are counted.
MOST_SOURCES = 50


def page(
    report: Report,
    *,
    batch: int | None = None,
    depth: int | None = None,
    macs: bool = False,
    execution: Execution | None = None,
    receptive: bool = False,
    partial: bool = False,
    more: Sequence[str] = (),
) -> Document:
    """The page; `execution` adds the shapes that NumPy found, `receptive` what each layer sees of the input.

    `partial` leaves out the sums; `more` names further columns, "input" and "weights".
    """
    columns = [Column("layer", "name"), Column("type"), Column("output shape", "shape")]
    found: dict[str, Any] = {}
    if execution is not None:
        columns += [Column("executed", "shape"), Column("ok", "mark")]
        found = {name: (executed, ok) for name, _, executed, ok in execution.rows}
    columns += more_columns(more)
    columns.append(Column("params", "number"))
    if macs:
        columns.append(Column("MACs", "number"))
    fields = None
    if receptive:
        from cnncalc.receptive.fields import Fields

        fields = Fields(report)
        columns += [Column(title, "number") for title in ("receptive field", "stride", "offset")]
    blank: list[object] = [None] * (len(columns) - 3)
    lead = [[name, "input", batched(shape, batch), *blank] for name, shape in report.inputs.items()]
    used = _used_ports(report)

    def row_of(line: Line) -> Iterator[list[object]]:
        shape = line.output_shape(report)
        cells: list[object] = [line.name, _type(report, line), batched(shape, batch)]
        if line.row is not None and line.row.unused:
            cells = [line.name, f"{cells[1]}, never called", None]
        elif line.row is not None and line.row.unused is not None:
            cells[2] = None
        if execution is not None:
            executed, ok = found.get(line.rows[-1].name, (None, None))
            if line.block is not None:
                results = [found[row.name][1] for row in line.rows if row.name in found]
                ok = all(results) if results else None
                executed = None
            cells += [executed and batched(executed, batch), ok]
        cells += more_cells(line, more, batch)
        cells.append(line.total("params"))
        if macs:
            cells.append(line.total("macs"))
        if fields is not None:
            cells += _receptive(fields, line)
        yield cells
        if line.row is not None:
            named = line.row.node.name  # of a copy that was left out: the one that it is like
            ports = line.row.ports if named in used else {}
            for port in used.get(named, ()):
                shape = ports[port] if port in ports else line.row.inside[port]
                yield [f"{line.name}.{port}", "", batched(shape, batch), *blank]

    rows = made_of(report, lines(report, depth), depth, lambda some: chain.from_iterable(map(row_of, some)))
    footers = []
    if not partial:
        counts: list[object] = [report.totals.params]
        if macs:
            counts.append(report.totals.macs)
        if fields is not None:
            counts += [None] * 3
        blanks: list[object] = [None] * (len(columns) - 2 - len(counts))
        footers.append(["total", "", *blanks, *counts])
    document = Document([Heading(report.name), Table(columns, rows, lead=lead, footers=footers)])
    document.add(*copies_notes(depth), *shared_notes(report), *unread_notes(report), *assumption_notes(report))
    if execution is not None:
        document.add(*verdict(execution))
    return document


def _receptive(fields: Fields, line: Line) -> list[object]:
    """Size, stride and offset of what the line's last layer sees, `3×5` where the axes differ."""
    from cnncalc.receptive.fields import shortest

    found = fields.get(line.rows[-1].name)
    if not found:
        return [None] * 3
    values = (shortest(list(part)) for part in (found[0].size, found[0].stride, found[0].offset))
    return [
        "×".join("?" if part is None else str(part) for part in value) if isinstance(value, list) else value
        for value in (_decimal(value) for value in values)
    ]


def _decimal(value: object) -> object:
    """A stride of one half, as after upsampling, as 0.5."""
    if isinstance(value, list):
        return [_decimal(part) for part in value]
    if value is None or isinstance(value, (int, float, str)):
        return value
    from fractions import Fraction  # few networks need it

    return float(value) if isinstance(value, Fraction) else value


def _type(report: Report, line: Line) -> str:
    row = line.row
    if row is None:
        return line.rows[0].call if line.block is None else line.type
    text = row.call
    sources = _sources(report, row)
    return f"{text} from {sources}" if sources else text


def _sources(report: Report, row: Row) -> str:
    """What a layer takes, where that is not simply the layer above."""
    node = row.node
    if len(node.inputs) == 1 and type(node.inputs[0]) is int:
        after = node.inputs[0] - len(report.graph.inputs) + 1
        if 0 <= after < len(report.graph.nodes) and report.graph.nodes[after] is node:
            return ""
    scope = row.name.rpartition(".")[0] + "."
    labels = [label.removeprefix(scope) if len(scope) > 1 else label for label in row.sources]
    if len(labels) > MOST_SOURCES:
        return f"{', '.join(labels[: MOST_SOURCES - 1])} and {len(labels) - MOST_SOURCES + 1:,} more"
    return ", ".join(labels)


def _used_ports(report: Report) -> dict[str, list[str]]:
    """The further outputs that another layer takes, by layer."""
    used: dict[str, dict[str, None]] = {}
    count = len(report.graph.inputs)
    for row in report.rows:
        for ref in row.node.inputs:
            if isinstance(ref, tuple):
                used.setdefault(report.graph.nodes[ref[0] - count].name, {})[ref[1]] = None
    return {name: list(ports) for name, ports in used.items()}
