"""A problem as text: code and message, place, the line itself with carets under it, help."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import TextIO

from cnncalc.core.problem import Problem
from cnncalc.render.text import safe, width

RED, YELLOW, BLUE, CYAN, BOLD, OFF = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1;36m", "\x1b[1m", "\x1b[0m"
COLOURS = {"error": RED, "warning": YELLOW, "note": CYAN}
TAB = 4
# Of a line that is longer than this or than the screen only the part around the place is shown.
LONGEST = 160
# A message that quotes what is very long is cut in its middle.
LONGEST_TEXT = 2_000
# So many problems are shown, in the order of their places; of more the number is said.
MOST = 100


def render(problems: Iterable[Problem], colour: bool = False, columns: int | None = None) -> str:
    """The problems, at most `MOST`, an empty line between two, on lines of at most so many columns."""
    every = list(problems)
    more = [f"{len(every) - MOST:,} more are not shown\n"] if len(every) > MOST else []
    return "\n".join([*(one(problem, colour, columns) for problem in every[:MOST]), *more])


def one(problem: Problem, colour: bool = False, columns: int | None = None) -> str:
    """One problem, as lines that end with a newline."""

    def ink(text: str, style: str) -> str:
        return f"{style}{text}{OFF}" if colour and style and text else text

    def said(head: str, text: str, style: str, then: str = "") -> list[str]:
        whole = f"{head}: {safe(text)}"
        if columns is None or width(whole) <= columns:
            first, rest = whole, []
        else:
            from cnncalc.render.fit import hanging

            first, *rest = hanging(whole, columns, 2)
        at = min(len(head), len(first))
        return [ink(first[:at], style) + ink(first[at:], then), *(ink(line, then) for line in rest)]

    style = COLOURS.get(problem.severity, BOLD)
    lines = said(f"{problem.severity}[{problem.code}]", _cut(problem.message), style, BOLD)
    margin = ""
    if problem.source is not None:
        place = ":".join(str(part) for part in (safe(problem.source.name), problem.line, problem.column) if part)
        margin = " " * len(str(problem.line or " "))
        room = LONGEST if columns is None else min(LONGEST, columns - len(margin) - len(" | ......"))
        snippet = _snippet(problem, room)
        lines.append(f"{margin}{ink('-->', BLUE)} {place}")
        if snippet is not None:
            text, before, carets = snippet
            bar = ink("|", BLUE)
            lines.append(f"{margin} {bar}")
            lines.append(f"{ink(str(problem.line), BLUE)} {bar} {text}".rstrip())
            lines.append(f"{margin} {bar} {' ' * before}{ink('^' * carets, style)}")
    for sentence in problem.help:
        lines += said("help", sentence, CYAN)
    return "\n".join(lines) + "\n"


def supports_colour(stream: TextIO) -> bool:
    """Whether colour may be written there: a terminal that has not asked for none (NO_COLOR, TERM=dumb)."""
    import os

    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return stream.isatty() and takes_escapes(stream)
    except (AttributeError, ValueError):
        return False


def takes_escapes(stream: TextIO) -> bool:
    """Whether a terminal takes escape sequences; a console of Windows does, once it is told to."""
    if sys.platform == "win32":
        import msvcrt
        from ctypes import byref, windll, wintypes

        kernel, handle = windll.kernel32, msvcrt.get_osfhandle(stream.fileno())
        mode = wintypes.DWORD()
        return bool(kernel.GetConsoleMode(handle, byref(mode)) and kernel.SetConsoleMode(handle, mode.value | 4))
    return True


def _snippet(problem: Problem, longest: int) -> tuple[str, int, int] | None:
    """The line of the problem, or of a longer one what is around the place, where the carets start and how many there
    are, in columns of the screen.
    """
    if problem.source is None or problem.span is None:
        return None
    line = _line(problem.source.text, problem.span.line)
    if line is None:
        return None
    start = min(max(problem.span.column - 1, 0), len(line))
    stop = min(start + max(problem.span.length, 1), len(line))
    first, last = 0, len(line)
    if last > longest > 0:
        first = max(0, min(start - longest // 4, last - longest))
        last = min(last, first + longest)
    before, under, after = (
        _shown(line[first:start]),
        _shown(line[start : min(stop, last)]),
        _shown(line[max(stop, first) : last] if stop < last else ""),
    )
    if first:
        before = "..." + before
    if last < len(line):
        after += "..."
    return before + under + after, width(before), max(1, width(under))


def _cut(text: str) -> str:
    half = LONGEST_TEXT // 2
    return text if len(text) <= LONGEST_TEXT else f"{text[:half]} ... {text[-half:]}"


def _shown(text: str) -> str:
    return safe(text.replace("\t", " " * TAB))


def _line(text: str, number: int) -> str | None:
    """A line of a text by its number from 1, without its ending."""
    lines = _lines(text)
    return lines[number - 1].rstrip("\r") if 1 <= number <= len(lines) else None


@lru_cache(maxsize=2)
def _lines(text: str) -> list[str]:
    """The lines of a text; thousands of problems may be in one."""
    return text.split("\n")
