"""Markdown, with the tables of GitHub's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.document import Document, Formula, Heading, Note, Part, Picture, Question, Table
from cnncalc.render.plain import WIDEST, picture_lines, tree_lines
from cnncalc.render.text import pad, safe, width, written

# What would be markup at the start of a word or inside one.
MARKUP = str.maketrans({character: "\\" + character for character in "\\`*<>|"})
# What is markup beside some signs alone: the bracket that ends a link's text, the line that is in no word.
BESIDE = re.compile(r"\](?=[(\[:]|$)|(?<![^\W_])_|_(?![^\W_])")


def render(document: Document) -> str:
    """The document as Markdown that ends with a newline."""
    blocks = ["\n".join(_part(part)) for part in document.parts]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _part(part: Part) -> Iterator[str]:
    if isinstance(part, Table):
        yield from _table(part)
    elif isinstance(part, Heading):
        yield "#" * part.level + " " + escape(part.text)
    elif isinstance(part, Note):
        yield escape(part.text)
    elif isinstance(part, Formula):
        yield from _formula(part)
    elif isinstance(part, Question):
        yield f"{part.number}. {escape(part.head)}"
        for line in part.lines:
            yield ""
            yield f"   `{safe(line)}`" if "`" not in line else f"   {escape(line)}"
    else:
        yield f"```{part.language}" if isinstance(part, Picture) else "```"
        yield from picture_lines(part) if isinstance(part, Picture) else tree_lines(part)
        yield "```"


def _formula(part: Formula) -> Iterator[str]:
    """A block of TeX as GitHub shows it; a name with underscores stands before it, where Markdown cannot harm them."""
    if not part.tex_steps:
        yield "`" + " = ".join([safe(part.left), *map(safe, part.steps)]) + "`"
        return
    sides = [part.tex_left, *part.tex_steps]
    if "\\_" in part.tex_left:
        yield f"`{safe(part.left)}`:"
        yield ""
        sides = part.tex_steps
    if any("\\_" in side for side in sides):  # names inside the formula
        yield "`" + " = ".join(map(safe, part.steps)) + "`"
        return
    yield "$$"
    yield " = ".join(sides).replace("\n", " ")
    yield "$$"


def escape(text: str) -> str:
    """The text so that Markdown shows it as it is."""
    return BESIDE.sub(r"\\\g<0>", safe(text).translate(MARKUP))


def _table(table: Table) -> Iterator[str]:
    head = [escape(column.title) for column in table.columns]
    body = [[escape(text) for text in row] for row in written(table, [*table.lead, *table.rows])]
    feet = [[f"**{escape(text)}**" if text else "" for text in row] for row in written(table, table.footers)]
    widths = [min(max(3, *map(width, column)), WIDEST) for column in zip(head, *body, *feet, strict=True)]
    rights = [column.right for column in table.columns]
    yield _line(head, widths, rights)
    yield _line(["-" * (w - 1) + (":" if r else "-") for w, r in zip(widths, rights, strict=True)], widths, rights)
    for row in [*body, *feet]:
        yield _line(row, widths, rights)


def _line(cells: list[str], widths: list[int], rights: list[bool]) -> str:
    return "| " + " | ".join(map(pad, cells, widths, rights)) + " |"
