"""The page on a terminal, drawn by rich: coloured, and fitted to its width by wrapping words, never by cutting.

Column widths are measured once, here; rich is given the result and cells that are no markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO

import rich.table
from rich.box import Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.text import Text

from cnncalc.document import Column, Document, Formula, Heading, Note, Part, Table
from cnncalc.render.plain import part_lines
from cnncalc.render.text import NO, YES, safe, written

STYLES = {"name": "cyan", "shape": "green"}
MARKS = {YES: "green", NO: "bold red"}
NOTES = {"note": "dim", "good": "green", "bad": "bold red"}
# A rule under the head and above the sums, nothing else.
LINES = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
# Columns between two columns, and how narrow a text is made at most.
GAP = 2
NARROWEST = 20


def render(document: Document, columns: int, colour: bool = True) -> str:
    """The document as text for a terminal of that many columns."""
    console = Console(
        file=StringIO(),
        width=columns,
        force_terminal=colour,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    with console.capture() as drawn:
        before: Part | None = None
        for part in document.parts:
            if before is not None and not _close(before, part):
                console.print()
            _draw(part, console, columns)
            before = part
    return "".join(line.rstrip() + "\n" for line in drawn.get().splitlines())


def _close(before: Part, part: Part) -> bool:
    """Whether two parts stand under one another without an empty line."""
    if isinstance(before, Formula):
        return isinstance(part, Formula)
    return isinstance(part, (Note, Table)) and isinstance(before, (Note, Heading))


class Cell:
    """A text that fits its column, so that nothing is left to lay out: half the time of a `Text` in a table."""

    __slots__ = ("style", "text")

    def __init__(self, text: str, style: str) -> None:
        self.text = text
        self.style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        yield Segment(self.text, console.get_style(self.style) if self.style else None)


def _draw(part: Part, console: Console, columns: int) -> None:
    if isinstance(part, Table):
        _table(part, console, columns)
    elif isinstance(part, Heading):
        console.print(Text(safe(part.text), "bold", overflow="fold"))
    elif isinstance(part, Note):
        console.print(Text(safe(part.text), NOTES[part.kind], overflow="fold"))
    else:
        for line in part_lines(part):
            console.print(Text(line), soft_wrap=True)


def _table(table: Table, console: Console, columns: int) -> None:
    keep = [True] * len(table.columns)
    head = [safe(column.title) for column in table.columns]
    body = written(table, [*table.lead, *table.rows])
    feet = written(table, table.footers)
    widths = [max(map(cell_len, cells)) for cells in zip(head, *body, *feet, strict=True)]
    wraps = [column.kind in ("text", "value") for column in table.columns]
    for at in reversed([at for at, column in enumerate(table.columns) if column.spare]):
        if _least(widths, wraps, keep) > columns:
            keep[at] = False
    _fit(widths, wraps, keep, columns)
    kept = [at for at, kept in enumerate(keep) if kept]
    grid = rich.table.Table(box=LINES, show_edge=False, padding=0, pad_edge=False, border_style="dim")
    for at in kept:
        size = widths[at] + (GAP - 1 if at != kept[-1] else 0)
        grid.add_column(_cell(head[at], widths[at], table.columns[at], console, "bold"), width=size)
    for row in body:
        grid.add_row(*[_cell(row[at], widths[at], table.columns[at], console) for at in kept])
    if feet:
        grid.add_section()
        for row in feet:
            grid.add_row(*[_cell(row[at], widths[at], table.columns[at], console, "bold") for at in kept])
    # What cannot be made narrower is left to the terminal, which loses nothing: rich would cut it.
    console.width = max(columns, _total(widths, kept))
    console.print(grid)
    console.width = columns
    gone = [head[at] for at in range(len(head)) if not keep[at]]
    if gone:
        said = f"(no room for {', '.join(gone)}: --format plain shows all columns)"
        console.print(Text(said, "dim", overflow="fold"))


def _cell(text: str, size: int, column: Column, console: Console, style: str = "") -> Cell:
    style = style or (MARKS.get(text, "") if column.kind == "mark" else STYLES.get(column.kind, ""))
    spare = size - cell_len(text)
    if spare < 0:
        text = "\n".join([line.plain for line in Text(text, overflow="fold").wrap(console, size)])
    elif column.right:
        text = " " * spare + text
    return Cell(text, style)


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[at] for at in kept) + GAP * (len(kept) - 1)


def _least(widths: list[int], wraps: list[bool], keep: list[bool]) -> int:
    sizes = [min(w, NARROWEST) if soft else w for w, soft, kept in zip(widths, wraps, keep, strict=True) if kept]
    return sum(sizes) + GAP * (len(sizes) - 1)


def _fit(widths: list[int], wraps: list[bool], keep: list[bool], columns: int) -> None:
    """Make text columns narrower, the widest first, until the table fits or none can give more."""
    kept = [at for at in range(len(widths)) if keep[at]]
    excess = _total(widths, kept) - columns
    while excess > 0:
        soft = [at for at in kept if wraps[at] and widths[at] > NARROWEST]
        if not soft:
            return
        widest = max(soft, key=lambda at: widths[at])
        widths[widest] -= 1
        excess -= 1
