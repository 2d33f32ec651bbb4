"""`cnncalc check`: what was expected, what is, and why they may differ."""

from __future__ import annotations

from typing import Any

from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.pages import ask
from cnncalc.render.array import WIDEST


def page(name: str, results: list[Any], quiet_key: bool = False) -> Document:
    """The table of results and the sum; with `quiet_key` the right values are not shown."""
    columns = [Column("", "mark"), Column("ask"), Column("expected", "value")]
    if not quiet_key:
        columns.append(Column("found", "value"))
    rows = []
    for result in results:
        cells = [result.ok, result.ask, _expected(result)]
        if not quiet_key:
            cells.append(_found(result))
        rows.append(cells)
    document = Document([Heading(name)])
    if rows:
        document.add(Table(columns, rows))
    for result in results:
        if result.diagnosis and (result.ok is not False or not quiet_key):
            document.add(Note(f"{result.ask}: {result.diagnosis}"))
    document.add(_sum(results))
    return document


def _expected(result: Any) -> Any:
    """What was expected, as it was written; a long list as what it holds."""
    written = result.expected_text
    if isinstance(result.expected, (list, tuple)) and ("\n" in written or len(written) > WIDEST):
        return ask.data(result.expected)
    return written


def _found(result: Any) -> Any:
    """What was found, written as the expectation is: a percentage where one was expected."""
    if result.ok is None:
        return ""
    if result.expected_text.endswith("%") and isinstance(result.actual, (int, float)):
        return f"{100 * result.actual:.6g}%"
    return ask.data(result.actual)


def data(results: list[Any], quiet_key: bool = False) -> dict[str, Any]:
    """The JSON document."""
    rows = []
    for result in results:
        row: dict[str, Any] = {"ask": result.ask, "expected": ask.data(result.expected)}
        if not quiet_key:
            row["actual"] = ask.data(result.actual)
        row["ok"] = result.ok
        if result.diagnosis and (result.ok is not False or not quiet_key):
            row["diagnosis"] = result.diagnosis
        rows.append(row)
    good, bad, open_ = _counts(results)
    document: dict[str, Any] = {"passed": good, "failed": bad}
    if open_:
        document["unanswered"] = open_
    return {**document, "results": rows}


def _counts(results: list[Any]) -> tuple[int, int, int]:
    """How many are right, wrong and not answered."""
    good = sum(1 for result in results if result.ok)
    bad = sum(1 for result in results if result.ok is False)
    return good, bad, len(results) - good - bad


def _sum(results: list[Any]) -> Note:
    good, bad, open_ = _counts(results)
    if not results:
        return Note("nothing to check: the spec has no expect")
    rest = f", {open_} not answered" if open_ else ""
    if not bad:
        right = "all right" if good == 1 and not rest else f"all {good} right" if not rest else f"{good} right"
        return Note(right + rest, "good")
    return Note(f"{good} right, {bad} wrong{rest}", "bad")


def sheets_page(name: str, sheets: list[Any], quiet_key: bool = False) -> Document:
    """A line for each file of answers, and the wrong ones below."""
    columns = [Column("file", "name"), Column("right", "number"), Column("wrong", "number")]
    columns += [Column("not answered", "number"), Column("remark")]
    rows: list[list[Any]] = []
    wrong: list[list[Any]] = []
    for sheet in sheets:
        if sheet.problems:
            rows.append([sheet.file, None, None, None, f"cannot be checked: {sheet.problems[0].message}"])
            continue
        good, bad, open_ = _counts(sheet.results)
        remarks = [f"{result.ask}: {result.diagnosis}" for result in sheet.results if result.ok and result.diagnosis]
        rows.append([sheet.file, good, bad, open_, "; ".join(remarks)])
        for result in sheet.results:
            if result.ok is False:
                found = [] if quiet_key else [_found(result)]
                wrong.append([sheet.file, result.ask, _expected(result), *found])
    document = Document([Heading(name), Table(columns, rows)])
    if wrong:
        columns = [Column("file", "name"), Column("ask"), Column("answer", "value")]
        columns += [] if quiet_key else [Column("right", "value")]
        document.add(Heading("wrong answers", 2), Table(columns, wrong))
    return document


def sheets_data(sheets: list[Any], quiet_key: bool = False) -> dict[str, Any]:
    """The JSON document of several files of answers."""
    files = []
    for sheet in sheets:
        row: dict[str, Any] = {"file": sheet.file}
        if sheet.problems:
            row["problems"] = [str(problem) for problem in sheet.problems]
        else:
            row |= data(sheet.results, quiet_key)
        files.append(row)
    return {"files": files}
