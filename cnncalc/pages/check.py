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
        if said := result.said(quiet_key):
            document.add(Note(f"{result.ask}: {said}"))
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
        if said := result.said(quiet_key):
            row["diagnosis" if result.ok is False else "remark"] = said
        elif result.ok is False:
            row["diagnosis"] = None
        if result.mistakes:
            row["mistakes"] = [found.name for found in result.mistakes]
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


def sheets_page(name: str, sheets: list[Any], quiet_key: bool = False, verbose: bool = False) -> Document:
    """A line for each sheet; with `verbose` the wrong answers and the questions, too."""
    columns = [Column("sheet", "name"), Column("right", "number"), Column("wrong", "number")]
    columns += [Column("not answered", "number"), Column("remark")]
    rows = [_sheet(sheet) for sheet in sheets]
    broken = sum(1 for sheet in sheets if sheet.problems)
    counted = f"{len(sheets)} sheet{'s' if len(sheets) != 1 else ''}"
    remark = counted + (f", {broken} cannot be checked" if broken else "")
    total = [sum(sheet.count(ok) for sheet in sheets) for ok in (True, False, None)]
    document = Document([Heading(name), Table(columns, rows, footers=[["total", *total, remark]])])
    if not verbose:
        if total[1]:
            document.add(Note("--verbose shows which are wrong, and the mistakes behind them"))
        return document
    wrong = [_wrong(sheet, result, quiet_key) for sheet in sheets for result in sheet.results if result.ok is False]
    if wrong:
        columns = [Column("sheet", "name"), Column("ask"), Column("answer", "value")]
        columns += [*([] if quiet_key else [Column("right", "value")]), Column("likely mistake")]
        document.add(Heading("wrong answers", 2), Table(columns, wrong))
    asked = by_question(sheets)
    if asked and len(sheets) > 1:
        columns = [
            Column("ask"),
            Column("right", "number"),
            Column("wrong", "number"),
            Column("not answered", "number"),
        ]
        table = [[one["ask"], one["right"], one["wrong"], one["unanswered"], _most(one["mistakes"])] for one in asked]
        document.add(Heading("by question", 2), Table([*columns, Column("most frequent mistake")], table))
    return document


def _sheet(sheet: Any) -> list[Any]:
    if sheet.problems:
        return [sheet.name, None, None, None, f"cannot be checked: {sheet.problems[0].message}"]
    remarks = [f"{result.ask}: {result.remark}" for result in sheet.results if result.ok and result.remark]
    remarks += [f"{result.ask} is not asked" for result in sheet.others]
    return [sheet.name, sheet.count(True), sheet.count(False), sheet.count(None), "; ".join(remarks)]


def _wrong(sheet: Any, result: Any, quiet_key: bool) -> list[Any]:
    found = [] if quiet_key else [_found(result)]
    return [sheet.name, result.ask, _expected(result), *found, result.said(quiet_key)]


def by_question(sheets: list[Any]) -> list[dict[str, Any]]:
    """For each question how many are right, wrong and not answered, and how often each likeliest mistake was made."""
    found: dict[str, dict[str, Any]] = {}
    for result in (result for sheet in sheets for result in sheet.results):
        one = found.setdefault(result.ask, {"ask": result.ask, "right": 0, "wrong": 0, "unanswered": 0, "mistakes": {}})
        one[{True: "right", False: "wrong", None: "unanswered"}[result.ok]] += 1
        if result.mistakes:
            name = result.mistakes[0].name
            one["mistakes"][name] = one["mistakes"].get(name, 0) + 1
    return list(found.values())


def _most(mistakes: dict[str, int]) -> str:
    """The mistake that was made most often, and how often."""
    if not mistakes:
        return ""
    name = max(mistakes, key=lambda name: mistakes[name])
    return f"{name} ({mistakes[name]})"


def sheets_data(sheets: list[Any], quiet_key: bool = False) -> dict[str, Any]:
    """The JSON document of many sheets: each with its results, totals, and the questions."""
    files = []
    for sheet in sheets:
        row: dict[str, Any] = {"file": sheet.file}
        if sheet.name != sheet.file:
            row["name"] = sheet.name
        if sheet.problems:
            row["problems"] = [str(problem) for problem in sheet.problems]
        else:
            row |= data(sheet.results, quiet_key)
            if sheet.others:
                row["not_asked"] = [result.ask for result in sheet.others]
        files.append(row)
    totals = {
        "sheets": len(sheets),
        "broken": sum(1 for sheet in sheets if sheet.problems),
        "passed": sum(sheet.count(True) for sheet in sheets),
        "failed": sum(sheet.count(False) for sheet in sheets),
        "unanswered": sum(sheet.count(None) for sheet in sheets),
    }
    return {"files": files, "totals": totals, "questions": by_question(sheets)}
