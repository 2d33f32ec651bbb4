"""The page on a terminal, drawn by rich: coloured, and fitted to its width by wrapping words, never by cutting.

Column widths are measured once (`fit`); rich is given the result and cells that are no markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import rich.table
from rich.box import Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.text import Text

from cnncalc.document import Column, Document, Formula, Heading, Note, Part, Picture, Table, Tree
from cnncalc.render.fit import GAP, after, fit, hanging, wrapped
from cnncalc.render.plain import part_lines
from cnncalc.render.text import NO, YES, safe, written

STYLES = {"name": "cyan", "shape": "green"}
MARKS = {YES: "green", NO: "bold red"}
NOTES = {"note": "dim", "good": "green", "bad": "bold red"}
# What stands below a tree's branches where a line goes on.
BRANCHES = str.maketrans({"├": "│", "└": " ", "─": " "})
# A rule under the head and above the sums, nothing else.
LINES = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")


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
        for line in _lines(part, columns):
            console.print(Text(line), soft_wrap=True)


def _table(table: Table, console: Console, columns: int) -> None:
    head = [safe(column.title) for column in table.columns]
    body = written(table, [*table.lead, *table.rows])
    feet = written(table, table.footers)
    widths = [max(map(cell_len, cells)) for cells in zip(head, *body, *feet, strict=True)]
    kept, widths = fit(table.columns, widths, columns)
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
    # A terminal of a few columns holds nothing: what cannot be made narrower is left to it, rich would cut it.
    console.width = max(columns, sum(widths[at] for at in kept) + GAP * (len(kept) - 1))
    console.print(grid)
    console.width = columns
    gone = [title for at, title in enumerate(head) if at not in kept]
    if gone:
        said = f"(no room for {', '.join(gone)}: --format plain shows all columns)"
        console.print(Text(said, "dim", overflow="fold"))


def _cell(text: str, size: int, column: Column, console: Console, style: str = "") -> Cell:
    style = style or (MARKS.get(text, "") if column.kind == "mark" else STYLES.get(column.kind, ""))
    if cell_len(text) > size:
        text = "\n".join(wrapped(text, size, column.kind))
    elif column.right:
        text = " " * (size - cell_len(text)) + text
    return Cell(text, style)


def _lines(part: Part, columns: int) -> Iterator[str]:
    """The lines of a formula, a tree, a question or a picture, none longer than the screen is wide."""
    if isinstance(part, Picture) and part.language == "sh":
        *lines, last = hanging(safe(part.text), columns - 2, 4)
        yield from (f"{line} \\" for line in lines)  # as a shell reads it
        yield last
    elif isinstance(part, Tree):
        for line in part_lines(part):
            lead = len(line) - len(line.lstrip(" │├└─"))
            yield from after(line[:lead], line[lead:], line[:lead].translate(BRANCHES), columns)
    else:
        for line in part_lines(part):
            yield from hanging(line, columns, 4)
