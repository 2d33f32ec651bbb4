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
# What stands before an answer on a line of its own.
ANSWER = re.compile(r"^(?:(?:my\s+)?(?:answer|antwort|solution|lösung|ans|a)\s*[:.=]|=|->|→|⇒)\s*", re.IGNORECASE)
HELP = "write one answer a line, conv1.params: 448"
LARGEST = 2_000_000  # bytes of a sheet, and of a file with a row for each
LARGEST_TABLE = 64_000_000
MOST_LINES = 500  # of one answer in brackets
MOST_ATTEMPTS = 20  # answers in brackets that are never closed, before nothing is looked for on further lines
MOST_ANSWERS = 100_000
LONGEST_QUESTION = 2_000  # characters


class Written(NamedTuple):
    """What a sheet holds: its author, the answers, and remarks on what was passed over."""

    whose: str
    answers: list[Expectation]
    notes: list[str]
    drawn: dict[str, str] = {}  # which of the key's numbers the sheet was printed with


def open_sheet(path: str) -> Source:
    """The text of a sheet: a regular file, never a link. Raises `SpecError`."""
    table = path.lower().endswith(".csv")
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
    try:
        return decode(data, path)
    except SpecError:
        if b"\x00" in data:
            raise
        return decode(data.decode("cp1252", errors="replace").encode(), path)


def read_sheet(source: Source, is_layer: Callable[[str], bool], is_question: Callable[[str], bool]) -> Written:
    """Whose sheet it is, where it says so, and its answers; raises `SpecError` where there are none to be found.

    `is_layer` tells names of the network: a layer that is called `name` is a layer. `is_question` tells titles.
    """
    reader = _Reader(source, is_layer, is_question)
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
    return reader.written()


def form(source: Source, span: Span | None, message: str = "this is no list of answers", help: str = HELP) -> Problem:
    """The problem of a sheet that is none."""
    return Problem("expect-form", message, source=source, span=span, help=help)


class _Reader:
    """Collects answers from a tree."""

    def __init__(self, source: Source, is_layer: Callable[[str], bool], is_question: Callable[[str], bool]) -> None:
        self.source = source
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
                    if set(told) >= {"question", "answer"}:  # {question: ..., answer: ...}
                        self.pair(told["question"], told["answer"])
                        continue
                    self.collect(item)
                else:
                    self.equation(item)
        elif tree.text:
            self.equation(tree)

    def pair(self, key: Value, value: Value) -> None:
        """One answer, or those to several questions about one layer."""
        if value.kind != "map":
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
    scopes: list[tuple[int, str]] = []
    at = 0
    attempts = MOST_ATTEMPTS
    if len(lines) > MOST_ANSWERS:
        raise SpecError(problems)
    while at < len(lines):
        start, line = at, lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith(("#", "---", "```", "%")):
            continue
        found = _cells(line) if line.lstrip().startswith("|") else split(line)
        if (found is None or not found[1]) and (below := _below(line, lines, at, reader.is_question)):
            title, value, at = below
            text = clean_value(value)
            reader.add(title, Value("scalar", text or None, at, 1, max(1, len(value)), text), Span(at, 1, len(value)))
            continue
        if found is None:
            found = _loosely(line, reader.is_question)
        if found is None:
            if not line.strip(" |-=:+_"):
                continue
            reader.notes.append(f"line {start + 1} cannot be read")
            continue
        word = found[0]
        value = found[1]
        if value.count("[") > value.count("]") and attempts:
            before = at
            value, at = continued(value, lines, at)
            attempts -= before == at
        indent = _indent(line)
        while scopes and scopes[-1][0] >= indent:
            scopes.pop()
        full = ".".join([*(name for _, name in scopes if name), word])
        text = clean_value(value)
        if not text and at < len(lines) and lines[at].strip() and _indent(lines[at]) > indent:
            scopes.append((indent, "" if word in UNDER and not scopes else word))
            continue
        written = Value("scalar", text or None, start + 1, 1, max(1, len(line)), text)
        if scopes or not reader.about(word, written):
            reader.add(full, written, Span(start + 1, 1, max(1, len(line))))
    if not reader.answers:
        raise SpecError(problems)
    return reader.written()


def _cells(line: str) -> tuple[str, str] | None:
    """The question and the answer of a row of a Markdown table."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) < 2 or not any(letter.isalpha() for letter in cells[0]):
        return None
    return cells[0].strip("*`"), cells[1]


def _loosely(line: str, is_question: Callable[[str], bool]) -> tuple[str, str] | None:
    """A question and an answer with a colon that nothing follows, or with a space alone between them."""
    text = line.strip().removeprefix("- ").removeprefix("* ")
    name, colon, value = text.partition(":")
    if colon and value.strip() and re.match(r"[^\W\d]", name) and is_question(name):
        return name.strip(), value.strip()
    words = text[:LONGEST_QUESTION].split(" ")
    for count in range(1, min(len(words), 9)):
        title = " ".join(words[:count]).rstrip(":")
        if is_question(title):
            return title, " ".join(words[count:]).strip()
    return None


def _below(line: str, lines: list[str], at: int, is_question: Callable[[str], bool]) -> tuple[str, str, int] | None:
    """A question that is a line of its own, the answer on the next line that holds something, and the line after."""
    title = line.strip().removeprefix("- ").removeprefix("* ").strip().rstrip(":")
    if len(title) > LONGEST_QUESTION or not title or not is_question(title):
        return None
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at == len(lines):
        return None
    answer = ANSWER.sub("", lines[at].strip())
    found = split(answer)
    if is_question(answer.rstrip(":")) or (found is not None and found[0][:1].isalpha()):
        return None
    return title, answer, at + 1


def _indent(line: str) -> int:
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def split(line: str) -> tuple[str, str] | None:
    """The question and the value of a line, at the first colon or equals sign outside quotes and brackets."""
    text = line.strip()
    if text[:2] in ("- ", "* "):
        text = text[2:].lstrip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        rest = text[end + 1 :].lstrip()
        return (text[1:end].strip(), rest[1:].strip()) if end > 1 and rest[:1] in (":", "=") else None
    depth = 0
    for at, letter in enumerate(text[:LONGEST_QUESTION]):
        depth += (letter in "([") - (letter in ")]")
        if depth > 0:
            continue
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        if (letter == ":" and text[at + 1 : at + 2] in ("", " ", "\t")) or (
            letter == "=" and not set(beside) & set("=<>!~")
        ):
            question = text[:at].strip().strip("*`").strip()
            return (question, text[at + 1 :].strip()) if question else None
    return None


def continued(value: str, lines: list[str], at: int) -> tuple[str, int]:
    """A value whose brackets are closed on a later line, and the line after it; itself where they are not."""
    parts, end = [value], at
    depth = value.count("[") - value.count("]")
    while depth > 0 and end < len(lines) and end - at < MOST_LINES:
        parts.append(lines[end].strip())
        depth += lines[end].count("[") - lines[end].count("]")
        end += 1
    return (" ".join(parts), end) if depth == 0 else (value, at)


QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def unescaped(text: str) -> str:
    """What stands between double quotes, with its escapes as YAML and JSON have them."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r'\\(["\\/])', r"\1", text)


def clean_value(text: str) -> str:
    """The value without a comment after it and quotes around it."""
    text = text.strip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if text[0] == '"' and "\\" in text:
            found = QUOTED.match(text)
            end = found.end() - 1 if found else end
        if end > 0 and (not text[end + 1 :].strip(" ,") or text[end + 1 :].lstrip().startswith("#")):
            return unescaped(text[1:end]).strip() if text[0] == '"' else text[1:end].strip()
    return re.sub(r"(?:^|\s)#.*$", "", text).strip()
