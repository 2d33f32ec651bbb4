"""Comma-separated values: the page's first table, one header line, plain numbers; totals are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.document import Document, Table, Worded
from cnncalc.render.array import one_line
from cnncalc.render.text import safe

# A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(document: Document) -> str:
    """The first table as CSV; nothing where there is none."""
    return "".join(f"{line}\n" for line in document_lines(document))


def document_lines(document: Document) -> Iterator[str]:
    """The first table as CSV, line by line."""
    table = next((part for part in document.parts if isinstance(part, Table)), None)
    if table is not None:
        yield _line([guard(column.title) for column in table.columns])
        kinds = [column.kind for column in table.columns]
        for row in table.rows:
            yield _line([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])


def guard(text: str) -> str:
    """A text that a spreadsheet takes as text: an apostrophe before what it would run."""
    text = safe(text.data if isinstance(text, Worded) else text)
    return "'" + text if text.lstrip().startswith(FORMULA) else text


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "shape" and not isinstance(value, str):
        return "(" + ", ".join(map(str, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, list):
        return one_line(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return guard(value if isinstance(value, str) else str(value))


def _line(cells: list[str]) -> str:
    return ",".join(map(_quoted, cells))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') or text != text.strip() else text
