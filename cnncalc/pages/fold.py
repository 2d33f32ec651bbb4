"""The lines of a table: one a layer, or one a block where only the outer levels are wanted.

Copies of a block (`encoder.0`, `encoder.1`, ...) that are alike stand on one line, `encoder × 12`, and so do the
layers in them, `encoder.*.attn × 12`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from cnncalc.core.number import Number, Shape
from cnncalc.document import Column, Made, Note
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.render.text import shape


class Line:
    """One line: a layer, or the rows of `copies` blocks that are alike."""

    __slots__ = ("block", "copies", "name", "rows", "size")

    def __init__(self, name: str, rows: list[Row], block: str | None = None, copies: int = 1, size: int = 1) -> None:
        self.name = name
        self.rows = rows
        self.block = block
        self.copies = copies
        self.size = size  # layers of one copy

    @property
    def row(self) -> Row | None:
        """The layer, where the line is a single one."""
        return self.rows[0] if self.block is None and len(self.rows) == 1 else None

    @property
    def type(self) -> str:
        """The layer's type; of a block, how many layers it has."""
        row = self.rows[0]
        if self.block is None:
            return row.type
        count = self.size
        return f"{count} layers" if count != 1 else "1 layer"

    def output_shape(self, report: Report) -> Shape:
        """The shape that comes out of the last copy."""
        block = report.graph.blocks.get(self.block) if self.block else None
        if block is not None and block.stop <= len(report.rows):
            return report.shown(report.shape_of(block.output), block.output)
        return self.rows[-1].output_shape

    def total(self, what: str) -> Number:
        """The sum of `params`, `biases`, `macs`, ... over its rows."""
        if len(self.rows) == 1:
            one: Number = getattr(self.rows[0], what)
            return one
        return sum(row.times * (getattr(row, what) or 0) for row in self.rows)


# A depth that no name has: every layer stands on a line, copies that are alike together.
COPIES = 1_000_000


def folds(report: Report, depth: int) -> bool:
    """Whether that depth makes one line of several layers."""
    return len(lines(report, depth)) < len(report.rows)


def lines(report: Report, depth: int | None = None) -> list[Line]:
    """The lines for a depth; None for every layer on its own."""
    if depth is None:
        return list(single_lines(report.rows))
    return list(_level([report.rows], 0, depth, ""))


def single_lines(rows: Iterable[Row]) -> Iterator[Line]:
    """A line for each row."""
    return (Line(row.name, [row]) for row in rows)


def made_of(
    report: Report, shown: Sequence[Line], depth: int | None, make: Callable[[Iterable[Line]], Iterator[list[object]]]
) -> list[list[object]] | Made:
    """The rows of a table, as `make` makes them of the lines for a depth; of copies left out, when they are written."""
    if depth is None and report.graph.runs:
        return Made(lambda: make(single_lines(report.every())), list(make(shown)))
    return list(make(shown))


class Part(NamedTuple):
    """The rows start..stop-1 whose names go on with `word`; a leaf is one row whose name ends there."""

    word: str
    start: int
    stop: int
    leaf: bool


def _level(copies: list[list[Row]], at: int, depth: int, shown: str) -> Iterator[Line]:
    """The lines of rows whose names agree in their first `at` words; `copies` are alike, the first one speaks."""
    rows = copies[0]
    parts = _parts(rows, at)
    numbers = sum(rows[part.start].step(at) for part in parts if part.word.isdigit())
    index = 0
    while index < len(parts):
        part = parts[index]
        index += 1
        made = 1  # copies that are rows here; `count` are those that they stand for
        word = part.word
        if word.isdigit() and at:
            like = _signature(rows, part, at)
            count = rows[part.start].step(at)
            while index < len(parts) and _follows(parts[index], int(word) + count, like, rows, at):
                count += rows[parts[index].start].step(at)
                index += 1
                made += 1
            if count > 1:
                word = "*" if count == numbers else f"{word}..{int(word) + count - 1}"
            left = depth
        else:
            left = depth - 1
        width = part.stop - part.start
        inner = [
            copy[part.start + number * width : part.start + (number + 1) * width]
            for copy in copies
            for number in range(made)
        ]
        name = f"{shown}.{word}" if shown else word
        if part.leaf or (left == 0 and not _has_copies(inner[0], at + 1)):
            yield _line(name, inner, at + 1, part.leaf)
        else:
            yield from _level(inner, at + 1, left, name)


def _line(name: str, copies: list[list[Row]], at: int, leaf: bool) -> Line:
    count = sum(copy[0].times for copy in copies)
    if count > 1:
        name = f"{name.removesuffix('.*')} × {count}"
    block = None if leaf else ".".join(copies[-1][0].name.split(".")[:at])
    size = sum(row.times for row in copies[0]) // copies[0][0].times
    return Line(name, [row for copy in copies for row in copy], block, count, size)


def _parts(rows: list[Row], at: int) -> list[Part]:
    """Neighbours with the same word at that place, together."""
    parts: list[Part] = []
    for index, row in enumerate(rows):
        words = row.name.split(".", at + 1)
        leaf = len(words) == at + 1
        if parts and not leaf and not parts[-1].leaf and parts[-1].word == words[at]:
            parts[-1] = parts[-1]._replace(stop=index + 1)
        else:
            parts.append(Part(words[at], index, index + 1, leaf))
    return parts


def _has_copies(rows: list[Row], at: int) -> bool:
    """Whether a block consists of copies `0`, `1`, ...: blocks, or layers that are all alike."""
    parts = _parts(rows, at)
    if not all(part.word.isdigit() for part in parts):
        return False
    return not all(part.leaf for part in parts) or len({_signature(rows, part, at) for part in parts}) == 1


def _follows(part: Part, number: int, like: tuple[object, ...], rows: list[Row], at: int) -> bool:
    return part.word == str(number) and _signature(rows, part, at) == like


def _signature(rows: list[Row], part: Part, at: int) -> tuple[object, ...]:
    """What two copies must have in common to stand on one line."""
    return tuple(
        (
            tuple(row.name.split(".", at + 1)[at + 1 :]),
            row.layer.describe(),
            tuple(row.input_shapes),
            row.output_shape,
            row.params,
            row.node.frozen,
        )
        for row in rows[part.start : part.stop]
    )


def share(part: Number, total: Number) -> object:
    """The fraction that a part is of the total; None where it cannot be said."""
    if type(part) is int and type(total) is int:
        return part / total if total else None
    return None


def batched(shape: Iterable[Number], batch: int | None) -> tuple[object, ...]:
    """A sample's shape with the batch axis in front: N, or the number that was asked for."""
    return ("N" if batch is None else batch, *shape)


def copies_notes(depth: int | None) -> list[Note]:
    """That copies stand on one line where nobody asked for it."""
    return [Note("× N: so many copies that are alike; --full shows each")] if depth == COPIES else []


def more_columns(more: Sequence[str]) -> list[Column]:
    """The columns that are shown on demand."""
    kinds = {"input": Column("input shape", "text"), "weights": Column("weights")}
    return [kinds[name] for name in more]


def more_cells(line: Line, more: Sequence[str], batch: int | None) -> list[str]:
    """What comes into a layer, and the shape of each of its weights; for a block what comes into it."""
    return [_inputs(line, batch) if name == "input" else _weights(line) for name in more]


def _inputs(line: Line, batch: int | None) -> str:
    return ", ".join(shape(batched(sizes, batch)) for sizes in line.rows[0].input_shapes)


def _weights(line: Line) -> str:
    weights = {} if line.block is not None else line.rows[0].weights
    return ", ".join(f"{name} {shape(sizes)}" for name, sizes in weights.items())
