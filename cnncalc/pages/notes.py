"""Remarks under a table: weights that are shared, rows and columns that no window reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from cnncalc.core.number import as_ints
from cnncalc.core.window import AXIS_NAMES, reach, unread
from cnncalc.document import Note
from cnncalc.network.report import Report
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution


LINES = {"height": "row", "width": "column", "depth": "slice", "length": "element"}
# More remarks of one kind than this are counted, not listed.
MOST = 5


def shared_text(row: Row) -> str:
    """Whose weights a layer uses."""
    if row.owner == row.name:
        return f"{row.name} uses running statistics of a batch norm as weights: one array in the file, counted as those"
    return f"{row.name} uses the weights of {row.owner}: counted once"


def shared_notes(report: Report) -> list[Note]:
    """Which layers use weights of another one, and how much transformers has under two names: counted once."""
    notes = _some(
        (shared_text(row) for row in _copies(report, lambda row: row.owner is not None)),
        "layers share weights",
    )
    tied = report.graph.tied
    if str(tied) != "0":
        number = f"{tied:,}" if type(tied) is int else str(tied)
        notes.append(Note(f"tied: {number} parameters have a further name in transformers, counted once"))
    return [*notes, *map(Note, report.graph.remarks)]


def convention_notes(report: Report) -> list[Note]:
    """What other conventions would count, said once for each type; statistics are told with the buffers."""
    found: dict[str, Note] = {}
    for row in report.rows:
        if row.type not in found and not row.facts.buffers and row.owner is None:
            text = row.layer.convention_note(*row.facts.inputs)
            if text:
                found[row.type] = Note(f"{row.name}: {text}")
    return list(found.values())


def unread_notes(report: Report) -> list[Note]:
    """Which windows leave part of their input unread."""
    found = (unread_text(row) for row in _copies(report, lambda row: bool(unread_lines(row))))
    return _some(found, "layers leave part of their input unread")


def assumption_notes(report: Report) -> list[Note]:
    """What had to be assumed of free dimensions."""
    return [] if report.assumptions is None else [Note(text) for text in report.assumptions.sentences()]


def verdict(execution: Execution) -> list[Note]:
    """Whether the execution found what was predicted, and what differs."""
    total = len(execution.rows)
    if execution.confirmed:
        all_of_it = f"all {total} layers are" if total != 1 else "its layer is"
        return [Note(f"confirmed: executed with NumPy{how(execution)}, {all_of_it} as predicted", "good")]
    wrong = sum(1 for *_, ok in execution.rows if not ok)
    notes = [Note(f"not confirmed: {wrong} of {total} layers differ", "bad")]
    return notes + [Note(text, "bad") for text in execution.differences]


def how(execution: Execution, usual: str = "float32") -> str:
    """How a network was executed, as far as it is not the usual way: ` (float64, seed 7, 3 samples)`."""
    words = [execution.dtype] if execution.dtype != usual else []
    words += [f"seed {execution.seed}"] if execution.seed else []
    words += [f"{execution.batch} samples"] if execution.batch > 1 else []
    return f" ({', '.join(words)})" if words else ""


def _copies(report: Report, chosen: Callable[[Row], bool]) -> Iterator[Row]:
    """The rows that are chosen, of all copies of a repeat."""
    rows = report.every() if any(map(chosen, report.rows)) else ()
    return filter(chosen, rows)


def _some(texts: Iterator[str], rest: str) -> list[Note]:
    first = list(islice(texts, MOST))
    more = sum(1 for _ in texts)
    if not more:
        return [Note(text) for text in first]
    return [*map(Note, first[:-1]), Note(f"... and {more + 1} more {rest}")]


def unread_lines(row: Row) -> dict[str, int]:
    """How many rows, columns, ... of its input a sliding window never reads, by axis; empty where it reads all."""
    if row.layer.receptive not in ("windows", "convolution"):
        return {}
    space, counts = row.layer.space(row.facts.inputs[0]), row.layer.space(row.facts.shape)
    if len(space) not in AXIS_NAMES or not all(type(size) is int for size in (*space, *counts)):
        return {}
    left = unread(row.layer, as_ints(space), as_ints(counts))
    return {name: missed for name, missed in zip(AXIS_NAMES[len(space)], left, strict=True) if missed}


def unread_text(row: Row, numbers: bool = False) -> str:
    """A sentence on what of its input a window never reads; empty where it reads all.

    With `numbers` rows between windows are counted, and not described.
    """
    left = unread_lines(row)
    if not left:
        return ""
    space = row.layer.space(row.facts.inputs[0])
    layer: object = row.layer
    parts = []
    skipped: dict[tuple[int, int], list[str]] = {}
    for axis, (size, name) in enumerate(zip(space, AXIS_NAMES[len(space)], strict=True)):
        missed = left.get(name)
        if not missed:
            continue
        line = LINES[name]
        kernel, stride, dilation = (getattr(layer, key)[axis] for key in ("kernel_size", "stride", "dilation"))
        if stride <= reach(kernel, dilation) and dilation == 1:
            parts.append(f"the last {line}" if missed == 1 else f"the last {missed} {line}s")
        elif numbers or dilation != 1:
            parts.append(f"{missed} of {size} {line}s")
        else:
            skipped.setdefault((stride, kernel), []).append(line)
    said = [f"never reads {' and '.join(parts)} of its input"] if parts else []
    return f"{row.name} " + " and ".join([*said, *(_between(*sizes, lines) for sizes, lines in skipped.items())])


def _between(stride: int, kernel: int, lines: list[str]) -> str:
    """What windows that do not touch leave out: `skips every second row (stride 2, kernel 1)`."""
    from cnncalc.explain.reasons import ORDINALS  # few networks need it

    each = f"every {ORDINALS.get(stride, f'{stride}th')} {' and '.join(lines)}"
    if stride == kernel + 1:
        what = f"skips {each}"
    elif kernel == 1:
        what = f"reads only {each}"
    else:
        what = f"reads only {kernel} of every {stride} {' and '.join(f'{line}s' for line in lines)}"
    return f"{what} of its input (stride {stride}, kernel {kernel})"
