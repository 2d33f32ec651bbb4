"""Answers in CSV: a row for each answer (`name,question,answer`), or a row for each person and a column a question.

Forms and spreadsheets write columns beside the questions (times, addresses, comments), titles in words, blank rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cnncalc.answers.sheet import form
from cnncalc.core.problem import Problem, Source, Span, SpecError
from cnncalc.read.yaml.value import Value
from cnncalc.spec.model import Expectation

# Columns that say who answered, the best first; those of two words that belong together.
NAMES = (
    "name", "student", "sheet", "submission", "file", "person", "group",
    "full name", "your name", "student name", "participant",
    "username", "user name", "vollständiger name", "email", "e-mail", "email address", "e-mail address",
    "e-mail-adresse", "mail", "id", "student id", "id number", "matriculation number", "matrikelnummer", "sid",
    "nom", "nom complet", "étudiant", "nombre", "nombre completo", "alumno",
)  # fmt: skip
FIRST = ("first name", "given name", "vorname", "firstname", "prénom", "prenom")
LAST = ("last name", "surname", "family name", "nachname", "lastname", "nom", "nom de famille")
QUESTIONS = ("question", "ask", "expression", "quantity", "frage", "aufgabe", "task")
ANSWERS = ("answer", "value", "expected", "response", "result", "antwort", "your answer")
NUMBERS = ("numbers", "let")
DELIMITERS = ",;\t|"
HEAD = 10  # rows among which the titles are looked for
SAMPLE = 20  # rows by which the delimiter is known
Rows = list[tuple[int, list[str]]]  # each with the number of its line
Match = Callable[[str], bool]


class Row(NamedTuple):
    """One person's answers, remarks on them, and what kept them from being read."""

    name: str
    answers: list[Expectation]
    notes: list[str]
    problems: list[Problem]
    drawn: dict[str, str] = {}  # which of the key's numbers the sheet was printed with


class Table(NamedTuple):
    """The people of a file, and the columns that hold no answers."""

    rows: list[Row]
    others: list[str]


def read_csv(source: Source, match: Match, number: Match = lambda _: False) -> Table:
    """The people of a file with their answers; `match` tells titles of questions. Raises `SpecError` for no columns.

    `number` tells their numbers, where no column has the words of one.
    """
    rows = _rows(source)
    for at, (_, cells) in enumerate(rows[:HEAD]):
        head = [cell.strip() for cell in cells]
        folded = [cell.lower().strip(" :*") for cell in head]
        question, answer = _column(folded, QUESTIONS), _column(folded, ANSWERS)
        if question is not None and answer is not None:
            people = list(_long(source, rows[at + 1 :], head, _who(folded), question, answer))
            return Table(people, [])
        if question == 0 and len(head) > 1 and all(row[:1] and match(row[0]) for _, row in rows[at + 1 :]):
            return _across(source, rows[at + 1 :], head)
        asked = [column for column, cell in enumerate(head) if cell and match(cell)]
        if asked == [0] and len(head) > 1 and all(match(row[0].strip()) for _, row in rows[at:]) and len(rows) > at + 1:
            return Table(list(_long(source, rows[at:], head, [], 0, 1)), [])  # pairs without a line of titles
        if asked and (len(head) > 1 or at == 0):
            return _wide(source, rows[at + 1 :], head, _who(folded), asked)
    for at, (_, cells) in enumerate(rows[:HEAD]):
        head = [cell.strip() for cell in cells]
        asked = [column for column, cell in enumerate(head) if number(cell)]
        if len({head[column] for column in asked}) > 1:
            return _wide(source, rows[at + 1 :], head, _who([cell.lower() for cell in head]), asked)
    head = [cell.strip() for cell in rows[0][1]] if rows else []
    who = _who([cell.lower() for cell in head])
    if who and len(head) > 1:
        return _wide(source, rows[1:], head, who, [at for at, cell in enumerate(head) if cell and at not in who])
    text = "the first line of a CSV file names its columns: name, question, answer"
    help = "or name and then one column for each question: name,conv1.shape,conv1.params"
    raise SpecError([form(source, Span(1, 1, max(1, len(source.text.split(chr(10))[0]))), text, help)])


def _rows(source: Source) -> Rows:
    """The rows that are not blank and no comments, with the numbers of their lines."""
    import csv
    from io import StringIO

    text, skipped = source.text, 0
    if text[:4].lower() == "sep=":  # a spreadsheet's word for its delimiter
        delimiter = text[4:5]
        text, skipped = text.partition("\n")[2], 1
    else:
        delimiter = _delimiter(text)
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter or ",")
        rows = [(reader.line_num + skipped, row) for row in reader]
    except csv.Error as error:
        raise SpecError([form(source, Span(1, 1), f"this is no CSV file: {error}")]) from None
    return [(number, row) for number, row in rows if any(cell.strip() for cell in row) and row[0][:1] != "#"]


def _delimiter(text: str) -> str:
    """The sign that cuts most rows into the same number of cells."""
    import csv

    lines = text.splitlines()[:SAMPLE]
    best, found = (0.0, 0), ","
    for sign in DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
        except csv.Error:
            continue
        if not counts:
            continue
        columns, rows = max(counts.items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]))
        score = (rows / sum(counts.values()), columns)
        if columns > 1 and score > best:
            best, found = score, sign
    return found


def _column(head: list[str], words: tuple[str, ...]) -> int | None:
    return next((at for word in words for at, cell in enumerate(head) if cell == word), None)


def _who(head: list[str]) -> list[int]:
    """The columns that say who answered."""
    first, last = _column(head, FIRST), _column(head, LAST)
    if first is not None and last is not None:
        return [first, last]
    found = _column(head, NAMES)
    if found is None:
        found = next((at for at, cell in enumerate(head) if "name" in cell.split() or cell.startswith("email")), None)
    return [] if found is None else [found]


def _name(cells: list[str], who: list[int]) -> str:
    return " ".join(cells[at].strip() for at in who if at < len(cells)).strip()


def _long(source: Source, rows: Rows, head: list[str], who: list[int], question: int, answer: int) -> Iterator[Row]:
    found: dict[tuple[str, str], Row] = {}
    folded = [cell.lower() for cell in head]
    numbers = _column(folded, NUMBERS)
    last = max([question, answer, *who])
    for number, given in rows:
        row = joined(given, len(head))
        drawn = row[numbers].strip() if numbers is not None and numbers < len(row) else ""
        mine = (_name(row, who), drawn)
        if mine not in found:
            found[mine] = Row(mine[0], [], [], [], _numbers(drawn))
        one = found[mine]
        if question >= len(row) or not row[question].strip():
            short = f"line {number} has {len(row)} of {last + 1} columns"
            one.notes.append(short if len(row) <= question else f"line {number} has no question")
            continue
        if len(row) > len(head):
            one.notes.append(f"line {number} has {len(row)} columns, the first line names {len(head)}")
        cell = row[answer] if answer < len(row) else ""
        one.answers.append(_answer(source, row[question].strip(), cell, number))
    yield from found.values()


def _numbers(text: str) -> dict[str, str]:
    """`k = 3, c = 8` by its names."""
    pairs = [part.partition("=") for part in text.split(",")]
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def _across(source: Source, rows: Rows, head: list[str]) -> Table:
    """A row for each question and a column for each person."""
    people = []
    for column in range(1, len(head)):
        if head[column]:
            cells = [(number, row[0], row[column] if column < len(row) else "") for number, row in rows]
            answers = [_answer(source, question.strip(), cell, number) for number, question, cell in cells]
            people.append(Row(head[column], answers, [], []))
    return Table(people, [])


def _wide(source: Source, rows: Rows, head: list[str], who: list[int], asked: list[int]) -> Table:
    seen: dict[str, int] = {}
    people = []
    for number, given in rows:
        row = joined(given, len(head))
        cells = [*row, *[""] * (len(head) - len(row))]
        name = _name(cells, who) or f"line {number}"
        one = Row(name, [], [], [])
        if len(row) > len(head):
            message = f"line {number} has {len(row)} columns, the first line names {len(head)}"
            if any(letter.isdigit() for cell in row[len(head) :] for letter in cell):  # a list may have been cut
                one.problems.append(form(source, Span(number, 1), message, 'a list needs quotes: "[16, 64, 64]"'))
            else:
                one.notes.append(message)
        if name in seen:
            one.notes.append(f"line {seen[name]} bears the same name")
        seen.setdefault(name, number)
        one.answers.extend(_answer(source, head[at], cells[at], number) for at in asked)
        people.append(one)
    others = [cell for at, cell in enumerate(head) if cell and at not in who and at not in asked]
    return Table(people, others)


def joined(cells: list[str], most: int) -> list[str]:
    """The cells of a row in which a list without quotes was cut at its commas, put together again."""
    if len(cells) <= most:
        return cells
    found: list[str] = []
    depth = 0
    for cell in cells:
        if depth > 0:
            found[-1] += "," + cell
        else:
            found.append(cell)
        depth += sum(cell.count(sign) for sign in "[(") - sum(cell.count(sign) for sign in "])")
    return found if depth == 0 else cells


def _answer(source: Source, question: str, cell: str, line: int) -> Expectation:
    """One cell as an answer; it points at its line."""
    text = cell.strip()
    return Expectation(question, Value("scalar", text or None, line, 1, 1, text), Span(line, 1), source)
