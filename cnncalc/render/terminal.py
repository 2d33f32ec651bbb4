"""The page on a terminal: coloured, and fitted to its width by wrapping words, never by cutting.

Written out instead of taken from rich: importing rich and drawing 120 rows takes 50 ms, more than the whole command.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.document import Document, Heading, Note, Part, Table
from cnncalc.render.plain import GAP, part_lines
from cnncalc.render.text import NO, YES, pad, safe, width, written

BOLD, DIM, RED, GREEN, CYAN, OFF = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
STYLES = {"name": CYAN, "shape": GREEN}
MARKS = {YES: GREEN, NO: RED}
NOTES = {"note": DIM, "good": GREEN, "bad": RED}
# Text is not wrapped into less than this.
NARROWEST = 20


def render(document: Document, columns: int, colour: bool = True) -> str:
    """The document as text for a terminal of that many columns."""
    lines: list[str] = []
    before: Part | None = None
    for part in document.parts:
        if before is not None and not (isinstance(part, (Note, Table)) and isinstance(before, (Note, Heading))):
            lines.append("")
        lines.extend(_part(part, columns, colour))
        before = part
    return "\n".join(lines) + "\n" if lines else ""


def _part(part: Part, columns: int, colour: bool) -> Iterator[str]:
    if isinstance(part, Table):
        yield from _table(part, columns, colour)
    elif isinstance(part, Heading):
        yield _ink(safe(part.text), BOLD, colour)
    elif isinstance(part, Note):
        for line in wrap(safe(part.text), columns):
            yield _ink(line, NOTES[part.kind], colour)
    else:
        yield from part_lines(part)


def _table(table: Table, columns: int, colour: bool) -> Iterator[str]:
    keep = [True] * len(table.columns)
    head = [safe(column.title) for column in table.columns]
    body = written(table, [*table.lead, *table.rows])
    feet = written(table, table.footers)
    widths = [max(map(width, cells)) for cells in zip(head, *body, *feet, strict=True)]
    wraps = [column.kind in ("text", "value") for column in table.columns]
    for at in reversed([at for at, column in enumerate(table.columns) if column.spare]):
        if _least(widths, wraps, keep) > columns:
            keep[at] = False
    _fit(widths, wraps, keep, columns)

    kept = [at for at, kept in enumerate(keep) if kept]
    rights = [column.right for column in table.columns]
    styles = [STYLES.get(column.kind, "") for column in table.columns]

    def lines(row: Sequence[str], style: str = "") -> Iterator[str]:
        cells = [wrap(row[at], widths[at]) if wraps[at] else [row[at]] for at in kept]
        for number in range(max(map(len, cells))):
            parts = []
            for at, cell in zip(kept, cells, strict=True):
                text = cell[number] if number < len(cell) else ""
                parts.append(_ink(pad(text, widths[at], rights[at]), style or MARKS.get(text, styles[at]), colour))
            yield GAP.join(parts).rstrip()

    rule = _ink("─" * (sum(widths[at] for at in kept) + len(GAP) * (len(kept) - 1)), DIM, colour)
    yield from lines(head, BOLD)
    yield rule
    for row in body:
        yield from lines(row)
    if feet:
        yield rule
        for row in feet:
            yield from lines(row, BOLD)
    gone = [head[at] for at in range(len(head)) if not keep[at]]
    if gone:
        yield _ink(f"(no room for {', '.join(gone)}: --format plain shows all columns)", DIM, colour)


def _least(widths: list[int], wraps: list[bool], keep: list[bool]) -> int:
    sizes = [min(w, NARROWEST) if soft else w for w, soft, kept in zip(widths, wraps, keep, strict=True) if kept]
    return sum(sizes) + len(GAP) * (len(sizes) - 1)


def _fit(widths: list[int], wraps: list[bool], keep: list[bool], columns: int) -> None:
    """Make text columns narrower, the widest first, until the table fits or none can give more."""
    kept = [at for at in range(len(widths)) if keep[at]]
    excess = sum(widths[at] for at in kept) + len(GAP) * (len(kept) - 1) - columns
    while excess > 0:
        soft = [at for at in kept if wraps[at] and widths[at] > NARROWEST]
        if not soft:
            return
        widest = max(soft, key=lambda at: widths[at])
        widths[widest] -= 1
        excess -= 1


def wrap(text: str, columns: int) -> list[str]:
    """The text in lines of at most that many columns, broken at spaces; a longer word is broken anywhere."""
    if width(text) <= columns:
        return [text]
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= columns:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if width(lines[-1] + character) > columns:
                lines.append("")
            lines[-1] += character
    return lines


def _ink(text: str, style: str, colour: bool) -> str:
    return f"{style}{text}{OFF}" if colour and style and text and not text.isspace() else text
