"""`cnncalc check`: what was expected, what is, and why they may differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.pages import ask
from cnncalc.render.array import WIDEST

if TYPE_CHECKING:
    from cnncalc.grading.result import Result


STATES = ("right", "wrong", "unreadable", "unanswered")
HEADS = {"right": "right", "wrong": "wrong", "unreadable": "unreadable", "unanswered": "not answered"}


def page(name: str, results: Sequence[Result], quiet_key: bool = False) -> Document:
    """The table of results and the sum; with `quiet_key` the right values are not shown."""
    columns = [Column("", "mark"), Column("question"), Column("expected", "value")]
    if not quiet_key:
        columns.append(Column("computed", "value"))
    rows = []
    for result in results:
        cells = [result.ok, result.ask, expected(result)]
        if not quiet_key:
            cells.append(found(result))
        rows.append(cells)
    document = Document([Heading(name)])
    if rows:
        document.add(Table(columns, rows))
    for result in results:
        if said := result.said(quiet_key):
            document.add(Note(f"{result.ask}: {said}"))
    document.add(_sum(results))
    return document


def expected(result: Result) -> object:
    """What was expected, as it was written; a long list as what it holds."""
    written = result.expected_text
    if isinstance(result.expected, (list, tuple)) and ("\n" in written or len(written) > WIDEST):
        return ask.data(result.expected)
    return written


def found(result: Result) -> object:
    """What was found, written as the expectation is: a percentage where one was expected."""
    if result.ok is None:
        return ""
    if result.expected_text.endswith("%") and isinstance(result.actual, (int, float)):
        return f"{100 * result.actual:.6g}%"
    return ask.data(result.actual)


def data(results: Sequence[Result], quiet_key: bool = False) -> dict[str, object]:
    """The JSON document."""
    return {**totals(results), "results": checked(results, quiet_key)}


def totals(results: Sequence[Result]) -> dict[str, int]:
    """How many of the results passed and failed, and were not read or not answered where some were."""
    count = _counts(results)
    found = {"passed": count["right"], "failed": count["wrong"]}
    return found | {state: count[state] for state in ("unanswered", "unreadable") if count[state]}


def checked(results: Sequence[Result], quiet_key: bool = False) -> list[dict[str, object]]:
    """Each result as data."""
    rows = []
    for result in results:
        row: dict[str, object] = {
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
            row["codes"] = result.codes
        rows.append(row)
    return rows


def _written(result: Result) -> object:
    """What was expected, where it is a number or a list that was written as such; its text where it was computed.

    What an expression makes may be the right value.
    """
    parts = re.split(r"[\[\](),]+", result.expected_text)
    number = r"\s*(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?)?\s*"
    plain = all(re.fullmatch(number, part) for part in parts)
    return ask.data(result.expected) if plain or result.expected is None else result.expected_text


def _counts(results: Sequence[Result]) -> dict[str, int]:
    """How many are right, wrong, unreadable and not answered."""
    count = dict.fromkeys(STATES, 0)
    for result in results:
        count[result.state] += 1
    return count


def _sum(results: Sequence[Result]) -> Note:
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
