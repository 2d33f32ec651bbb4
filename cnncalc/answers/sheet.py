"""A sheet of answers in YAML, JSON or plain lines: whose it is, and what was written beside each question.

What YAML cannot read is read line by line, so that one broken line costs one answer.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from typing import NamedTuple

from cnncalc.answers import tex
from cnncalc.answers.files import TABLES
from cnncalc.answers.line import (
    ANSWER,
    ASIDE,
    across,
    attributes,
    below,
    cells,
    clean_value,
    continued,
    indented,
    is_empty,
    loosely,
    split,
)
from cnncalc.answers.questions import by_number, parts
from cnncalc.answers.wrapped import lines_of
from cnncalc.core.problem import Problem, Source, Span, SpecError, fail
from cnncalc.read.yaml.source import read_yaml
from cnncalc.read.yaml.text_file import decode
from cnncalc.read.yaml.value import Value
from cnncalc.spec.model import Expectation
from cnncalc.spec.read import KEYS

# Keys that say whose sheet it is, and those under which the answers stand.
WHOSE = (
    "name", "student", "id", "group", "student name", "full name", "student id", "student_id", "matriculation number",
    "matrikelnummer", "matrikel", "email", "e-mail", "names", "author", "authors",
)  # fmt: skip
ABOUT = ("date", "datum", "course", "sheet", "exercise", "comment", "comments", "remark", "remarks", "note", "notes")
UNDER = ("expect", "expected", "answers")
LONG = (("question", "ask", "key", "id", "name"), ("answer", "value", "response"))  # {question: ..., answer: ...}
HELP = "write one answer per line, conv1.params: 448"
TITLE = re.compile(r"^#{1,6} +([\w.]+)[ \t]*$", re.MULTILINE)
LARGEST = 2_000_000  # bytes of a sheet, and of a file with a row for each
LARGEST_TABLE = 64_000_000
MOST_ATTEMPTS = 20  # answers in brackets that are never closed, before nothing is looked for on further lines
MOST_ANSWERS = 100_000
UNREAD = "cannot be read"
EMPTY = "an empty sheet"
QUOTE = re.compile(r"^(?:>\s?)+")  # what an e-mail puts before the lines of the one it answers


class Written(NamedTuple):
    """What a sheet holds: its author, the answers, and remarks on what was passed over."""

    whose: str
    answers: list[Expectation]
    notes: list[str]
    drawn: dict[str, str] = {}  # which of the key's numbers the sheet was printed with


def open_sheet(path: str) -> Source:
    """The text of a sheet: a regular file, never a link. Raises `SpecError`."""
    table = path.lower().endswith(TABLES)
    most = LARGEST_TABLE if table else LARGEST
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        fail("file-not-found", f'there is no file "{path}"')
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no name has a null character in it"
        fail("file-unreadable", f'"{path}" cannot be read: {reason}')
    with open(handle, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISDIR(mode):
            fail("file-unreadable", f'"{path}" is a folder', help="name a file in it")
        if not stat.S_ISREG(mode):
            fail("file-unreadable", f'"{path}" is no regular file')
        data = file.read(most + 1)
    if len(data) > most:
        fail("file-too-large", f'"{path}" has more than {most // 1_000_000} MB, the most a sheet of answers may have')
    return text_of(data, path)


def text_of(data: bytes, path: str) -> Source:
    """The text of a sheet; what is no UTF-8 is read as spreadsheets and editors of Windows write it."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            data = data.decode(encoding, errors="replace").encode()
    data = lines_of(data)
    try:
        return decode(data, path)
    except SpecError:
        if b"\x00" in data:
            raise
        return decode(data.decode("cp1252", errors="replace").encode(), path)


def read_sheet(
    source: Source,
    is_layer: Callable[[str], bool],
    is_question: Callable[[str], bool],
    is_number: Callable[[str], bool] = lambda _: False,
) -> Written:
    """Whose sheet it is, where it says so, and its answers; raises `SpecError` where there are none to be found.

    `is_layer` tells names of the network: a layer that is called `name` is a layer. `is_question` tells titles,
    `is_number` the numbers of questions, which count where nothing else is found.
    """
    if is_empty(source.text) and not any(is_question(line.strip("# ")) for line in source.text.splitlines()):
        return Written("", [], [EMPTY])
    reader = _Reader(source, is_layer, is_question, is_number)
    try:
        tree, problems = read_yaml(source)
    except SpecError as error:
        return _by_lines(reader, error.problems)
    if tree.kind not in ("map", "list"):
        return _by_lines(reader, [form(source, tree.span())])
    wrong = [problem for problem in problems if problem.severity == "error"]
    if wrong:
        return _by_lines(reader, wrong)
    reader.top(tree)
    written = reader.written()
    titled = any(reader.is_part(title[1]) for title in TITLE.finditer(source.text))  # for YAML a comment
    if any(is_question(one.text) for one in written.answers) and not (
        titled and any("." not in one.text for one in written.answers)
    ):
        return written
    try:  # `Q1: What shape ...?` with the answer below is YAML, too
        return _by_lines(_Reader(source, is_layer, is_question, is_number), [])
    except SpecError:
        return written


def form(source: Source, span: Span | None, message: str = "this is no list of answers", help: str = HELP) -> Problem:
    """The problem of a sheet that is none."""
    return Problem("expect-form", message, source=source, span=span, help=help)


class _Reader:
    """Collects answers from a tree."""

    def __init__(
        self,
        source: Source,
        is_layer: Callable[[str], bool],
        is_question: Callable[[str], bool],
        is_number: Callable[[str], bool],
    ) -> None:
        self.source = source
        self.is_number = is_number
        self.is_layer = is_layer
        self.is_question = is_question
        self.whose = ""
        self.answers: list[Expectation] = []
        self.notes: list[str] = []
        self.drawn: dict[str, str] = {}

    def written(self) -> Written:
        """What was found."""
        return Written(self.whose, self.answers, self.notes, self.drawn)

    def top(self, tree: Value) -> None:
        """The top level: answers, or a key under which they stand."""
        pairs = tree.data if tree.kind == "map" else []
        told = any(key.text in UNDER for key, _ in pairs)
        for key, value in pairs:
            if key.text in UNDER:
                self.collect(value)
            elif key.text == "let" and value.kind == "map":
                self.drawn = {name.text: one.text or str(one.plain()) for name, one in value.data}
            elif not self.about(key.text, value) and not (told and key.text in KEYS):
                self.pair(key, value)
        if tree.kind == "list":
            self.collect(tree)

    def is_part(self, word: str) -> bool:
        """Whether answers may stand below a heading: it names a layer, or the whole network."""
        return self.is_layer(word) or word == "total"

    def about(self, word: str, value: Value) -> bool:
        """Whether a key says whose sheet it is."""
        folded = word.strip().lower()
        if folded not in (*WHOSE, *ABOUT) or self.is_layer(word):
            return False
        if folded in WHOSE and value.kind == "scalar":
            self.whose = self.whose or value.text
        return True

    def collect(self, tree: Value) -> None:
        """The answers of a mapping, or of a list of mappings and equations."""
        if tree.kind == "map":
            for key, value in tree.data:
                self.pair(key, value)
        elif tree.kind == "list":
            for item in tree.data:
                if item.kind == "map":
                    told = {key.text.lower(): value for key, value in item.data}
                    question, answer = (next((told[word] for word in some if word in told), None) for some in LONG)
                    if question is not None and answer is not None:
                        self.pair(question, answer)
                        continue
                    self.collect(item)
                else:
                    self.equation(item)
        elif tree.text:
            self.equation(tree)

    def pair(self, key: Value, value: Value) -> None:
        """One answer, or those to several questions about one layer."""
        if value.kind != "map":
            said = value.text if value.kind == "scalar" and self.is_layer(key.text) else ""
            told = attributes(key.text, said, self.is_question)
            for attribute, text in told:
                one = Value("scalar", text, value.line, value.column, value.length, text)
                self.add(f"{key.text}.{attribute}", one, key.span())
            if not told:
                self.add(key.text, value, key.span())
            return
        for inner, item in value.data:
            self.add(f"{key.text}.{inner.text}", item, inner.span())

    def equation(self, item: Value) -> None:
        """`conv1.params = 448` as one text."""
        found = split(item.text) if item.kind == "scalar" else None
        if found is None:
            self.notes.append(f"line {item.line} is no answer: a question, a colon and a value are expected")
            return
        text = clean_value(found[1])
        self.add(found[0], Value("scalar", text or None, item.line, item.column, item.length, text), item.span())

    def add(self, text: str, value: Value, span: Span) -> None:
        """Keep an answer."""
        self.answers.append(Expectation(text.strip(), value, span, self.source))


# --- line by line ---------------------------------------------------------------------------------------------------


def _by_lines(reader: _Reader, problems: list[Problem]) -> Written:
    """The answers of a text that is no YAML, a line each; raises `SpecError` with YAML's problems for none."""
    lines = reader.source.text.splitlines()
    lines = tex.plain_lines(lines) if tex.is_tex(reader.source.text) else lines
    lines = [QUOTE.sub("", line) for line in lines]
    scopes: list[tuple[int, str]] = []
    at = 0
    attempts = MOST_ATTEMPTS
    head: list[str] = []
    layer = ""  # the layer that a heading names
    if len(lines) > MOST_ANSWERS:
        raise SpecError(problems)
    while at < len(lines):
        start, line = at, lines[at]
        at += 1
        title = line.strip().lstrip("#").strip()
        titled = line.lstrip().startswith("#")
        heading = titled and reader.is_question(title)
        layer = (title if reader.is_part(title) else "") if titled and title else layer
        if not line.strip() or (line.lstrip().startswith(ASIDE) and not heading):
            continue
        line = title if heading else line
        in_row = line.lstrip().startswith("|")
        head, pairs = across(line, head, reader.is_question) if in_row else ([], [])
        for title, written in pairs:
            _keep(reader, title, written, start)
        if head:
            continue
        found = cells(line, reader.is_question) if in_row else split(line, reader.is_question)
        whole = found is not None and not reader.is_question(found[0]) and reader.is_question(line.strip())
        beside = None if found is not None and reader.is_question(found[0]) else loosely(line, reader.is_question)
        if beside is not None and any(letter.isdigit() for letter in beside[1]):
            found = beside
        if (found is None or not found[1] or whole) and (answer := below(line, lines, at, reader.is_question)):
            title, value, at = answer
            _keep(reader, title, value, at - 1)
            continue
        found = found or beside
        if found is None:
            if not line.strip(" |-=:+_"):
                continue
            reader.notes.append(f"line {start + 1} {UNREAD}")
            continue
        word = found[0]
        value = found[1]
        if value.count("[") > value.count("]") and attempts:
            before = at
            value, at = continued(value, lines, at)
            attempts -= before == at
        indent = indented(line)
        while scopes and scopes[-1][0] >= indent:
            scopes.pop()
        full = ".".join([*(name for _, name in scopes if name), word])
        if layer and "." not in full and reader.is_question(f"{layer}.{word}"):
            full = f"{layer}.{word}"
        text = clean_value(value)
        told = attributes(word, text, reader.is_question) if reader.is_layer(word) else []
        for attribute, written in told:
            _keep(reader, f"{word}.{attribute}", written, start)
        if told:
            continue
        if not text and at < len(lines) and lines[at].strip() and indented(lines[at]) > indent:
            scopes.append((indent, "" if word in UNDER and not scopes else word))
            continue
        answered = Value("scalar", text or None, start + 1, 1, max(1, len(line)), text)
        if scopes or not reader.about(word, answered):
            reader.add(full, answered, Span(start + 1, 1, max(1, len(line))))
    if not any(reader.is_question(one.text) for one in reader.answers):
        others, reader.answers = reader.answers, []
        _numbered(reader, lines)
        answered_lines = {f"line {one.value.line} {UNREAD}" for one in reader.answers}
        reader.notes = [note for note in reader.notes if note not in answered_lines]
        reader.answers = reader.answers or others
    if not reader.answers:
        raise SpecError(problems)
    return reader.written()


def _keep(reader: _Reader, title: str, written: str, at: int) -> None:
    """Keep one answer of a line."""
    text = clean_value(written)
    length = max(1, len(written))
    reader.add(title, Value("scalar", text or None, at + 1, 1, length, text), Span(at + 1, 1, length))


def _numbered(reader: _Reader, lines: list[str]) -> None:
    """`1) 448` and `Q2: 16x32x32`: answers beside the numbers of their questions, or below them."""
    title, last = "", ""
    for at, line in parts(lines):
        number, rest = by_number(line)
        if number.strip("()").lower() == "i" and last.strip("()").lower() == "h":
            number = "9"  # the letter, not Rome's one
        if number and reader.is_number(number):
            title = last = number
        elif title and line.strip():
            rest = line
        else:
            continue
        text = clean_value(ANSWER.sub("", rest.strip()))
        if text:
            _keep(reader, title, text, at - 1)
            title = ""
