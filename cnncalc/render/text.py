"""How a cell's value is written, and how wide a text is on a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cnncalc.core.number import FreeNumber, apart
from cnncalc.document import Table

YES, NO = "✓", "✗"


def cell(value: Any, kind: str) -> str:
    """A value as people read it: thousands apart, shapes in brackets, nothing for None."""
    if value is None:
        return ""
    if type(value) is str:
        return safe(value)
    if kind == "shape":
        return shape(value)
    if kind == "percent":
        return percent(value)
    if kind == "ratio":
        return ratio(value)
    if kind == "value":
        from cnncalc.render.array import brief

        return safe(brief(value))
    if kind == "mark":
        return YES if value else NO
    if type(value) is int:
        return f"{value:,}"
    if type(value) is float:
        return f"{value:,.3f}" if abs(value) >= 0.01 or value == 0 else f"{value:.2g}"
    return safe(formula(value, grouped=True))


def formula(value: object, grouped: bool = False) -> str:
    """A number that may be free, as people write it: `⌊(H − 1)/2⌋`; `grouped` where no list of sizes is around it."""
    if isinstance(value, FreeNumber):
        return value.pretty(grouped)
    return apart(str(value)) if grouped else str(value)


def shape(sizes: Sequence[object]) -> str:
    """`(N, 16, 64, 64)`; one size keeps its comma, as in Python."""
    if len(sizes) == 1:
        return f"({formula(sizes[0])},)"
    return "(" + ", ".join([formula(size) for size in sizes]) + ")"


def percent(fraction: object) -> str:
    """A fraction of 1 with two decimals: `1.74%`; a formula is left as it is."""
    return f"{100 * fraction:,.2f}%" if isinstance(fraction, (int, float)) else formula(fraction, grouped=True)


def ratio(times: object) -> str:
    """How many times: `1,797,705×`, `22.95×`; a formula is left as it is."""
    if not isinstance(times, (int, float)):
        return formula(times, grouped=True)
    return f"{times:,.0f}×" if times >= 1000 else f"{times:.4g}×"


def safe(text: str) -> str:
    """The text without control characters, which a file could use to write on someone's terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def width(text: str) -> int:
    """Columns that the text takes on a screen: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) or c == "\ufe0f" else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, columns: int, right: bool = False) -> str:
    """The text filled with spaces to a number of columns."""
    if text.isascii():
        return text.rjust(columns) if right else text.ljust(columns)
    fill = " " * (columns - width(text))
    return fill + text if right else text + fill


def written(table: Table, rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """Rows of a table as text."""
    return list(writing(table, rows))


def writing(table: Table, rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    """Rows of a table as text, one by one."""
    kinds = [column.kind for column in table.columns]
    return ([cell(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows)
