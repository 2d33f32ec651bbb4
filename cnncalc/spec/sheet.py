"""A sheet of answers: YAML with expressions and values, or CSV with a row for each answer or for each person.

CSV, long: columns for a name, a question and an answer (`name,question,answer`). CSV, wide: a column for the name,
and one for each question. Commas, semicolons or tabs stand between cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.problem import Problem, Source, Span, SpecError
from cnncalc.spec.model import Expectation
from cnncalc.spec.quantity import elements
from cnncalc.spec.read import Reader
from cnncalc.spec.source import read_yaml
from cnncalc.spec.value import Value

NAMES = ("name", "student", "sheet", "file", "id", "person", "group")
QUESTIONS = ("question", "ask", "expression", "quantity")
ANSWERS = ("answer", "value", "expected", "response", "result")
# Keys that say whose sheet it is.
WHOSE = ("name", "student", "id", "group")
Rows = list[tuple[int, list[str]]]  # of a CSV file, each with the number of its line
HELP = "write one answer a line, conv1.params: 448"


def read_sheet(source: Source, names: Any) -> tuple[str, list[Expectation]]:
    """Whose sheet it is, where it says so, and its answers; raises `SpecError`.

    `names` are the network's: a layer that is called `name` is a layer.
    """
    tree, problems = read_yaml(source)
    reader = Reader(source)
    whose = ""
    if tree.kind not in ("map", "list"):
        raise SpecError([_form(source, tree.span())])
    told: Value | None = None
    if tree.kind == "map":
        pairs = []
        for key, value in tree.data:
            word = str(key.data)
            if word in ("expect", "expected", "answers"):
                told = value
            elif word in WHOSE and value.kind == "scalar" and names.part(word) is None:
                whose = whose or value.text or str(value.data or "")
            else:
                pairs.append((key, value))
        tree = Value("map", pairs, tree.line, tree.column, tree.length)
    wrong = [problem for problem in problems if problem.severity == "error" and not _on(problem, whose, source)]
    if wrong:
        raise SpecError(wrong)
    reader.read_expect(tree, tree if told is None else told)
    if reader.spec.problems:
        raise SpecError(reader.spec.problems)
    return whose, reader.spec.expect


def _on(problem: Problem, whose: str, source: Source) -> bool:
    """Whether a problem is about the line that says whose sheet it is: `id: 0012345` is no number here."""
    lines = source.text.splitlines()
    if not whose or problem.line is None or problem.line > len(lines):
        return False
    return lines[problem.line - 1].split(":")[0].strip() in WHOSE


def _form(source: Source, span: Span | None, message: str = "this is no list of answers", help: str = HELP) -> Problem:
    return Problem("expect-form", message, source=source, span=span, help=help)


def read_csv(source: Source) -> Iterator[tuple[str, list[Expectation], list[Problem]]]:
    """Whose answers, the answers, and what is wrong with them; raises `SpecError` for a file without such columns."""
    import csv
    from io import StringIO

    try:
        reader = csv.reader(StringIO(source.text, newline=""), delimiter=_delimiter(source.text))
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise SpecError([_form(source, Span(1, 1), f"this is no CSV file: {error}")]) from None
    head = [cell.strip() for cell in rows[0][1]] if rows else []
    folded = [cell.lower() for cell in head]
    who = next((at for at, cell in enumerate(folded) if cell in NAMES), None)
    question = next((at for at, cell in enumerate(folded) if cell in QUESTIONS), None)
    answer = next((at for at, cell in enumerate(folded) if cell in ANSWERS), None)
    if question is not None and answer is not None:
        yield from _long(source, rows, who, question, answer)
    elif who is not None and len(head) > 1:
        yield from _wide(source, rows, head, who)
    else:
        text = "the first line of a CSV file names its columns: name, question, answer"
        help = "or name and then one column for each question: name,conv1.shape,conv1.params"
        raise SpecError([_form(source, Span(1, 1, max(1, len(source.text.split(chr(10))[0]))), text, help)])


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _long(
    source: Source, rows: Rows, who: int | None, question: int, answer: int
) -> Iterator[tuple[str, list[Expectation], list[Problem]]]:
    found: dict[str, tuple[list[Expectation], list[Problem]]] = {}
    last = max(at for at in (who, question, answer) if at is not None)
    for number, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        name = row[who].strip() if who is not None and who < len(row) else ""
        answers, problems = found.setdefault(name, ([], []))
        if question >= len(row) or not row[question].strip():
            message = f"line {number} has {len(row)} of {last + 1} columns" if len(row) <= question else "no question"
            problems.append(_form(source, Span(number, 1), message, "write name,question,answer"))
            continue
        cell = row[answer] if answer < len(row) else ""
        answers.append(_answer(source, row[question].strip(), cell, number))
    for name, (answers, problems) in found.items():
        yield name, answers, problems


def _wide(
    source: Source, rows: Rows, head: list[str], who: int
) -> Iterator[tuple[str, list[Expectation], list[Problem]]]:
    for number, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        cells = [*row, *[""] * (len(head) - len(row))]
        problems = []
        if len(row) > len(head):
            message = f"line {number} has {len(row)} columns, the first line names {len(head)}"
            problems.append(_form(source, Span(number, 1), message, 'a list needs quotes: "[16, 64, 64]"'))
        answers = [_answer(source, text, cells[at], number) for at, text in enumerate(head) if at != who and text]
        yield cells[who].strip() or f"line {number}", answers, problems


def _answer(source: Source, question: str, cell: str, line: int) -> Expectation:
    """One cell as an expectation; it points at its line."""
    text = cell.strip()
    parts = elements(text) if text[:1] in ("[", "(") else None
    value = _scalar(text, line)
    if parts is not None and (text[0] == "[" or len(parts) != 1):
        value = Value("list", [_scalar(part, line) for part in parts], line, 1, 1, style="flow")
    return Expectation(question, value, Span(line, 1), source)


def _scalar(text: str, line: int) -> Value:
    """A cell's text, which is a number where it looks like one; nothing is None."""
    return Value("scalar", text or None, line, 1, 1, text)
