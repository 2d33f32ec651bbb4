"""What stands beside a line: the shape that comes out of it, and the parameters of what is made there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cnncalc.core.problem import Source, Span
from cnncalc.editor.analysis import Analysis
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.render.text import cell, formula


class Hint(NamedTuple):
    """A text behind a column of a line; `tip` says more of it."""

    line: int
    column: int
    text: str
    tip: str


def hints(analysis: Analysis) -> list[Hint]:
    """All hints in order: of each place one, for all layers that were written there."""
    shapes: dict[tuple[int, int], list[Row]] = {}
    made: dict[tuple[int, int], list[Row]] = {}
    for model in analysis.models:
        report = model.report
        if report is None:
            continue
        for row in report.rows:
            spans = places(row, analysis)
            if spans.called is not None and not row.unused and not report.graph.weights_only:
                shapes.setdefault(_end(spans.called), []).append(row)
            if spans.made is not None:
                made.setdefault(_end(spans.made), []).append(row)
    found = []
    if analysis.kind == "spec":
        for (line, column), rows in shapes.items():
            text = f" → {_shapes(rows)}{_params(rows, ', ')}"
            found.append(Hint(line, column, text, _tip(rows)))
    else:
        ends = _line_ends(analysis.source, shapes)
        for (line, column), rows in shapes.items():
            if ends[line] == column:  # of calls inside of calls the outermost speaks for the line
                found.append(Hint(line, column, f" → {_shapes(rows)}", _tip(rows)))
        found += [Hint(*at, f" {text}", _tip(rows)) for at, rows in made.items() if (text := _params(rows))]
    return sorted(found)


class Places(NamedTuple):
    """Where a row's layer is called, and where it is made, in the text that is shown."""

    called: Span | None
    made: Span | None


def places(row: Row, analysis: Analysis) -> Places:
    """The places of a row in the text; None where they are in another one."""
    origin: Any = row.node.origin
    if origin is None:
        return Places(None, None)
    called: tuple[Source, Span] | None = getattr(origin, "called", None)
    if called is None:  # an entry of a spec, or of the one that it builds on
        return Places(row.node.place() if analysis.own_layers else None, None)
    here = called[1] if called[0].name == analysis.source.name else None
    made = origin.span if origin.source.name == analysis.source.name and origin.span != called[1] else None
    return Places(here, made)


def _end(span: Span) -> tuple[int, int]:
    return span.line, span.column + span.length


def _line_ends(source: Source, found: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The last column of each line that has a hint."""
    ends: dict[int, int] = {}
    for line, column in found:
        ends[line] = max(column, ends.get(line, 0))
    return ends


def _shapes(rows: Sequence[Row]) -> str:
    """`64x56x56`; of copies that differ the first and the last."""
    found = list(dict.fromkeys(_shape(row.output_shape) for row in rows))
    if len(found) == 1:
        return found[0] + (f" ({len(rows)} times)" if len(rows) > 1 else "")
    return f"{found[0]} … {found[-1]} ({len(rows)} times)"


def _shape(sizes: Sequence[Any]) -> str:
    return "x".join(formula(size) for size in sizes) or "a number"


def _params(rows: Sequence[Row], before: str = "") -> str:
    """The parameters of what was written there, all copies together; nothing where there are none."""
    total: Any = 0
    for row in {id(row.node): row for row in rows}.values():
        total = total + row.params
    return "" if type(total) is int and total == 0 else f"{before}{cell(total, 'number')} params"


def _tip(rows: Sequence[Row]) -> str:
    shown = [f"{row.name}: {row.call} → {_shape(row.output_shape)}" for row in rows[:8]]
    return "\n".join([*shown, *([f"and {len(rows) - 8} more"] if len(rows) > 8 else [])])


def lens(report: Report) -> str:
    """The totals in one line."""
    totals = report.totals
    texts = [f"{cell(totals.params, 'number')} parameters"]
    if not report.graph.weights_only:
        inputs = ", ".join(_shape(shape) for shape in report.inputs.values())
        texts = [f"{inputs} → {_shape(report.output_shape)}", *texts, f"{cell(totals.macs, 'number')} MACs"]
    return f"{report.name}: " + ", ".join(texts)
