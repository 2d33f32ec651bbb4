"""A place in a text, and the mistakes that a whole text shows: tabs, control characters, text of another kind."""

from __future__ import annotations

import re

from cnncalc.core.problem import Problem, Source, Span
from cnncalc.read.yaml.traps import rows, short


class Place:
    """A position in a text, with its line."""

    def __init__(self, source: Source, index: int) -> None:
        text = source.text
        self.source = source
        self.index = min(max(index, 0), len(text))
        self.start = text.rfind("\n", 0, self.index) + 1
        end = text.find("\n", self.index)
        self.written = text[self.start : len(text) if end < 0 else end]
        self.number = text.count("\n", 0, self.index) + 1
        self.column = self.index - self.start
        self.char = text[self.index : self.index + 1]
        self.before = self.written[: self.column]

    def line_above(self) -> str:
        """The line before this one."""
        return self.source.text[: max(self.start - 1, 0)].rsplit("\n", 1)[-1]

    def value(self) -> str:
        """What is written from here to the end of the value: its line without comment, or its flow entry."""
        rest = self.written[self.column :]
        if sum(self.before.count(sign) for sign in "[{") > sum(self.before.count(sign) for sign in "]}"):
            rest = re.split(r"[,\]}]", rest, maxsplit=1)[0]
        return re.split(r"\s#", rest, maxsplit=1)[0].strip()

    def problem(self, code: str, message: str, help: str | tuple[str, ...] = (), length: int = 1) -> Problem:
        """A problem at this place."""
        span = Span(self.number, self.column + 1, max(length, 1))
        return Problem(code, message, source=self.source, span=span, help=help)


def character(source: Source) -> Problem:
    """A character that no text file has."""
    found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", source.text)
    if found is None:
        return Problem("yaml-syntax", "this is not text that YAML can read", source=source)
    code = ord(found[0])
    kind = "half a character" if 0xD800 <= code < 0xE000 else "a control character"
    return Place(source, found.start()).problem(
        "yaml-character", f"U+{code:04X} is {kind} and cannot stand in a spec", "delete it"
    )


def pasted(source: Source) -> Problem | None:
    """Text of another kind: a printed model, Python."""
    text = source.text
    first = re.search(r"\S", text)
    place = Place(source, first.start() if first else 0)
    line = place.written.strip()
    if re.match(r"\w+\($", line) and (row := re.search(r"^\s+\(([\w.]+)\): (.*)", text, re.MULTILINE)):
        name = f"layer{row[1]}" if row[1].isdigit() else row[1]
        return place.problem(
            "pasted-model",
            "this is what print(model) shows, and not a spec",
            (
                f'write "layers:" and under it a line for each layer: - {name}: {short(row[2])}',
                "print(model) lists the layers as they were made, not as forward() calls them: put them in that order",
            ),
            len(line),
        )
    python = r"^(?:class \w+.*:|def \w+\(.*:|import \w+|from [\w.]+ import .*|[\w.]+ *= *(?:nn|torch|keras|tf)\..*)$"
    if found := re.search(python, text, re.MULTILINE):
        place = Place(source, found.start())
        return place.problem(
            "pasted-python",
            "this is Python, which is not run",
            'write the layers in the order forward() calls them, each as "- NAME: Conv2d(3, 16, 3)" under "layers:"',
            len(place.written.strip()),
        )
    return None


def tabs(source: Source) -> list[Problem]:
    """One problem for each run of lines that are indented with tabs."""
    problems: list[Problem] = []
    first = last = 0
    lines = source.text.split("\n")
    for number, line in enumerate([*lines, ""], 1):
        if line.strip() and "\t" in line[: len(line) - len(line.lstrip(" \t-"))]:
            first, last = first or number, number
        elif first and (line.strip() or number > len(lines)):
            start = lines[first - 1].index("\t")
            if first == last:
                message = f"line {first} has a tab in its indent"
            else:
                message = f"{rows(first, last)} have tabs in their indent"
            problems.append(
                Problem(
                    "yaml-tab",
                    f"{message}, where YAML takes spaces only",
                    source=source,
                    span=Span(first, start + 1, 1),
                    help="write two spaces for each tab",
                )
            )
            first = 0
    return problems
