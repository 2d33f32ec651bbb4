"""Answers in CSV: a row for each answer (`name,question,answer`), or a row for each person and a column a question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.answers.sheet import form
from cnncalc.problem import Problem, Source, Span, SpecError
from cnncalc.spec.read import Expectation
from cnncalc.spec.value import Value

NAMES = ("name", "student", "sheet", "file", "id", "person", "group")
QUESTIONS = ("question", "ask", "expression", "quantity")
ANSWERS = ("answer", "value", "expected", "response", "result")
Rows = list[tuple[int, list[str]]]  # each with the number of its line


class Row(NamedTuple):
    """One person's answers, remarks on them, and what kept them from being read."""

    name: str
    answers: list[Expectation]
    notes: list[str]
    problems: list[Problem]


def read_csv(source: Source) -> Iterator[Row]:
    """The people of a file with their answers; raises `SpecError` for a file without such columns."""
    import csv
    from io import StringIO

    try:
        reader = csv.reader(StringIO(source.text, newline=""), delimiter=_delimiter(source.text))
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise SpecError([form(source, Span(1, 1), f"this is no CSV file: {error}")]) from None
    head = [cell.strip() for cell in rows[0][1]] if rows else []
    folded = [cell.lower() for cell in head]
    who = _column(folded, NAMES)
    question, answer = _column(folded, QUESTIONS), _column(folded, ANSWERS)
    if question is not None and answer is not None:
        yield from _long(source, rows, who, question, answer)
    elif who is not None and len(head) > 1:
        yield from _wide(source, rows, head, who)
    else:
        text = "the first line of a CSV file names its columns: name, question, answer"
        help = "or name and then one column for each question: name,conv1.shape,conv1.params"
        raise SpecError([form(source, Span(1, 1, max(1, len(source.text.split(chr(10))[0]))), text, help)])


def _column(head: list[str], words: tuple[str, ...]) -> int | None:
    return next((at for at, cell in enumerate(head) if cell in words), None)


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _long(source: Source, rows: Rows, who: int | None, question: int, answer: int) -> Iterator[Row]:
    found: dict[str, Row] = {}
    last = max(at for at in (who, question, answer) if at is not None)
    for number, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        name = row[who].strip() if who is not None and who < len(row) else ""
        one = found.setdefault(name, Row(name, [], [], []))
        if question >= len(row) or not row[question].strip():
            short = f"line {number} has {len(row)} of {last + 1} columns"
            one.notes.append(short if len(row) <= question else f"line {number} has no question")
            continue
        if len(row) > len(rows[0][1]):
            one.notes.append(f"line {number} has {len(row)} columns, the first line names {len(rows[0][1])}")
        cell = row[answer] if answer < len(row) else ""
        one.answers.append(_answer(source, row[question].strip(), cell, number))
    yield from found.values()


def _wide(source: Source, rows: Rows, head: list[str], who: int) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for number, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        cells = [*row, *[""] * (len(head) - len(row))]
        name = cells[who].strip() or f"line {number}"
        one = Row(name, [], [], [])
        if len(row) > len(head):
            message = f"line {number} has {len(row)} columns, the first line names {len(head)}"
            one.problems.append(form(source, Span(number, 1), message, 'a list needs quotes: "[16, 64, 64]"'))
        if name in seen:
            one.notes.append(f"line {seen[name]} bears the same name")
        seen.setdefault(name, number)
        one.answers.extend(
            _answer(source, text, cells[at], number) for at, text in enumerate(head) if at != who and text
        )
        yield one


def _answer(source: Source, question: str, cell: str, line: int) -> Expectation:
    """One cell as an answer; it points at its line."""
    text = cell.strip()
    return Expectation(question, Value("scalar", text or None, line, 1, 1, text), Span(line, 1), source)
