"""What stands beside a line: the shape that comes out of it, and the parameters of what is made there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.number import Number
from cnncalc.core.problem import Source, Span
from cnncalc.editor.analysis import Analysis, Model
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.read.python.files.written import Written
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.sizes import Dims, Size
from cnncalc.read.python.tensor.tensors import Param, sample
from cnncalc.render.text import cell, formula

if TYPE_CHECKING:
    from cnncalc.core.number import Shape


class Hint(NamedTuple):
    """A text behind a column of a line; `tip` says more of it, `model` is the network that it is about."""

    line: int
    column: int
    text: str
    tip: str
    model: str = ""


EVERY = range(1, 10**9)
MOST_TIPS = 8
COMMENT = re.compile(r"(?:^|\s)#.*$")


def hints(analysis: Analysis, on: range = EVERY) -> list[Hint]:
    """The hints of some lines in order, one a line of Python source; of a spec one where layers are written."""
    if analysis.kind == "python":
        found: dict[int, Hint] = {}
        for model in analysis.models:  # a line that several networks reach is about the first one
            for hint in _python(analysis, model, on):
                found.setdefault(hint.line, hint)
        return [found[line] for line in sorted(found)]
    return list(_spec(analysis, on))


# --- specs ---------------------------------------------------------------------------------------------------------


class Layers:
    """What stands at one place of a spec: a layer or a block, with its copies."""

    def __init__(self) -> None:
        self.shapes: dict[str, None] = {}  # those that differ
        self.count = 0
        self.params: Number = 0
        self.tips: list[str] = []  # of the first copies


def _spec(analysis: Analysis, on: range) -> Iterator[Hint]:
    """What comes out of the entries of each line: of several on one line one after the other."""
    lines = analysis.source.text.split("\n")
    found: dict[int, dict[tuple[int, int], Layers]] = {}
    texts: dict[object, str] = {}  # of shapes

    def note(span: Span | None, shape: Shape, params: Number, tip: Callable[[], str]) -> None:
        if span is None or span.line not in on or span.line > len(lines):
            return
        at = found.setdefault(span.line, {}).setdefault(_end(span), Layers())
        text = texts.get(shape)
        if text is None:
            text = texts[shape] = _shape(shape)
        at.shapes[text] = None
        at.count += 1
        at.params += params
        if len(at.tips) < MOST_TIPS:
            at.tips.append(f"{tip()} → {text}")

    for model in analysis.models:
        report = model.report
        spans: dict[int, Span | None] = {}  # of entries, each of which may have thousands of copies
        for row in report.rows if report is not None else ():
            if row.unused:
                continue
            entry = id(row.node.origin)
            if entry not in spans:
                spans[entry] = places(row, analysis).called
            note(spans[entry], row.output_shape, row.params, lambda row=row: f"{row.name}: {row.call}")  # type: ignore[misc]
        if report is None or not analysis.own_layers:
            continue
        count = len(report.graph.inputs)
        for name, block in report.graph.blocks.items():
            at = (block.output if isinstance(block.output, int) else block.output[0]) - count
            if block.place is not None and block.start <= at < block.stop <= len(report.rows):
                total = sum((row.params for row in report.rows[block.start : block.stop]), start=0)
                said = f"{name}: {block.stop - block.start} layers"
                note(block.place, report.rows[at].output_shape, total, lambda said=said: said)  # type: ignore[misc]
    for line, columns in sorted(found.items()):
        parts = [columns[column] for column in sorted(columns)]
        shapes = [_first_to_last(list(part.shapes), part.count) for part in parts]
        if len(shapes) > 4:
            shapes = [shapes[0], "…", shapes[-1]]
        params = sum((part.params for part in parts), start=0)
        told = "" if type(params) is int and params == 0 else f", {cell(params, 'number')} params"
        column = len(COMMENT.sub("", lines[line - 1]).rstrip()) + 1
        tips = _lines([tip for part in parts for tip in part.tips], sum(part.count for part in parts))
        yield Hint(line, column, f" → {' → '.join(shapes)}{told}", tips)


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
        line = statement.end_lineno or statement.lineno
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


def _counts(counts: Sequence[Number]) -> str:
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


def _lines(texts: Sequence[str], count: int = 0) -> str:
    """The first ones; `count` is how many there are where not all were made."""
    more = max(count, len(texts)) - MOST_TIPS
    return "\n".join([*texts[:MOST_TIPS], *([f"and {more} more"] if more > 0 else [])])


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


def _shape(sizes: Sequence[Number]) -> str:
    return "x".join(formula(size) for size in sizes) or "a number"


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
