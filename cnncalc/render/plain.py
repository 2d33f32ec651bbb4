"""Aligned columns of plain text: no colour, no line drawn around, no line cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from cnncalc.document import Document, Formula, Heading, Made, Note, Part, Picture, Question, Table, Tree
from cnncalc.render.text import pad, safe, width, writing, written

GAP = "  "
# A column is no wider: what is longer sticks out of it, and does not fill ten thousand other lines with spaces.
WIDEST = 2_000


def render(document: Document) -> str:
    """The document as text that ends with a newline."""
    lines = list(document_lines(document))
    return "\n".join(lines) + "\n" if lines else ""


def document_lines(document: Document) -> Iterator[str]:
    """The document, line by line."""
    before: Part | None = None
    for part in document.parts:
        if before is not None and not (type(before) is type(part) and isinstance(part, (Note, Formula))):
            yield ""
        yield from part_lines(part)
        before = part


def part_lines(part: Part) -> Iterator[str]:
    """The lines of one part."""
    if isinstance(part, Table):
        yield from table_lines(part)
    elif isinstance(part, (Heading, Note)):
        yield safe(part.text)
    elif isinstance(part, Formula):
        yield " = ".join([safe(part.left), *map(safe, part.steps)])
    elif isinstance(part, Tree):
        yield from tree_lines(part)
    elif isinstance(part, Question):
        yield from question_lines(part)
    else:
        yield from picture_lines(part)


def question_lines(question: Question) -> Iterator[str]:
    """A question with its number, and below it what stands there."""
    yield f"{question.number}. {safe(question.head)}"
    for line in question.lines:
        yield f"   {safe(line)}"


def picture_lines(picture: Picture) -> Iterator[str]:
    """A picture's lines, each made safe."""
    for line in picture.text.splitlines():
        yield safe(line.expandtabs(4))


def tree_lines(tree: Tree, own: str = "", below: str = "") -> Iterator[str]:
    """A tree's lines, with branches drawn."""
    yield own + safe(tree.text)
    for child in tree.children:
        last = child is tree.children[-1]
        yield from tree_lines(child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))


def table_lines(table: Table) -> Iterator[str]:
    """Head, rule, rows, rule, footers."""
    head = [safe(column.title) for column in table.columns]
    body: Iterable[Sequence[str]] = written(
        table, [*table.lead, *(table.rows.some if isinstance(table.rows, Made) else table.rows)]
    )
    feet = written(table, table.footers)
    widths = [min(max(map(width, column)), WIDEST) for column in zip(head, *body, *feet, strict=True)]
    if isinstance(table.rows, Made):
        body = writing(table, chain(table.lead, table.rows))
    rights = [column.right for column in table.columns]
    rule = GAP.join("-" * size for size in widths)
    yield _line(head, widths, rights)
    yield rule
    for row in body:
        yield _line(row, widths, rights)
    if feet:
        yield rule
        for row in feet:
            yield _line(row, widths, rights)


def _line(cells: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    return GAP.join(map(pad, cells, widths, rights)).rstrip()
