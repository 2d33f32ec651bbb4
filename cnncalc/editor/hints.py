"""What stands beside a line: the shape that comes out of it, and the parameters of what is made there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cnncalc.core.problem import Source, Span
from cnncalc.editor.analysis import Analysis, Model
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.read.python.module import Module
from cnncalc.read.python.sizes import Size
from cnncalc.read.python.tensors import Dims, Param, sample
from cnncalc.read.python.written import Written
from cnncalc.render.text import cell, formula


class Hint(NamedTuple):
    """A text behind a column of a line; `tip` says more of it, `model` is the network that it is about."""

    line: int
    column: int
    text: str
    tip: str
    model: str = ""


EVERY = range(1, 10**9)


def hints(analysis: Analysis, on: range = EVERY) -> list[Hint]:
    """The hints of some lines in order, one a line of Python source; of a spec one where layers are written."""
    if analysis.kind == "python":
        found: dict[int, Hint] = {}
        for model in analysis.models:  # a line that several networks reach is about the first one
            for hint in _python(analysis, model, on):
                found.setdefault(hint.line, hint)
        return [found[line] for line in sorted(found)]
    shapes: dict[tuple[int, int], list[Row]] = {}
    for model in analysis.models:
        for row in model.report.rows if model.report is not None else ():
            span = places(row, analysis).called
            if span is not None and not row.unused and span.line in on:
                shapes.setdefault(_end(span), []).append(row)
    return sorted(
        Hint(line, column, f" → {_shapes(rows)}{_params(rows, ', ')}", _tip(rows))
        for (line, column), rows in shapes.items()
    )


# --- Python source -------------------------------------------------------------------------------------------------


def _python(analysis: Analysis, model: Model, on: range) -> Iterator[Hint]:
    """What the statements of a network gave; and of calls on lines of their own what the layers are."""
    lines = analysis.source.text.split("\n")
    taken: set[int] = set()
    written = model.written
    told = []
    if written is not None:
        told += [(one, _given(values)) for one, values in written.shapes.items() if one.end_lineno in on]
        told += [(one, _made(written, values)) for one, values in written.made.items() if one.end_lineno in on]
    for statement, said in told:
        line = statement.end_lineno
        taken |= {statement.lineno, line}
        if said is not None:
            column = len(lines[line - 1].encode()[: statement.end_col_offset].decode(errors="replace"))
            yield Hint(line, column + 1, f" {said[0]}", said[1], model.name)
    report = model.report
    if report is None:
        return
    called: dict[tuple[int, int], list[Row]] = {}
    made: dict[tuple[int, int], list[Row]] = {}
    for row in report.rows:
        spans = places(row, analysis)
        if spans.called is not None and spans.called.line in on and not (row.unused or report.graph.weights_only):
            called.setdefault(_end(spans.called), []).append(row)
        if spans.made is not None and spans.made.line in on and spans.made.line not in taken:
            made.setdefault(_end(spans.made), []).append(row)
    ends = _line_ends(called)
    for (line, column), rows in called.items():
        if ends[line] == column and line not in taken:  # of calls inside of calls the outermost speaks for the line
            yield Hint(line, column, f" → {_shapes(rows)}", _tip(rows), model.name)
    for (line, column), rows in made.items():
        counts = [row.params for row in rows if row.params]
        if counts:
            yield Hint(line, column, f" {_counts(counts)}", _tip(rows), model.name)


def _given(values: dict[tuple[Dims, ...], tuple[int, str]]) -> tuple[str, str] | None:
    """The shapes of a statement's tensors: without the batch, and in full where the mouse rests on them."""
    texts: dict[str, int] = {}
    tips = []
    for dims, (count, path) in values.items():
        if not all(isinstance(size, (int, Size)) for sizes in dims for size in sizes):
            return None
        text = _several([_shape(sample(sizes)) for sizes in dims])
        texts[text] = texts.get(text, 0) + count
        full = ", ".join(f"({', '.join(map(str, sizes))}{',' * (len(sizes) == 1)})" for sizes in dims[:4])
        times = f" ({count} times)" if count > 1 else ""
        tips.append(f"{path + ': ' if path else ''}{full}{times}")
    return f"→ {_first_to_last(list(texts), sum(texts.values()))}", _lines(tips)


def _made(written: Written, values: Sequence[Module | Param]) -> tuple[str, str] | None:
    """The parameters of what a statement made, of each copy."""
    found = [written.params(value) for value in values]
    counts = [count for count in found if count]
    if not counts or None in found:
        return None
    paths = [value.path if isinstance(value, Module) else value.name for value in values]
    tips = [f"{path}: {cell(count, 'number')} params" for path, count in zip(paths, found, strict=True) if path]
    return _counts(counts), _lines(tips)


def _counts(counts: Sequence[Any]) -> str:
    texts = list(dict.fromkeys(cell(count, "number") for count in counts))
    return _first_to_last(texts, len(counts), " params")


def _first_to_last(texts: Sequence[str], count: int, unit: str = "") -> str:
    """`64x56x56`; of several times that differ the first and the last."""
    text = texts[0] if len(texts) == 1 else f"{texts[0]} … {texts[-1]}"
    return f"{text}{unit}" + (f" ({count} times)" if count > 1 else "")


def _several(texts: Sequence[str]) -> str:
    """The shapes of a value of several tensors."""
    if len(texts) > 4 and len(set(texts)) == 1:
        return f"{len(texts)} of {texts[0]}"
    return ", ".join(texts[:6]) + (f", {len(texts) - 6} more" if len(texts) > 6 else "")


def _lines(texts: Sequence[str]) -> str:
    return "\n".join([*texts[:8], *([f"and {len(texts) - 8} more"] if len(texts) > 8 else [])])


# --- layers --------------------------------------------------------------------------------------------------------


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


def _line_ends(found: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The last column of each line that has a hint."""
    ends: dict[int, int] = {}
    for line, column in found:
        ends[line] = max(column, ends.get(line, 0))
    return ends


def _shapes(rows: Sequence[Row]) -> str:
    return _first_to_last(list(dict.fromkeys(_shape(row.output_shape) for row in rows)), len(rows))


def _shape(sizes: Sequence[Any]) -> str:
    return "x".join(formula(size) for size in sizes) or "a number"


def _params(rows: Sequence[Row], before: str = "") -> str:
    """The parameters of what was written there, all copies together; nothing where there are none."""
    total: Any = 0
    for row in {id(row.node): row for row in rows}.values():
        total = total + row.params
    return "" if type(total) is int and total == 0 else f"{before}{cell(total, 'number')} params"


def _tip(rows: Sequence[Row]) -> str:
    return _lines([f"{row.name}: {row.call} → {_shape(row.output_shape)}" for row in rows])


def lens(report: Report, name: str) -> str:
    """The totals in one line."""
    totals = report.totals
    texts = [f"{cell(totals.params, 'number')} parameters"]
    if not report.graph.weights_only:
        inputs = ", ".join(_shape(shape) for shape in report.inputs.values())
        texts = [f"{inputs} → {_shape(report.output_shape)}", *texts, f"{cell(totals.macs, 'number')} MACs"]
    return f"{name}: " + ", ".join(texts)
