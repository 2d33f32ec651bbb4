"""Words and lines of a text."""

from __future__ import annotations

import re

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
