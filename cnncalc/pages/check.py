"""`cnncalc check`: what was expected, what is, and why they may differ."""

from __future__ import annotations

from typing import Any

from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.pages import ask


def page(name: str, results: list[Any], quiet_key: bool = False) -> Document:
    """The table of results and the sum; with `quiet_key` the right values are not shown."""
    columns = [Column("", "mark"), Column("ask"), Column("expected")]
    if not quiet_key:
        columns.append(Column("found"))
    rows = []
    for result in results:
        cells = [result.ok, result.ask, result.expected_text]
        if not quiet_key:
            cells.append(ask.text(result.actual))
        rows.append(cells)
    document = Document([Heading(name)])
    if rows:
        document.add(Table(columns, rows))
    for result in results:
        if result.note and not quiet_key:
            document.add(Note(f"{result.ask}: {result.note}"))
    document.add(_sum(results))
    return document


def data(results: list[Any], quiet_key: bool = False) -> dict[str, Any]:
    """The JSON document."""
    good = sum(1 for result in results if result.ok)
    rows = []
    for result in results:
        row = {"ask": result.ask, "expected": ask.data(result.expected), "ok": bool(result.ok)}
        if not quiet_key:
            row["actual"] = ask.data(result.actual)
            if result.note:
                row["diagnosis"] = result.note
        rows.append(row)
    return {"passed": good, "failed": len(results) - good, "results": rows}


def _sum(results: list[Any]) -> Note:
    good = sum(1 for result in results if result.ok)
    if not results:
        return Note("nothing to check: the spec has no expect")
    if good == len(results):
        return Note("all right" if good == 1 else f"all {good} right", "good")
    return Note(f"{good} right, {len(results) - good} wrong", "bad")
