"""What the colours of a picture mean."""

from __future__ import annotations

from cnncalc.diagram.scene import Item, Rectangle, Words, span


def legend(entries: list[tuple[str, str]], x: float, y: float, width: float) -> tuple[list[Item], float]:
    """A square and a word for each colour in rows of that width, and where they end."""
    found: list[Item] = []
    at = x
    for number, (ink, word) in enumerate(entries):
        wide = 18 + span(word) + 14
        if at > x and at + wide > x + width:
            at, y = x, y + 18
        found.append(Rectangle(ink, at, y, 12, 12, 2))
        found.append(Words(word, at + 17, y + 10, "start", ink="less"))
        at += wide
        if number == len(entries) - 1:
            y += 18
    return found, y
