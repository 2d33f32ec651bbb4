"""How a table fits a screen: texts are wrapped, then columns left out, then names wrapped; nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnncalc.document import Column
from cnncalc.render.text import width

# Columns between two columns.
GAP = 2
# How narrow the cells of a kind are made: while all columns may stay, after spare ones have gone, and at the last.
NARROWEST = (
    {"text": 20, "value": 20, "name": 28},
    {"text": 16, "value": 16, "name": 16},
    {"text": 12, "value": 12, "name": 12, "shape": 10},
)


def fit(columns: Sequence[Column], widths: Sequence[int], room: int) -> tuple[list[int], list[int]]:
    """Which columns stay, and the width of each that does."""
    kept = list(range(len(columns)))
    spare = [at for at in kept if columns[at].spare and at]
    floors = _floors(columns, widths, 0)
    while spare and _total(floors, kept) > room:
        kept.remove(spare.pop())
    for stage in (1, 2):
        if _total(floors, kept) > room:
            floors = _floors(columns, widths, stage)
    while len(kept) > 1 and _total(floors, kept) > room:
        words = [at for at in kept[1:] if columns[at].kind == "text"]
        shapes = [at for at in kept[1:] if not columns[at].right]
        kept.remove((words or shapes or kept)[-1])  # numbers stay the longest
    sizes = list(widths)
    if len(kept) == 1:
        sizes[kept[0]] = min(sizes[kept[0]], max(room, 1))
    while (excess := _total(sizes, kept) - room) > 0:
        soft = [at for at in kept if sizes[at] > floors[at]]
        if not soft:
            break
        # The widest gives way to the next one, as far as needed.
        widest = max(soft, key=lambda at: sizes[at])
        others = [sizes[at] for at in soft if at != widest and sizes[at] < sizes[widest]]
        sizes[widest] = max(floors[widest], sizes[widest] - excess, min(max(others, default=0), sizes[widest] - 1))
    return kept, sizes


def wrapped(text: str, size: int, kind: str = "text") -> list[str]:
    """The text on lines of at most that width: a name broken after a dot, a text between words, else anywhere."""
    if width(text) <= size:
        return [text]
    pieces = re.findall(r"[^./\s]*[./\s]+|[^./\s]+", text) if kind == "name" else re.findall(r"\S+\s*|\s+", text)
    lines = [""]
    for piece in pieces:
        if width(lines[-1] + piece.rstrip()) <= size:
            lines[-1] += piece
            continue
        if lines[-1]:
            lines.append("")
        *full, lines[-1] = _chopped(piece, size)
        lines[-1:-1] = full
    return [line.rstrip() for line in lines]


def hanging(text: str, size: int, indent: int) -> list[str]:
    """The text on lines of at most that width, all but the first set in."""
    indent = min(indent, size // 3)
    if width(text) <= size:
        return [text]
    lead = len(text) - len(text.lstrip())
    first, *rest = wrapped(text.lstrip(), max(size - lead, 1))
    more = wrapped(" ".join(rest), max(size - lead - indent, 1)) if rest else []
    return [" " * lead + first, *(" " * (lead + indent) + line for line in more)]


def after(own: str, text: str, below: str, room: int) -> Iterator[str]:
    """The text after what is drawn before it; `below` stands before the lines on which it goes on."""
    first, *rest = wrapped(text, max(room - max(width(own), width(below)), NARROWEST[2]["text"]))
    yield own + first
    yield from ((below + line).rstrip() for line in rest)


def _chopped(text: str, size: int) -> Iterator[str]:
    """A piece in parts of that width; its spaces at the end need no room."""
    part = ""
    for character in text:
        if part and not character.isspace() and width(part + character) > size:
            yield part
            part = ""
        part += character
    yield part


def _floors(columns: Sequence[Column], widths: Sequence[int], stage: int) -> list[int]:
    least = NARROWEST[stage]
    return [min(wide, least.get(column.kind, wide)) for column, wide in zip(columns, widths, strict=True)]


def _total(sizes: Sequence[int], kept: Sequence[int]) -> int:
    return sum(sizes[at] for at in kept) + GAP * (len(kept) - 1)
