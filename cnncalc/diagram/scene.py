"""A picture as ink on a page: rectangles, lines, words. Styles make it, formats write it; neither knows the other.

Lengths are pixels of 1/96 inch, y leads down. Colours are named by what they mean (`inks.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.render.text import width

SIZE = 12.0  # pixels of all words: 9 points
LETTER = 7.25  # the width of a letter of that size, with some room
HEAD = 15.0  # pixels of the heading

Point = tuple[float, float]


class Shape(NamedTuple):
    """An outline of straight parts and bows: `parts` as in `layout.placed`. Closed ones are filled."""

    ink: str
    start: Point
    parts: list[tuple[Point, ...]]
    closed: bool = False
    arrow: bool = False
    dash: bool = False


class Rectangle(NamedTuple):
    """A rectangle with round corners."""

    ink: str
    x: float
    y: float
    width: float
    height: float
    round: float = 0.0
    dash: bool = False
    name: str = ""


class Words(NamedTuple):
    """One line of text; y is its base line, `anchor` where x is: start, middle, end. `halo`: paper around letters."""

    text: str
    x: float
    y: float
    anchor: str = "middle"
    bold: bool = False
    ink: str = "text"
    size: float = SIZE
    halo: bool = False


class Part(NamedTuple):
    """Things that belong together under a name: a box with its words."""

    name: str
    items: list[Item]


Item = Shape | Rectangle | Words | Part


class Scene:
    """A picture of a size, with a name for those who cannot see it."""

    __slots__ = ("description", "height", "items", "name", "notes", "width")

    def __init__(self, name: str, width: float = 0.0, height: float = 0.0) -> None:
        self.name = name
        self.width = width
        self.height = height
        self.description = ""
        self.items: list[Item] = []
        self.notes: list[str] = []

    def flat(self) -> list[Shape | Rectangle | Words]:
        """Everything, in the order in which it is drawn."""
        found: list[Shape | Rectangle | Words] = []
        waiting = list(reversed(self.items))
        while waiting:
            item = waiting.pop()
            if isinstance(item, Part):
                waiting.extend(reversed(item.items))
            else:
                found.append(item)
        return found


def span(text: str, size: float = SIZE) -> float:
    """How wide a text is at most."""
    return LETTER * width(text) * size / SIZE


def wrapped(text: str, most: int) -> list[str]:
    """The text in lines of at most so many letters, broken where words or arguments end, if need be inside one."""
    lines: list[str] = []
    while len(text) > most:
        at = max(text.rfind(", ", 0, most + 1) + 1, text.rfind(" ", 0, most + 1))
        if at <= 0:
            at = max(text.rfind(sign, 0, most) + 1 for sign in "(._/-→")
        if at < most // 3:  # where a capital begins the next word of a name
            humps = [place for place in range(most // 3, most) if text[place].isupper() and text[place - 1].islower()]
            at = humps[-1] if humps else most
        lines.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*lines, text]
