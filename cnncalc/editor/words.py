"""Words and lines of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cnncalc.core.problem import Span

WORD = re.compile(r"[A-Za-z_][\w.-]*")


def line_of(text: str, line: int) -> str:
    """A line without its end; empty beyond the last one."""
    lines = text.split("\n")
    return lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""


def word_at(text: str, line: int, column: int) -> tuple[str, Span]:
    """The word around a column, and its place."""
    for found in WORD.finditer(line_of(text, line)):
        if found.start() < column <= found.end() + 1:
            return found[0], Span(line, found.start() + 1, len(found[0]))
    return "", Span(line, column, 0)


def outside_brackets(text: str, places: Iterable[int], inwards: str, outwards: str) -> Iterator[tuple[int, str]]:
    """The letters at some places that stand in no bracket of their own, up to the bracket around all of them."""
    depth = 0
    for at in places:
        letter = text[at]
        if letter in inwards:
            depth += 1
        elif letter in outwards and depth:
            depth -= 1
        elif not depth:
            yield at, letter
            if letter in outwards:
                return
