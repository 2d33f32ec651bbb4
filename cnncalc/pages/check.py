"""`cnncalc check`: what was expected, what is, and why they may differ."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.pages import ask
from cnncalc.render.array import WIDEST

STATES = ("right", "wrong", "unreadable", "unanswered")
HEADS = {"right": "right", "wrong": "wrong", "unreadable": "unreadable", "unanswered": "not answered"}
MOST_OTHERS = 5  # questions of a sheet that the key does not ask, in a table


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
        row: dict[str, Any] = {
            "ask": result.ask,
            "expected": _written(result) if quiet_key else ask.data(result.expected),
        }
        if not quiet_key:
            row["actual"] = ask.data(result.actual)
        row["ok"] = result.ok
        if result.unreadable:
            row["unreadable"] = result.unreadable
        elif said := result.said(quiet_key):
            row["diagnosis" if result.ok is False else "remark"] = said
        elif result.ok is False:
            row["diagnosis"] = None
        if mistakes := [found.name for found in result.mistakes if found.believed]:
            row["mistakes"] = mistakes
        rows.append(row)
    count = _counts(results)
    document: dict[str, Any] = {"passed": count["right"], "failed": count["wrong"]}
    document |= {state: count[state] for state in ("unanswered", "unreadable") if count[state]}
    return {**document, "results": rows}


def _written(result: Any) -> Any:
    """What was expected, where it is a number or a list that was written as such; its text where it was computed.

    What an expression makes may be the right value.
    """
    parts = re.split(r"[\[\](),]+", result.expected_text)
    number = r"\s*(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?)?\s*"
    plain = all(re.fullmatch(number, part) for part in parts)
    return ask.data(result.expected) if plain or result.expected is None else result.expected_text


def _counts(results: list[Any]) -> dict[str, int]:
    """How many are right, wrong, unreadable and not answered."""
    count = dict.fromkeys(STATES, 0)
    for result in results:
        count[result.state] += 1
    return count


def _sum(results: list[Any]) -> Note:
    count = _counts(results)
    if not results:
        return Note("nothing to check: the spec has no expect")
    rest = f", {count['unreadable']} cannot be read" if count["unreadable"] else ""
    rest += f", {count['unanswered']} not answered" if count["unanswered"] else ""
    good = count["right"]
    if not count["wrong"]:
        right = "all right" if good == 1 and not rest else f"all {good} right" if not rest else f"{good} right"
        return Note(right + rest, "good")
    return Note(f"{good} right, {count['wrong']} wrong{rest}", "bad")


# --- a class --------------------------------------------------------------------------------------------------------


def sheets_page(name: str, group: Any, quiet_key: bool = False, verbose: bool = False) -> Document:
    """A line for each sheet; with `verbose` the wrong answers and the questions, too."""
    sheets = group.sheets
    numbers = [Column(HEADS[state], "number") for state in STATES]
    rows = [_sheet(sheet) for sheet in sheets]
    broken = sum(1 for sheet in sheets if sheet.problems)
    remark = f"{len(sheets)} sheet{'s' if len(sheets) != 1 else ''}"
    remark += f", {broken} cannot be checked" if broken else ""
    skipped = sum(1 for one in group.skipped if one.whole)
    remark += f", {skipped} file{'s' if skipped != 1 else ''} skipped" if skipped else ""
    total = {state: sum(sheet.count(state) for sheet in sheets) for state in STATES}
    columns = [Column("sheet", "name"), *numbers, Column("remark")]
    table = Table(columns, rows, footers=[["total", *total.values(), remark]])
    document = Document([Heading(name), table])
    if not verbose:
        if total["wrong"] or total["unreadable"]:
            document.add(Note("--verbose shows which are wrong, and the mistakes behind them"))
        return document
    wrong = [
        _wrong(sheet, result, quiet_key)
        for sheet in sheets
        for result in sheet.results
        if result.state in ("wrong", "unreadable")
    ]
    if wrong:
        columns = [Column("sheet", "name"), Column("ask"), Column("answer", "value")]
        columns += [*([] if quiet_key else [Column("right", "value")]), Column("likely mistake")]
        document.add(Heading("wrong answers", 2), Table(columns, wrong))
    asked = by_question(sheets)
    if asked and len(sheets) > 1:
        rows = [[one["ask"], *(one[state] for state in STATES), _most(one["mistakes"])] for one in asked]
        columns = [Column("ask"), *numbers, Column("most frequent mistake")]
        document.add(Heading("by question", 2), Table(columns, rows))
    return document


def _sheet(sheet: Any) -> list[Any]:
    if sheet.problems:
        return [sheet.name, None, None, None, None, f"cannot be checked: {sheet.problems[0].message}"]
    return [sheet.name, *(sheet.count(state) for state in STATES), "; ".join(remarks(sheet))]


def remarks(sheet: Any) -> list[str]:
    """What there is to say about a sheet beside its counts."""
    found = [f"{result.ask}: {result.remark}" for result in sheet.results if result.ok and result.remark]
    found += [f"{result.ask} {result.said()}" for result in sheet.results if result.unreadable]
    known = " ".join(sheet.notes)
    found += [
        f"{short(text)} is not asked" for text in sheet.others[:MOST_OTHERS] if f"{text} is not asked" not in known
    ]
    if len(sheet.others) > MOST_OTHERS:
        found.append(f"{len(sheet.others) - MOST_OTHERS} more are not asked")
    return [*found, *sheet.notes]


def short(text: str) -> str:
    """A text of a sheet that fits into a line."""
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _wrong(sheet: Any, result: Any, quiet_key: bool) -> list[Any]:
    found = [] if quiet_key else ["" if result.unreadable else _found(result)]
    return [sheet.name, result.ask, _expected(result), *found, result.said(quiet_key)]


def by_question(sheets: list[Any]) -> list[dict[str, Any]]:
    """For each question how many are right, wrong and so on, and how often each likeliest mistake was made."""
    found: dict[str, dict[str, Any]] = {}
    for result in (result for sheet in sheets for result in sheet.results):
        one = found.setdefault(result.ask, {"ask": result.ask, **dict.fromkeys(STATES, 0), "mistakes": {}})
        one[result.state] += 1
        if mistakes := [found.name for found in result.mistakes if found.believed]:
            name = mistakes[0]
            one["mistakes"][name] = one["mistakes"].get(name, 0) + 1
    return list(found.values())


def _most(mistakes: dict[str, int]) -> str:
    """The mistake that was made most often, and how often."""
    if not mistakes:
        return ""
    name = max(mistakes, key=lambda name: mistakes[name])
    return f"{name} ({mistakes[name]})"


def sheets_data(group: Any, quiet_key: bool = False) -> dict[str, Any]:
    """The JSON document of many sheets: each with its results, totals, and the questions."""
    sheets = group.sheets
    files = []
    for sheet in sheets:
        row: dict[str, Any] = {"file": sheet.file}
        if sheet.whose:
            row["name"] = sheet.whose
        if sheet.problems:
            row["problems"] = [str(problem) for problem in sheet.problems]
        else:
            row |= data(sheet.results, quiet_key)
            if sheet.others:
                row["not_asked"] = [short(text) for text in sheet.others]
        if sheet.notes:
            row["notes"] = sheet.notes
        files.append(row)
    totals = {
        "sheets": len(sheets),
        "broken": sum(1 for sheet in sheets if sheet.problems),
        "passed": sum(sheet.count("right") for sheet in sheets),
        "failed": sum(sheet.count("wrong") for sheet in sheets),
        "unanswered": sum(sheet.count("unanswered") for sheet in sheets),
        "unreadable": sum(sheet.count("unreadable") for sheet in sheets),
    }
    document: dict[str, Any] = {"files": files, "totals": totals, "questions": by_question(sheets)}
    if group.skipped:
        document["skipped"] = [{"file": one.file, "reason": one.reason} for one in group.skipped]
    return document
