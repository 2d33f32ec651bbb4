"""What the help of a problem says, as a change of the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.core.problem import Problem, Span
from cnncalc.editor.words import line_of

MEANT = re.compile(r"did you mean (?P<word>[^\s?]+)\?")
NUMBER = re.compile(r"(?P<name>\w+) = [^;]*?(?P<right>\d+), not (?P<wrong>\d+)")
WRITE = re.compile(r"(?:^|[;,.] |without it )[Ww]rite (?P<text>[A-Za-z_][\w.]*(?:\([^;]*\)|=\S+|: \S+))")
SIZE = re.compile(r"-i (?P<size>\d+(?:x\d+)*)\b")
ADD = re.compile(r'[Aa]dd "(?P<line>- [^"]+)" before it')


class Fix(NamedTuple):
    """A change: the span's text becomes `text`; a span of no length inserts it."""

    title: str
    span: Span
    text: str


def fixes(problem: Problem, text: str) -> list[Fix]:
    """The changes that a problem's help names, the likeliest first."""
    if problem.span is None:
        return []
    span = problem.span
    line = line_of(text, span.line)
    there = line[span.column - 1 : span.column - 1 + span.length]
    found: list[Fix] = []
    for help in problem.help:
        if problem.code == "python-input" and (size := SIZE.search(help)):
            said = f"# cnncalc: input {size['size']}"
            found.append(Fix(f"say the size above: {said}", Span(1 + text.startswith("#!"), 1, 0), f"{said}\n"))
        if add := ADD.search(help):
            indent = line[: len(line) - len(line.lstrip())]
            found.append(Fix(f"add {add['line'][2:]} before it", Span(span.line, 1, 0), f"{indent}{add['line']}\n"))
        if (number := NUMBER.search(help)) and there:
            at = re.search(rf"\b{number['wrong']}\b", there)
            if at is not None:
                place = Span(span.line, span.column + at.start(), len(number["wrong"]))
                found.append(Fix(f"write {number['name']} = {number['right']}", place, number["right"]))
        if (meant := MEANT.search(help)) and (old := _named(there)):
            place = Span(span.line, span.column + there.index(old), len(old))
            found.append(Fix(f"write {meant['word']}", place, meant["word"]))
        if write := WRITE.search(help):
            new = write["text"].rstrip(".,")
            name, _, value = new.partition("=")
            old = _alike(there, line, new)
            if there and not old and f"{name}={there}," in f"{problem.message},":  # the value alone, by its place
                found.append(Fix(f"write {new}", span, value))
            elif old:
                start = line.index(old, max(0, span.column - 1 - len(line)) if old in there else 0)
                found.append(Fix(f"write {new}", Span(span.line, start + 1, len(old)), new))
    return list(dict.fromkeys(found))


def _named(there: str) -> str:
    """The word that is misspelt: the first of the marked text."""
    found = re.match(r"[\"']?([A-Za-z_][\w.]*)", there)
    return found[1] if found else ""


def _alike(there: str, line: str, new: str) -> str:
    """The text that a written form replaces: a call for a call of the line, an option for an option."""
    if "(" in new:
        rest = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
        same = rf"\b{re.escape(new.partition('(')[0])}{rest}"  # after "nn." the prefix stays
        for pattern in (same, rf"[A-Za-z_][\w.]*{rest}"):
            for where in (there, line):
                found = re.search(pattern, where)
                if found:
                    return found[0]
        return ""
    name = re.split(r"[=:]", new)[0]
    found = re.search(rf"\b{re.escape(name)}\s*[=:]\s*[^,)}}\s]+", there) or re.search(
        rf"\b{re.escape(name)}\s*[=:]\s*[^,)}}\s]+", line
    )
    return found[0] if found else ""
