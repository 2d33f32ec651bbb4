"""`cnncalc check --feedback`: what one student reads about a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.pages.check import HEADS, STATES, expected, found
from cnncalc.pages.course.sheets import score, short

if TYPE_CHECKING:
    from cnncalc.grading.answers import Sheet
    from cnncalc.grading.result import Result


Hints = Callable[["Result"], list[str]]


def page(name: str, sheet: Sheet, hints: Hints, *, points: bool = False, right: bool = False) -> Document:
    """The answers with marks, and what `hints` say of those that are not right; with `right` the right values, too."""
    document = Document([Heading(f"{name}: {sheet.whose or sheet.file}")])
    if sheet.problems:
        document.add(*(Note(f"This submission cannot be checked: {one.message}", "bad") for one in sheet.problems))
        return document
    counts = ", ".join(f"{sheet.count(state)} {HEADS[state]}" for state in STATES if sheet.count(state))
    good = sheet.count("right") == len(sheet.results)
    document.add(Note(f"{counts}; {score(sheet.earned, sheet.points)} points" if points else counts, _kind(good)))
    columns = [Column("", "mark"), Column("question"), Column("your answer", "value")]
    columns += [Column("right", "value")] if right else []
    columns += [Column("points")] if points else []
    rows = []
    for result in sheet.results:
        row = [result.ok, short(result.title or result.ask), "" if result.state == "unanswered" else expected(result)]
        row += [_right(result)] if right else []
        row += [score(result.earned, result.points)] if points else []
        rows.append(row)
    document.add(Table(columns, rows))
    for result in sheet.results:
        said = hints(result) if result.state in ("wrong", "unreadable") else []
        said = [result.remark] if result.ok and result.remark else said
        if said:
            document.add(Heading(result.title or result.ask, 2), *map(Note, said))
    if sheet.notes or sheet.others:
        document.add(Heading("remarks", 2))
    for note in [*sheet.notes, *(f"{short(text)} is not asked" for text in sheet.others)]:
        document.add(Note(note))
    return document


def _right(result: Result) -> object:
    """The right value, where the answer is not it."""
    return "" if result.ok or result.actual is None else found(result)


def _kind(good: bool) -> str:
    return "good" if good else "note"
